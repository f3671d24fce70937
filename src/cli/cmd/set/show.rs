//! `innerward set list` and `innerward set show`

use serde_json::json;

use super::{as_json, described, find, suppress};
use crate::cli::global::Global;
use crate::cli::output::{Output, counted, grouped};
use crate::digest::SignalKind;
use crate::hashset::{Permission, SetName, Sets, Use};
use crate::home::Home;
use crate::index::Index;

pub(super) fn list(home: &Home, out: &mut Output) -> anyhow::Result<()> {
    let sets = described(home)?;
    if sets.is_empty() {
        out.text("No sets yet; import one with `innerward set import NAME FILE`.")?;
    } else {
        out.text(format_args!(
            "{:<24} {:>12}  {:<7} {:<14} {:>8}  revised",
            "set", "entries", "role", "class", "revision"
        ))?;
    }
    for set in &sets {
        out.json("set", &as_json(set))?;
        out.text(format_args!(
            "{:<24} {:>12}  {:<7} {:<14} {:>8}  {}",
            set.name.as_str(),
            grouped(set.entries),
            set.role.as_str(),
            set.list_class.as_str(),
            set.revision,
            set.revised_on
        ))?;
    }
    out.json("summary", &json!({ "sets": sets.len() }))?;
    Ok(())
}

pub(super) fn show(global: &Global, name: &SetName, out: &mut Output) -> anyhow::Result<()> {
    let home = &global.open_home()?;
    let today = global.clock(home)?.today();
    let set = find(home, name)?;
    let index = Index::open(&home.index_dir())?;
    let withdrawn: u64 =
        index.sets().iter().filter(|live| live.name == name.as_str()).map(|live| live.withdrawn).sum();
    out.json("set", &as_json(&set))?;
    let bounds = set.bounds();
    let bits = |kind: SignalKind| bounds.get(kind).unwrap_or(kind.default_distance());
    out.text(format_args!("{name}: {}, {withdrawn} withdrawn", counted(set.entries, "entry", "entries")))?;
    out.text(format_args!(
        "  role {}, class {}, picture hashes up to {} bits apart",
        set.role.as_str(),
        set.list_class,
        bits(SignalKind::Pdq)
    ))?;
    for kind in index.kinds(name.as_str()).into_iter().filter(|kind| matches!(kind, SignalKind::Classic(_))) {
        out.text(format_args!("  {kind} up to {} bits apart", bits(kind)))?;
    }
    let suppressed = suppress::suppressed(home, name)?;
    if !suppressed.is_empty() {
        out.text(format_args!("  suppresses {}", suppressed.join(", ")))?;
    }
    for (what, note) in [("source", &set.source), ("licence", &set.licence)] {
        if !note.is_empty() {
            out.text(format_args!("  {what}: {note}"))?;
        }
    }
    let Permission { uses, keep_until } = set.permission;
    if set.permission != Permission::default() {
        let last = keep_until.map_or("without an end".into(), |last| format!("until {last}"));
        out.text(format_args!("  its agreement allows: {uses}, {last}"))?;
    }
    if let Err(forbidden) = set.allows(Use::Match, today) {
        out.text(format_args!("  it is not searched: {}", forbidden.reason))?;
    }
    if let Some(key) = &set.list_key {
        out.text(format_args!("  its lists are signed with key {}", key.short()))?;
    }
    let mut imports = Sets::open(home)?.imports(name)?;
    imports.retain(|import| import.in_force || import.revision == set.revision);
    for import in &imports {
        out.text(format_args!(
            "  revision {} on {}: {}, {} lines, {} entries, {} bad, {} repeats",
            import.revision,
            import.imported_on,
            import.form,
            grouped(import.counts.lines),
            grouped(import.counts.entries),
            grouped(import.counts.bad),
            grouped(import.counts.duplicates)
        ))?;
    }
    out.json("summary", &json!({ "imports": imports.len(), "withdrawn": withdrawn }))?;
    Ok(())
}
