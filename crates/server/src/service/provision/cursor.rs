//! Cursors (RFC 9865): the place where a page ended, under seal. Replicas share the key, so any of them
//! can go on, and none of them keeps anything.

use crate::app::App;
use crate::service::{Caller, Error, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Time;
use domain::limits::CURSOR_LIFETIME;
use domain::seal::SealKey;
use serde_json::{Value, json};
use store::query::{Anchor, Key};

/// What a cursor says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub anchor: Anchor,
    /// The page ends before the anchor; else it begins behind it.
    pub backward: bool,
    pub count: u64,
    /// How many resources there were when the first page was read.
    pub total: u64,
}

/// Seals and opens the cursors of one question, for one account.
#[derive(Debug)]
pub struct Sealer<'a> {
    pub app: &'a App,
    pub caller: &'a Caller,
    pub key: &'a SealKey,
    pub question: &'a str,
}

impl Sealer<'_> {
    pub fn seal(&self, cursor: &Cursor) -> Result<String> {
        let key = match &cursor.anchor.key {
            None => Value::Null,
            Some(Key::Text(text)) => json!(text),
            Some(Key::Number(number)) => json!(number),
        };
        let said = json!({
            "key": key,
            "id": cursor.anchor.id,
            "backward": cursor.backward,
            "count": cursor.count,
            "total": cursor.total,
            "question": self.question,
            "until": self.app.now().plus(CURSOR_LIFETIME).millis(),
        });
        let sealed = self.key.seal(&self.purpose(), &said.to_string(), &self.app.chance);
        let sealed =
            sealed.ok_or_else(|| store::Error::Unavailable("sealing failed".to_owned()))?;
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Reads what a client brings back. `count` is what it asks for besides, if anything.
    pub fn open(&self, text: &str, count: Option<u64>) -> Result<Cursor> {
        let said = self.unseal(text).ok_or_else(|| {
            scim::Error::invalid_cursor(
                "this cursor is not from this list; begin with an empty one",
            )
        })?;
        let until = said["until"].as_i64().map(Time::from_millis);
        if until.is_none_or(|until| until <= self.app.now()) {
            return Err(expired());
        }
        if said["question"] != self.question {
            return Err(scim::Error::invalid_cursor(
                "the cursor belongs to a query with another filter, order or resource type",
            )
            .into());
        }
        let cursor = cursor(&said).ok_or_else(expired)?;
        if count.is_some_and(|count| count != cursor.count) {
            return Err(scim::Error::invalid_count(format!(
                "`count` is {} on every page of this query, as it was on the first",
                cursor.count
            ))
            .into());
        }
        Ok(cursor)
    }

    fn unseal(&self, text: &str) -> Option<Value> {
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        serde_json::from_str(&self.key.open(&self.purpose(), &sealed)?).ok()
    }

    fn purpose(&self) -> String {
        format!("cursor {}", self.caller.account.id)
    }
}

fn cursor(said: &Value) -> Option<Cursor> {
    let key = match &said["key"] {
        Value::Null => None,
        Value::String(text) => Some(Key::Text(text.clone())),
        number => Some(Key::Number(number.as_i64()?)),
    };
    Some(Cursor {
        anchor: Anchor { key, id: said["id"].as_str()?.to_owned() },
        backward: said["backward"].as_bool()?,
        count: said["count"].as_u64()?,
        total: said["total"].as_u64()?,
    })
}

fn expired() -> Error {
    scim::Error::expired_cursor("the cursor has expired; begin with an empty one").into()
}
