//! The dashboard's door: one-time links in, sessions while inside, and out.

use crate::app::App;
use crate::service::{Caller, Error, Result, Unit};
use domain::audit::{Change, Origin, Subject};
use domain::id::SessionId;
use domain::limits::{SESSION_LIFETIME, SIGN_IN_LINK_LIFETIME};
use domain::member::Status;
use domain::secret::{Kind, Secret};
use serde_json::{Value, json};
use store::session::Session;
use store::{account, link, member, session};

/// A link that signs a member in once.
pub async fn make_link(app: &App, caller: &Caller, email: &str) -> Result<Secret> {
    let mut unit = Unit::begin(app, caller).await?;
    let found = member::find_by_key(&mut unit, &scim::schema::fold(email)).await?;
    let unknown = || Error::not_found("member", email);
    let id = found.ok_or_else(unknown)?.id;
    // Locked, so that a link can't slip past the end of the membership.
    let member = member::find_for_update(&mut unit, &id)
        .await?
        .filter(|member| member.status != Status::Removed)
        .ok_or_else(unknown)?;
    let secret = Secret::new(Kind::SignInLink, &app.chance);
    let expires_at = unit.now.plus(SIGN_IN_LINK_LIFETIME);
    link::insert(&mut unit, &secret, &member.id, expires_at).await?;
    let after = json!({"expires_on": expires_at});
    let change = Change::create(
        "Create Sign-in Link",
        Subject {
            product: "sessions",
            kind: "sign_in_link",
            id: member.id.to_string(),
            name: member.email.clone(),
        },
        after,
    );
    unit.commit(change).await?;
    Ok(secret)
}

/// Trades a link for a session. An invited member accepts by coming.
pub async fn redeem(app: &App, value: &str, ip: &str, origin: Origin) -> Result<(Session, Secret)> {
    const OVER: Error = Error::Unauthenticated(
        "this sign-in link was used, has expired, or never was one; make another with `provost sign-in-link`",
    );
    let secret = Secret::parse(value).ok_or(OVER)?;
    let mut conn = app.db.read_across_accounts().await?;
    let (id, member_id) = link::find(&mut conn, &secret).await?.ok_or(OVER)?;
    let account = account::find(&mut conn, &id).await?.ok_or(OVER)?;
    drop(conn);
    let mut conn = app.db.read(&id).await?;
    let member = member::find(&mut conn, &member_id).await?.ok_or(OVER)?;
    drop(conn);

    let caller = Caller::entering(account, &member, ip, origin);
    let mut unit = Unit::begin(app, &caller).await?;
    let now = unit.now;
    // The member before the link, as whoever ends a membership does.
    let mut member = member::find_for_update(&mut unit, &member_id).await?.ok_or(OVER)?;
    let id = link::take(&mut unit, &secret, now).await?.ok_or(OVER)?;
    match member.status {
        Status::Accepted => {}
        Status::Pending => {
            member.status = Status::Accepted;
            member.modified_at = now;
            member::replace(&mut unit, &member).await?;
        }
        Status::Removed => return Err(OVER),
    }
    let cookie = Secret::new(Kind::Session, &app.chance);
    let session = Session {
        id: SessionId::new(now, &app.chance),
        account_id: caller.account.id.clone(),
        member_id: id,
        expires_at: now.plus(SESSION_LIFETIME),
    };
    session::insert(&mut unit, &session, &cookie, now).await?;
    let change = Change::create(
        "Sign in",
        Subject {
            product: "sessions",
            kind: "dashboard_session",
            id: session.id.to_string(),
            name: member.email.clone(),
        },
        json!({"expires_on": session.expires_at}),
    );
    unit.commit(change).await?;
    Ok((session, cookie))
}

/// Ends one's own session.
pub async fn sign_out(app: &App, caller: &Caller, session: &Session) -> Result<()> {
    let mut unit = Unit::begin(app, caller).await?;
    session::delete(&mut unit, &session.id).await?;
    unit.commit(Change::delete(
        "Sign out",
        Subject {
            product: "sessions",
            kind: "dashboard_session",
            id: session.id.to_string(),
            name: caller.actor.email.clone(),
        },
        Value::Null,
    ))
    .await
}
