//! Reading the audit log.

use crate::app::App;
use crate::service::{Caller, Result};
use domain::audit::Event;
use domain::permission::Permission::AuditRead;
use store::audit::{self, Listing};

/// A page of events, newest first unless asked otherwise.
pub async fn list(app: &App, caller: &Caller, listing: &Listing) -> Result<Vec<Event>> {
    caller.require(AuditRead)?;
    let mut conn = app.db.read(&caller.account.id).await?;
    Ok(audit::list(&mut conn, listing).await?)
}
