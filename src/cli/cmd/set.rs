//! `innerward set …`

mod quarantine;
mod suppress;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, IsTerminal, Seek};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde_json::json;

use crate::cli::global::{Global, PATIENCE};
use crate::cli::output::{Output, complain, counted, grouped, on_one_line};
use crate::cli::status::Status;
use crate::digest::{Signal, SignalKind};
use crate::hashset::{
    Bounds, EntryKey, ListForm, ReadOptions, ReadReport, Role, SetInfo, SetName, SetUpdate, Sets,
    TextEncoding,
};
use crate::home::Home;
use crate::index::{Extent, Imported, Index, IndexWriter, Memory, add, import, merge, open_described};
use crate::vocabulary::{Code, Dimension};
use quarantine::Quarantine;
use suppress::Suppresses;

/// Import, list and withdraw shared hash lists
#[derive(Subcommand)]
pub(in crate::cli) enum Set {
    Import(Import),
    /// List all sets
    List,
    Show(Name),
    Withdraw(Withdraw),
    Quarantine(Quarantine),
    Remove(Name),
}

/// Make a set consist of the list in FILE, or add it; makes the home if there is none
///
/// Reads the tx CSV (signal_type,signal_str,collab,category,tags), hashdeep, and plain lists (one hash a line,
/// md5sum and its kin included), VICS JSON, saved answers of NCMEC, StopNCII, ThreatExchange and TCAP, and DFXML,
/// recognised by their content. A list may be packed with gzip, Zstandard or zip (one file in
/// it); that, too, goes by the content. Bad lines are reported as file:line: cause, counted and
/// skipped. The list replaces what the set held before, all or nothing; entries withdrawn earlier stay withdrawn.
#[derive(Args)]
pub(in crate::cli) struct Import {
    /// Name of the set inside this home: letters, digits, . _ -
    name: SetName,

    /// The list; `-` is stdin
    file: PathBuf,

    /// Add the list to what the set holds instead of replacing it
    ///
    /// Takes time for what is added and little for what is there. What the set says already is passed over. Where there
    /// are many small segments then, they are put together, as by `index merge`, after the new entries have begun to match.
    #[arg(long, conflicts_with = "role")]
    add: bool,

    /// Form of the list: tx, hashdeep, vics, ncmec, stopncii, threatexchange, tcap, dfxml, plain, plain:md5, plain:sha1, plain:sha256, plain:blake3, plain:pdq, and
    /// plain:KIND for the classic kinds, such as plain:gradient8
    ///
    /// Needed for bare values of 64 digits, which may be PDQ or SHA-256, and for bare values of a classic kind.
    #[arg(long = "as", value_name = "FORM")]
    form: Option<ListForm>,

    /// What the list is written in, such as windows-1252, iso-8859-1, windows-1251 or shift_jis
    ///
    /// Needed where that is not UTF-8 and the list does not say so itself, as UTF-16 does with its first two bytes.
    #[arg(long, value_name = "NAME")]
    encoding: Option<TextEncoding>,

    /// What the set is for: `match` (known and near), `ignore` (harmless files) or `watch` (counted, never shown) [default: match, or as before]
    #[arg(long, value_name = "ROLE")]
    role: Option<Role>,

    /// Class of the list, the only thing about it that releases may name [default: _U, or as before]
    ///
    /// NATIONAL, INTERNATIONAL, INDUSTRY, OWN, NCII, KNOWN_GOOD, _U
    #[arg(long, value_name = "CODE", value_parser = |text: &str| Dimension::ListClass.code(text))]
    class: Option<Code>,

    /// Differing bits allowed in a PDQ hash, bound included [default: 31, or as before]
    ///
    /// KIND=BITS for a classic kind, with commas between several: 31,gradient8=4. Their defaults are 5, 15 and 20 bits
    /// for a side of 8, 16 and 32, fewer for double-gradient.
    #[arg(long, value_name = "BITS")]
    max_distance: Option<Bounds>,

    /// Whom the list comes from, for your own people
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,

    /// What its terms allow, for your own people
    #[arg(long, value_name = "TEXT")]
    licence: Option<String>,

    #[command(flatten)]
    suppresses: Suppresses,

    /// Refuse the whole list at the first bad line
    #[arg(long)]
    strict: bool,
}

#[derive(Args)]
/// Show one set and its imports, or take it away
pub(in crate::cli) struct Name {
    /// Name of the set
    name: SetName,
}

/// Withdraw entries: they stop matching at once, and stay withdrawn when the list is imported again
#[derive(Args)]
pub(in crate::cli) struct Withdraw {
    /// Name of the set
    name: SetName,

    /// Keys of entries, as `match` and `screen` show them, or hashes as kind:hex, for every entry that has them
    #[arg(required = true, value_name = "ENTRY")]
    entries: Vec<String>,
}

impl Set {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        match self {
            Self::Import(verb) => verb.run(global, out)?,
            Self::List => list(&global.open_home()?, out)?,
            Self::Show(verb) => show(&global.open_home()?, &verb.name, out)?,
            Self::Withdraw(verb) => verb.run(global, out)?,
            Self::Quarantine(verb) => verb.run(&global.open_home()?, out)?,
            Self::Remove(verb) => remove(&global.open_home()?, &verb.name, out)?,
        }
        Ok(Status::default())
    }
}

impl Import {
    fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        let from_stdin = self.file.as_os_str() == "-";
        let shown = if from_stdin { "stdin".into() } else { on_one_line(self.file.display()) };
        let named =
            if from_stdin { None } else { Some(File::open(&self.file).with_context(|| shown.clone())?) };
        let home = global.open_or_create_home()?;
        let mut input = named.map_or_else(|| spooled_stdin(&home), Ok)?;
        let name = self.file.file_name().unwrap_or_default().to_string_lossy();
        let options = ReadOptions {
            form: self.form,
            kind_in_name: ListForm::kind_in_name(&name),
            strict: self.strict,
            encoding: self.encoding,
            ..ReadOptions::default()
        };
        let bounds = self.max_distance.clone().unwrap_or_default();
        let update = SetUpdate {
            role: self.role,
            list_class: self.class,
            max_distance: bounds.pdq,
            classic_distances: bounds.classic,
            source: self.source.clone(),
            licence: self.licence.clone(),
        };
        let today = global.clock(&home)?.today();
        let lock = home.lock_within(PATIENCE)?;
        self.suppresses.check(&home, &self.name, self.role)?;
        let bring = if self.add { add } else { import };
        let imported = bring(&home, &lock, &self.name, &mut input, &options, &update, today)
            .with_context(|| format!("{shown}: not imported"))?;
        self.suppresses.apply(&home, &self.name)?;
        report_bad_lines(&shown, &imported.report);
        if self.add
            && let Err(error) = merge(&home, &lock, &self.name, Extent::Tiers)
        {
            // The list is in, and that is what was asked for.
            complain(format_args!("{}: added; its segments were not put together: {error}", self.name));
        }
        out.json("set", &as_json(&imported.set))?;
        out.json("summary", &summary(&imported))?;
        print_import(&imported, out)
    }
}

/// Everything that stdin has to give, in a file without a name: the home is not locked while somebody types.
fn spooled_stdin(home: &Home) -> anyhow::Result<File> {
    if io::stdin().is_terminal() {
        complain("reading the list from the terminal; end it with Ctrl-D");
    }
    let mut spool = home.nameless_file()?;
    io::copy(&mut io::stdin().lock(), &mut spool).context("stdin")?;
    spool.rewind().context("stdin")?;
    Ok(spool)
}

/// Every remembered bad line, as `file:line: cause`.
pub(in crate::cli) fn report_bad_lines(file: &str, report: &ReadReport) {
    for bad in &report.bad {
        complain(format_args!("{file}:{bad}"));
    }
    let more = report.bad_total - report.bad.len() as u64;
    if more > 0 {
        complain(format_args!("{file}: and {} more bad lines", grouped(more)));
    }
}

fn summary(imported: &Imported) -> serde_json::Value {
    let report = &imported.report;
    json!({
        "form": report.form.to_string(),
        "lines": report.lines,
        "entries": report.entries,
        "duplicates": report.duplicates,
        "bad_lines": report.bad_total,
        "unsupported": report.unsupported,
        "dropped_tags": report.dropped_tags,
        "withdrawn": imported.withdrawn,
        "replaced": report.replaced,
        "outdated": report.outdated,
        "withdrawals": report.withdrawals,
        "dropped_fields": report.dropped_fields,
        "present": imported.present,
    })
}

/// What an import did, in one line and its exceptions.
pub(in crate::cli) fn print_import(imported: &Imported, out: &mut Output) -> anyhow::Result<()> {
    let (set, report) = (&imported.set, &imported.report);
    out.text(format_args!(
        "{}: {} ({}), role {}, {}, revision {}",
        set.name,
        counted(set.entries, "entry", "entries"),
        report.form,
        set.role.as_str(),
        set.list_class,
        set.revision
    ))?;
    let unsupported: u64 = report.unsupported.values().sum();
    let kinds = report.unsupported.keys().cloned().collect::<Vec<_>>().join(", ");
    let dropped: u64 = report.dropped_fields.values().sum();
    let fields = report.dropped_fields.keys().copied().collect::<Vec<_>>().join(", ");
    for (number, what) in [
        (report.bad_total, "bad lines skipped".to_owned()),
        (report.duplicates, "repeats of earlier lines skipped".to_owned()),
        (unsupported, format!("hashes of kinds that are not matched here: {kinds}")),
        (report.dropped_tags, "tags outside the vocabulary dropped".to_owned()),
        (dropped, format!("fields that are not kept: {fields}")),
        (report.replaced, "records replaced by later ones".to_owned()),
        (report.outdated, "records older than what stands under their id".to_owned()),
        (report.withdrawals, "entries taken back by the list".to_owned()),
        (imported.present, "entries that the set had already".to_owned()),
        (imported.withdrawn, "entries withdrawn earlier stay withdrawn".to_owned()),
    ] {
        if number > 0 {
            out.text(format_args!("  {:>9}   {what}", grouped(number)))?;
        }
    }
    Ok(())
}

impl Withdraw {
    fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        let home = global.open_home()?;
        let today = global.clock(&home)?.today();
        let lock = home.lock_within(PATIENCE)?;
        find(&home, &self.name)?;
        let keys = self.keys(&Index::open(&home.index_dir())?)?;
        // The record first: if the process dies in between, the next import still honours it.
        let recorded = Sets::open(&home)?.withdraw(&self.name, &keys, today)?;
        let withdrawn = IndexWriter::open(&home.index_dir(), &lock)?.withdraw(self.name.as_str(), &keys)?;
        if withdrawn == 0 && recorded > 0 {
            bail!(
                "no entry of {} was withdrawn: it has none with these keys; should a list \
                 bring them, they stay withdrawn",
                self.name
            );
        }
        out.json("summary", &json!({ "set": self.name, "withdrawn": withdrawn }))?;
        out.text(format_args!("{}: {} withdrawn", self.name, counted(withdrawn, "entry", "entries")))?;
        Ok(())
    }

    /// The keys that were typed, and those of the entries with the hashes that were typed.
    fn keys(&self, index: &Index) -> anyhow::Result<Vec<EntryKey>> {
        let mut keys = Vec::new();
        for typed in &self.entries {
            let Ok(signal) = typed.parse::<Signal>() else {
                keys.push(EntryKey::new(typed.as_str())?);
                continue;
            };
            let before = keys.len();
            for hit in index.exact(&signal)? {
                let entry = index.entry(&hit)?;
                if entry.set() == self.name.as_str() {
                    keys.push(EntryKey::new(entry.key().as_str())?);
                }
            }
            if keys.len() == before {
                bail!("no entry of {} has this {}", self.name, signal.kind());
            }
        }
        Ok(keys)
    }
}

fn described(home: &Home) -> anyhow::Result<Vec<SetInfo>> {
    Ok(open_described(home, Memory::Mapped)?.1)
}

fn find(home: &Home, name: &SetName) -> anyhow::Result<SetInfo> {
    match described(home)?.into_iter().find(|set| set.name == *name) {
        Some(set) => Ok(set),
        None => bail!("there is no set called {name}; `innerward set list` shows those that there are"),
    }
}

fn as_json(set: &SetInfo) -> serde_json::Value {
    let classic = set.classic_distances.iter().map(|(kind, max)| (kind.to_string(), max.bits()));
    json!({
        "set": set.name,
        "revision": set.revision,
        "entries": set.entries,
        "role": set.role,
        "list_class": set.list_class,
        "max_distance": set.max_distance,
        "classic_distances": classic.collect::<BTreeMap<_, _>>(),
        "source": set.source,
        "licence": set.licence,
        "created_on": set.created_on,
        "revised_on": set.revised_on,
    })
}

fn list(home: &Home, out: &mut Output) -> anyhow::Result<()> {
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

fn show(home: &Home, name: &SetName, out: &mut Output) -> anyhow::Result<()> {
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
    let imports = Sets::open(home)?.imports(name)?;
    for import in &imports {
        out.text(format_args!(
            "  revision {} on {}: {}, {} lines, {} entries, {} bad, {} repeats",
            import.revision,
            import.imported_on,
            import.form,
            grouped(import.lines),
            grouped(import.entries),
            grouped(import.bad_lines),
            grouped(import.duplicates)
        ))?;
    }
    out.json("summary", &json!({ "imports": imports.len(), "withdrawn": withdrawn }))?;
    Ok(())
}

fn remove(home: &Home, name: &SetName, out: &mut Output) -> anyhow::Result<()> {
    let lock = home.lock_within(PATIENCE)?;
    find(home, name)?;
    IndexWriter::open(&home.index_dir(), &lock)?.remove_set(name.as_str())?;
    Sets::open(home)?.remove(name)?;
    suppress::forget(home, name)?;
    out.json("summary", &json!({ "set": name, "removed": true }))?;
    out.text(format_args!("{name}: removed; its withdrawals are kept"))?;
    Ok(())
}
