//! Keys of this installation: made once, by whichever replica comes first, and the same for all.

use crate::db::{Value, Write};
use crate::error::{Error, Result};
use crate::values;
use domain::seal::SealKey;

/// The key of this name; `new` becomes it when there is none.
pub async fn ensure(write: &mut Write, name: &str, new: &SealKey) -> Result<SealKey> {
    let insert =
        "INSERT INTO server_key (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    write.execute_across_accounts(insert, &values![name, new.reveal()]).await?;
    let find = "SELECT value FROM server_key WHERE name = $1";
    let rows = write.query_across_accounts(find, &[Value::from(name)]).await?;
    let text = rows.into_iter().next().ok_or(Error::Corrupt("server_key"))?.text(0)?;
    SealKey::parse(&text).ok_or(Error::Corrupt("server_key.value"))
}
