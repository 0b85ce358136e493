//! One change: a transaction that ends in exactly one audit event, or never was.

use crate::app::App;
use crate::service::{Caller, Result};
use domain::Time;
use domain::audit::{Change, Event};
use domain::id::EventId;
use std::ops::{Deref, DerefMut};
use store::{Write, audit};

#[derive(Debug)]
pub struct Unit<'a> {
    app: &'a App,
    caller: &'a Caller,
    pub now: Time,
    recorded: bool,
    write: Write,
}

impl<'a> Unit<'a> {
    pub async fn begin(app: &'a App, caller: &'a Caller) -> Result<Unit<'a>> {
        let write = app.db.write(&caller.account.id).await?;
        Ok(Unit { app, caller, now: app.now(), recorded: false, write })
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
        self.record(change).await?;
        self.finish().await
    }

    /// Adds the event of one change to those that are committed together.
    pub async fn record(&mut self, change: Change) -> Result<()> {
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
            before: change.before,
            after: change.after,
            notes: change.notes,
        };
        self.recorded = true;
        Ok(audit::append(&mut self.write, &event).await?)
    }

    /// Returns when everything that was recorded is on disk. A unit that recorded nothing changed
    /// nothing, and is given up.
    pub async fn finish(self) -> Result<()> {
        if self.recorded { Ok(self.write.commit().await?) } else { Ok(()) }
    }
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
