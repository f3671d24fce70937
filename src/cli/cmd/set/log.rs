//! `innerward set log`

use anyhow::bail;
use serde_json::{Value, json};

use super::described;
use crate::cli::output::{Output, counted, grouped, wrapped};
use crate::hashset::{Changed, Event, Happened, Import, SetName, Sets};
use crate::home::Home;

/// Digits of a file's BLAKE3 that people are shown: enough to tell a dozen files apart.
const DIGITS: usize = 16;

pub(super) fn log(home: &Home, name: &SetName, out: &mut Output) -> anyhow::Result<()> {
    let current = described(home)?.into_iter().find(|set| set.name == *name).map(|set| set.revision);
    let events = Sets::open(home)?.history(name, current)?;
    if events.is_empty() {
        bail!(
            "nothing was ever done to a set called {name}; `innerward set list` shows those that there are"
        );
    }
    for event in &events {
        out.json("event", &as_json(event))?;
        let when = match event.at {
            Some(at) => at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            None => event.on.to_string(),
        };
        let (first, mut more) = words(event);
        if let Some(by) = &event.by {
            more.push(format!("by {by}"));
        }
        out.text(format_args!("{when:<19}  {first}"))?;
        for line in more.iter().flat_map(|line| wrapped(line, 58)) {
            out.text(format_args!("{:19}  {line}", ""))?;
        }
    }
    out.json("summary", &json!({ "set": name, "events": events.len(), "revision": current }))?;
    Ok(())
}

/// What happened in one line, and what else there is to say of it.
fn words(event: &Event) -> (String, Vec<String>) {
    let revision = event.revision.map(|revision| format!("revision {revision}: ")).unwrap_or_default();
    match &event.what {
        Happened::Imported(import) => import_in_words(&revision, import),
        Happened::Changed(changes) => {
            (format!("{revision}changed"), changes.iter().map(change_in_words).collect())
        }
        Happened::Withdrawn { keys } => {
            (format!("{} withdrawn by hand", counted(*keys, "entry", "entries")), Vec::new())
        }
        Happened::Removed => ("removed".into(), Vec::new()),
    }
}

fn import_in_words(revision: &str, import: &Import) -> (String, Vec<String>) {
    let counts = &import.counts;
    let verb = if import.added == Some(true) { "added" } else { "imported" };
    let first = format!("{revision}{verb} {}", counted(counts.entries, "entry", "entries"));
    let mut more = vec![format!("{} file {}", import.form, &import.file_blake3.to_hex()[..DIGITS])];
    let some = |number: u64, what: &str| (number > 0).then(|| format!("{} {what}", grouped(number)));
    let effect: Vec<_> = [
        (counts.new.unwrap_or(0), "new"),
        (counts.gone.unwrap_or(0), "gone"),
        (counts.withdrawals, "taken back by the list"),
        (counts.withdrawn, "withdrawn earlier"),
        (counts.present, "there already"),
        (counts.bad, "bad lines"),
        (counts.duplicates, "repeats"),
        (counts.replaced, "replaced"),
        (counts.outdated, "outdated"),
        (counts.unsupported_lines, "of kinds that are not matched"),
        (counts.dropped_tags, "tags dropped"),
        (counts.unknown_categories, "with an unknown category"),
        (counts.dropped_fields.values().sum(), "fields dropped"),
    ]
    .into_iter()
    .filter_map(|(number, what)| some(number, what))
    .collect();
    if !effect.is_empty() {
        more.push(effect.join(", "));
    }
    if let Some(key) = &import.signed_by {
        more.push(format!("signed with key {}", key.short()));
    }
    more.extend(import.changes.iter().map(change_in_words));
    (first, more)
}

fn change_in_words(change: &Changed) -> String {
    let shown = |text: &str| if text.is_empty() { "(empty)".to_owned() } else { text.to_owned() };
    format!("{}: {} -> {}", change.what, shown(&change.from), shown(&change.to))
}

fn as_json(event: &Event) -> Value {
    let what = match &event.what {
        Happened::Imported(import) if import.added == Some(true) => "addition",
        Happened::Imported(_) => "import",
        Happened::Changed(_) => "change",
        Happened::Withdrawn { .. } => "withdrawal",
        Happened::Removed => "removal",
    };
    let changes = match &event.what {
        Happened::Imported(import) => &import.changes[..],
        Happened::Changed(changes) => changes,
        _ => &[],
    };
    let import = match &event.what {
        Happened::Imported(import) => Some(import_as_json(import)),
        _ => None,
    };
    let withdrawn = match &event.what {
        Happened::Withdrawn { keys } => Some(*keys),
        Happened::Imported(import) => Some(import.counts.withdrawals),
        _ => None,
    };
    json!({
        "event": what,
        "revision": event.revision,
        "on": event.on.to_string(),
        "at": event.at.map(|at| at.to_string()),
        "by": event.by,
        "withdrawn": withdrawn,
        "changes": changes,
        "import": import,
    })
}

fn import_as_json(import: &Import) -> Value {
    json!({
        "form": import.form,
        "file_blake3": import.file_blake3.to_hex(),
        "bytes": import.bytes,
        "signed_by": import.signed_by.map(|key| key.to_string()),
        "counts": import.counts,
    })
}
