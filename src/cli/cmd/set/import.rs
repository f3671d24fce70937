//! `innerward set import`

use std::fs::File;
use std::io::{self, IsTerminal, Seek};
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde_json::json;

use super::as_json;
use crate::cli::global::{Global, PATIENCE};
use crate::cli::output::{Output, complain, counted, grouped, on_one_line};
use crate::hashset::{Bounds, ListForm, ReadOptions, ReadReport, Role, SetName, SetUpdate, TextEncoding};
use crate::home::Home;
use crate::index::{Extent, Imported, add, import, merge};
use crate::vocabulary::{Code, Dimension};

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

    /// What the set is for: `match` (known and near) or `ignore` (harmless files) [default: match, or as before]
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

    /// Refuse the whole list at the first bad line
    #[arg(long)]
    strict: bool,
}

impl Import {
    pub(super) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
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
        let bring = if self.add { add } else { import };
        let imported = bring(&home, &lock, &self.name, &mut input, &options, &update, today)
            .with_context(|| format!("{shown}: not imported"))?;
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
