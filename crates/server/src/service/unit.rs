//! One change: a transaction that ends in exactly one audit event, or never was.

use crate::app::App;
use crate::service::{Caller, Result};
use domain::Time;
use domain::audit::{Change, Event};
use domain::id::EventId;
use domain::limits::AUDIT_VALUE_BYTES_MAX;
use serde_json::{Value, json};
use std::ops::{Deref, DerefMut};
use store::{Write, audit};

#[derive(Debug)]
pub struct Unit<'a> {
    app: &'a App,
    caller: &'a Caller,
    pub now: Time,
    write: Write,
}

impl<'a> Unit<'a> {
    pub async fn begin(app: &'a App, caller: &'a Caller) -> Result<Unit<'a>> {
        let write = app.db.write(&caller.account.id).await?;
        Ok(Unit { app, caller, now: app.now(), write })
    }

    #[must_use]
    pub fn app(&self) -> &'a App {
        self.app
    }

    #[must_use]
    pub fn caller(&self) -> &'a Caller {
        self.caller
    }

    /// Records the change and returns when both are on disk.
    pub async fn commit(mut self, change: Change) -> Result<()> {
        let event = Event {
            id: EventId::new(self.now, &self.app.chance),
            account_id: self.caller.account.id.clone(),
            at: self.now,
            action: change.action.to_owned(),
            kind: change.kind.as_str().to_owned(),
            actor: self.caller.actor.clone(),
            origin: self.caller.origin.clone(),
            product: change.subject.product.to_owned(),
            resource_type: change.subject.kind.to_owned(),
            resource_id: change.subject.id,
            resource_name: change.subject.name,
            before: cut(change.before),
            after: cut(change.after),
            notes: change.notes,
        };
        audit::append(&mut self.write, &event).await?;
        Ok(self.write.commit().await?)
    }
}

/// A log that keeps everything would let one large resource fill it.
fn cut(value: Value) -> Value {
    let bytes = value.to_string().len();
    if bytes > AUDIT_VALUE_BYTES_MAX { json!({"left_out_bytes": bytes}) } else { value }
}

impl Deref for Unit<'_> {
    type Target = Write;

    fn deref(&self) -> &Write {
        &self.write
    }
}

impl DerefMut for Unit<'_> {
    fn deref_mut(&mut self) -> &mut Write {
        &mut self.write
    }
}
