//! Many tasks in one transaction, each of them done or not done at all (RFC 7644 section 3.7).

use super::{Task, perform};
use crate::app::App;
use crate::service::{Caller, Error, Result, Unit};
use store::resource::Resource;

#[derive(Debug)]
pub struct Bulk<'a>(Unit<'a>);

impl<'a> Bulk<'a> {
    pub async fn begin(app: &'a App, caller: &'a Caller) -> Result<Bulk<'a>> {
        Ok(Bulk(Unit::begin(app, caller).await?))
    }

    /// Carries out one task; when that fails, as if it had never been asked for. The outer error is of
    /// the database, after which nothing of the bulk can be kept.
    pub async fn perform(&mut self, task: Task) -> Result<Result<Option<Resource>>> {
        let unit = &mut self.0;
        unit.mark().await?;
        match perform(unit, task).await {
            Ok(resource) => {
                unit.keep().await?;
                Ok(Ok(resource))
            }
            Err(error @ Error::Store(store::Error::Unavailable(_) | store::Error::Corrupt(_))) => {
                Err(error)
            }
            Err(error) => {
                unit.roll_back().await?;
                Ok(Err(error))
            }
        }
    }

    /// Returns when everything that succeeded is on disk.
    pub async fn finish(self) -> Result<()> {
        self.0.finish().await
    }
}
