//! Schemas that an account adds, on the wire. Their id is their URN.

use super::{Answer, Paging, success};
use crate::app::App;
use crate::http::extract::ApiCall;
use crate::service::schemas::{self, NewSchema};
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use store::account_schema::AccountSchema;

pub async fn list(State(app): State<App>, call: ApiCall) -> Answer {
    let paging = Paging::of(&call.query)?;
    let listed = schemas::list(&app, &call.caller).await?;
    Ok(paging.cut(listed.iter().map(show).collect()))
}

pub async fn get(State(app): State<App>, call: ApiCall) -> Answer {
    Ok(success(&show(&schemas::get(&app, &call.caller, &call.id).await?)))
}

pub async fn create(State(app): State<App>, call: ApiCall) -> Answer {
    let new = call.json::<Body>()?.into();
    Ok(success(&show(&schemas::create(&app, &call.caller, &new).await?)))
}

pub async fn update(State(app): State<App>, call: ApiCall) -> Answer {
    let new = call.json::<Body>()?.into();
    Ok(success(&show(&schemas::update(&app, &call.caller, &call.id, &new).await?)))
}

pub async fn delete(State(app): State<App>, call: ApiCall) -> Answer {
    let gone = schemas::delete(&app, &call.caller, &call.id).await?;
    Ok(success(&json!({"id": gone.urn()})))
}

#[derive(Deserialize)]
struct Body {
    resource_type: Option<String>,
    required: Option<bool>,
    #[serde(default)]
    schema: Value,
}

impl From<Body> for NewSchema {
    fn from(body: Body) -> NewSchema {
        NewSchema {
            resource_type: body.resource_type,
            required: body.required,
            definition: body.schema,
        }
    }
}

fn show(schema: &AccountSchema) -> Value {
    let mut shown = schemas::show(schema);
    shown["created_on"] = json!(schema.created_at);
    shown["modified_on"] = json!(schema.modified_at);
    shown
}
