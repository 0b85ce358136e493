//! Many tasks in one transaction, each of them done or not done at all (RFC 7644 section 3.7).

use super::{Task, perform};
use crate::app::App;
use crate::service::{Caller, Error, Result, Unit};
use store::resource::Resource;

/// How to be sure that a task that fails leaves nothing behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Care {
    /// By hoping that none fails after it has changed something. A mark before each task would cost as
    /// much as the task itself.
    Hope,
    /// By a mark before each task.
    Marks,
}

#[derive(Debug)]
pub struct Bulk<'a> {
    unit: Unit<'a>,
    care: Care,
}

/// What became of a task.
#[derive(Debug)]
pub enum Outcome {
    Done(Option<Resource>),
    /// As if it had never been asked for.
    Failed(Error),
    /// It left something behind: the whole bulk is to be begun anew, with [`Care::Marks`].
    Spoilt,
}

impl<'a> Bulk<'a> {
    pub async fn begin(app: &'a App, caller: &'a Caller, care: Care) -> Result<Bulk<'a>> {
        Ok(Bulk { unit: Unit::begin(app, caller).await?, care })
    }

    /// Carries out one task. An error is of the database, and nothing of the bulk is kept after it.
    pub async fn perform(&mut self, task: Task) -> Result<Outcome> {
        let unit = &mut self.unit;
        if self.care == Care::Marks {
            unit.mark().await?;
        }
        let changes = unit.changes();
        let error = match perform(unit, task).await {
            Ok(resource) => {
                if self.care == Care::Marks {
                    unit.keep().await?;
                }
                return Ok(Outcome::Done(resource));
            }
            Err(error) => error,
        };
        // After an error of its own PostgreSQL goes on only from a mark.
        let of_database = matches!(error, Error::Store(_));
        match (self.care, &error) {
            (_, Error::Store(store::Error::Unavailable(_) | store::Error::Corrupt(_))) => {
                Err(error)
            }
            (Care::Marks, _) => {
                unit.roll_back().await?;
                Ok(Outcome::Failed(error))
            }
            (Care::Hope, _) if unit.changes() == changes && !of_database => {
                Ok(Outcome::Failed(error))
            }
            (Care::Hope, _) => Ok(Outcome::Spoilt),
        }
    }

    /// Returns when everything that succeeded is on disk.
    pub async fn finish(self) -> Result<()> {
        self.unit.finish().await
    }
}
