//! `innerward set remove`

use serde_json::json;

use super::find;
use crate::cli::global::PATIENCE;
use crate::cli::output::Output;
use crate::hashset::{SetName, Sets};
use crate::home::Home;
use crate::index::IndexWriter;

pub(super) fn remove(home: &Home, name: &SetName, out: &mut Output) -> anyhow::Result<()> {
    let lock = home.lock_within(PATIENCE)?;
    find(home, name)?;
    IndexWriter::open(&home.index_dir(), &lock)?.remove_set(name.as_str())?;
    Sets::open(home)?.remove(name)?;
    out.json("summary", &json!({ "set": name, "removed": true }))?;
    out.text(format_args!("{name}: removed; its withdrawals are kept"))?;
    Ok(())
}
