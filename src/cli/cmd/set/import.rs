//! `innerward set import`

use std::fs::File;
use std::io::{self, IsTerminal, Read, Seek};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use serde_json::json;

use super::as_json;
use super::policy::{By, Policy};
use super::reading::{print_guess, read_map};
use crate::cli::global::{Global, PATIENCE};
use crate::cli::output::{Output, complain, counted, grouped, on_one_line};
use crate::cli::scratch::Scratch;
use crate::hashset::{
    ListForm, ListKey, ListSignature, ReadOptions, ReadReport, SetInfo, SetName, TextEncoding, guess,
    profiles_of, stop_list_of,
};
use crate::home::{Did, Home, HomeError, WriteLock};
use crate::index::{
    Brought, Changes, Extent, ImportOptions, Imported, Rehearsal, bring, list_key, merge, rehearse,
};

/// Make a set consist of the list in FILE, or add it; makes the home if there is none
///
/// Reads innerward's own lists, the tx CSV (signal_type,signal_str,collab,category,tags), hashdeep, plain lists (one
/// hash a line, md5sum and its kin included), VICS JSON, saved answers of NCMEC, StopNCII, ThreatExchange, TCAP and
/// Arachnid Shield, INTERPOL's ICSE export, state files of tx and HMA, vPDQ, DFXML and NSRL (2 and 3),
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

    /// Form of the list, where its content does not tell it
    ///
    /// innerward, tx, hashdeep, vics, ncmec, stopncii, threatexchange, tcap, arachnid, icse, dfxml, vpdq, rdsv2, rdsv3,
    /// state, state:KIND, plain, plain:md5, plain:sha1, plain:sha256, plain:blake3, plain:pdq, and plain:KIND for the
    /// classic kinds, such as plain:gradient8. Needed for bare values of 64 digits, which may be PDQ or SHA-256, and for
    /// bare values of a classic kind.
    #[arg(long = "as", value_name = "FORM")]
    form: Option<ListForm>,

    /// What the columns of the list are, in TOML: any CSV or TSV can be read with it
    ///
    /// `--guess` proposes one; docs/cli.md has every key.
    #[arg(long, value_name = "FILE", conflicts_with = "form")]
    map: Option<PathBuf>,

    /// Say what the list looks like, and how it would be read; imports nothing
    ///
    /// Shows the form, for a table a map to begin with, and the first rows with hashes cut to four digits.
    #[arg(long, conflicts_with_all = ["map", "form"])]
    guess: bool,

    /// What the list is written in, such as windows-1252, iso-8859-1, windows-1251 or shift_jis
    ///
    /// Needed where that is not UTF-8 and the list does not say so itself, as UTF-16 does with its first two bytes.
    #[arg(long, value_name = "NAME")]
    encoding: Option<TextEncoding>,

    /// Refuse the whole list at the first bad line
    #[arg(long)]
    strict: bool,

    #[command(flatten)]
    policy: Policy,

    /// Say what would change, and change nothing
    ///
    /// Reads and checks the whole list, and counts what would be new, gone, changed and withdrawn. Makes no home either.
    #[arg(long)]
    dry_run: bool,

    /// Percent of the entries that match which may go without --yes [default: 10, or max_drop_percent]
    ///
    /// A download that broke off looks like a list of which much is gone. What counts are entries whose key the list does
    /// not have, however long it is, and what it takes back itself if that is more than 10 entries.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(..=100))]
    max_drop: Option<u8>,

    /// Import the list although much of the set goes, it is signed with another key than --key named before, or nobody
    /// knows whether the set had one, its database being lost
    #[arg(long)]
    yes: bool,

    /// Import the list even if the set holds just that, for example because the index is damaged
    #[arg(long)]
    anew: bool,

    /// The signature of the list: minisign's, or a bare ed25519 signature
    ///
    /// It is checked over the file as it lies, before anything is imported. Without this option, the signature of a list
    /// that must have one is looked for in FILE.minisig and FILE.sig.
    #[arg(long, value_name = "FILE")]
    signature: Option<PathBuf>,

    /// The key of whoever signs the list, or a file with it: the set takes no others from now on
    ///
    /// minisign's public key (56 characters that start with RW), or 64 hexadecimal digits of an ed25519 key; a file may
    /// hold either, or the latter as 32 bytes or PEM.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,

    #[command(flatten)]
    by: By,
}

impl Import {
    pub(super) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        let from_stdin = self.file.as_os_str() == "-";
        let shown = if from_stdin { "stdin".into() } else { on_one_line(self.file.display()) };
        if self.guess {
            return self.guess(&shown, out);
        }
        let map = self.map.as_deref().map(read_map).transpose()?;
        let named =
            if from_stdin { None } else { Some(File::open(&self.file).with_context(|| shown.clone())?) };
        let key = self.key.as_deref().map(ListKey::of_text_or_file).transpose().context("--key")?;
        // Before there is a home, a rehearsal takes place in one that is gone afterwards.
        let mut stage = None;
        let home = match global.open_home() {
            Err(error) if self.dry_run && is_missing(&error) => {
                complain(format_args!("{error}: rehearsed as a first import"));
                let scratch = Scratch::below(&std::env::temp_dir(), "innerward-rehearsal")?;
                Home::create(stage.insert(scratch).path(), false)?
            }
            other if self.dry_run => other?,
            _ => global.open_or_create_home()?,
        };
        // A list is read twice, and a pipe cannot be.
        let (mut input, path) = match named {
            Some(file) if file.metadata().is_ok_and(|about| about.is_file()) => {
                (file, Some(self.file.clone()))
            }
            Some(mut pipe) => (spooled(&mut pipe, &home).with_context(|| shown.clone())?, None),
            None => (spooled_stdin(&home)?, None),
        };
        let stop = stop_list_of(&home)?;
        let profiles = Arc::new(profiles_of(&home)?);
        let read = ReadOptions { map, stop, path, profiles, may_be_empty: self.add, ..self.read_options() };
        let max_drop = self.max_drop.or(home.config()?.max_drop_percent);
        let made = self.by.made(global, &home)?;
        let lock = home.lock_within(PATIENCE)?;
        let options = ImportOptions {
            add: self.add,
            signature: self
                .signature_of_list(&home, &lock, key)
                .with_context(|| format!("{shown}: not imported"))?,
            key,
            max_drop: max_drop.unwrap_or(ImportOptions::MAX_DROP),
            agreed: self.yes,
            anew: self.anew,
            ..ImportOptions::new(read, self.policy.update(), made)
        };
        self.policy.suppresses.check(&home, &self.name, self.policy.role)?;
        if self.dry_run {
            let rehearsal = rehearse(&home, &lock, &self.name, &mut input, &options)
                .with_context(|| format!("{shown}: would not be imported"))?;
            report_bad_lines(&shown, &rehearsal.report);
            return print_rehearsal(&self.name, &rehearsal, out);
        }
        let doing = self.by.doing(Did::SetImport, &self.name);
        let doing = doing.with("mode", options.mode()).with("agreed", options.agreed);
        let brought = doing.telling(global, &home, || {
            let brought = bring(&home, &lock, &self.name, &mut input, &options)
                .with_context(|| format!("{shown}: not imported"))?;
            self.policy.suppresses.apply(&home, &self.name)?;
            let told = brought.in_counts();
            Ok((brought, told))
        })?;
        let imported = match brought {
            Brought::Imported(imported) => imported,
            Brought::Unchanged(set) => return print_unchanged(&set, out),
        };
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

    /// What was typed of how the list is to be read.
    fn read_options(&self) -> ReadOptions {
        let name = self.file.file_name().unwrap_or_default().to_string_lossy();
        ReadOptions {
            form: self.form,
            kind_in_name: ListForm::kind_in_name(&name),
            strict: self.strict,
            encoding: self.encoding,
            ..ReadOptions::default()
        }
    }

    fn guess(&self, shown: &str, out: &mut Output) -> anyhow::Result<()> {
        let guessed = if self.file.as_os_str() == "-" {
            guess(&mut io::stdin().lock(), &self.read_options())
        } else {
            let mut file = File::open(&self.file).with_context(|| shown.to_owned())?;
            guess(&mut file, &self.read_options())
        };
        print_guess(shown, &guessed.with_context(|| shown.to_owned())?, out)
    }

    /// The signature that was named, or else the one beside a list that must have one.
    fn signature_of_list(
        &self,
        home: &Home,
        lock: &WriteLock,
        key: Option<ListKey>,
    ) -> anyhow::Result<Option<ListSignature>> {
        if let Some(path) = &self.signature {
            let shown = || format!("--signature {}", on_one_line(path.display()));
            return Ok(Some(ListSignature::read(path).with_context(shown)?));
        }
        if self.file.as_os_str() == "-" || (key.is_none() && list_key(home, lock, &self.name)?.is_none()) {
            return Ok(None);
        }
        for end in [".minisig", ".sig"] {
            let mut path = self.file.clone().into_os_string();
            path.push(end);
            let path = PathBuf::from(path);
            if path.exists() {
                let shown = || on_one_line(path.display());
                return Ok(Some(ListSignature::read(&path).with_context(shown)?));
            }
        }
        Ok(None)
    }
}

fn is_missing(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(HomeError::Missing(_)))
}

/// Everything that stdin has to give, in a file without a name: the home is not locked while somebody types.
fn spooled_stdin(home: &Home) -> anyhow::Result<File> {
    if io::stdin().is_terminal() {
        complain("reading the list from the terminal; end it with Ctrl-D");
    }
    spooled(&mut io::stdin().lock(), home).context("stdin")
}

/// Everything that `input` has to give, to be read more than once.
fn spooled(input: &mut dyn Read, home: &Home) -> anyhow::Result<File> {
    let mut spool = home.nameless_file()?;
    io::copy(input, &mut spool)?;
    spool.rewind()?;
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

/// What is said of entries that a misspelled word may let match.
const UNKNOWN_CATEGORIES: &str = "entries with an unknown category, read as worth a look";

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
        "unknown_categories": report.unknown_categories,
        "withdrawn": imported.withdrawn,
        "replaced": report.replaced,
        "outdated": report.outdated,
        "withdrawals": report.withdrawals,
        "dropped_fields": report.dropped_fields,
        "refused": report.refused,
        "refused_entries": report.refused_entries,
        "conflicts": report.conflicts,
        "present": imported.present,
        "new": imported.changes.map(|changes| changes.new),
        "gone": imported.changes.map(|changes| changes.gone()),
        "withdrawn_by_list": imported.changes.map(|changes| changes.taken_back),
        "unchanged": false,
        "signed_by": imported.set.list_key.map(|key| key.to_string()),
    })
}

fn print_unchanged(set: &SetInfo, out: &mut Output) -> anyhow::Result<()> {
    out.json("set", &as_json(set))?;
    out.json("summary", &json!({ "set": set.name, "unchanged": true }))?;
    out.text(format_args!(
        "{}: unchanged: this list is what revision {} holds; --anew imports it all the same",
        set.name, set.revision
    ))?;
    Ok(())
}

fn print_rehearsal(name: &SetName, rehearsal: &Rehearsal, out: &mut Output) -> anyhow::Result<()> {
    let Rehearsal { report, withdrawn, present, changes, unchanged, needs_consent } = rehearsal;
    let Changes { before, new, changed, taken_back, .. } = *changes;
    out.json(
        "summary",
        &json!({
            "dry_run": true,
            "set": name,
            "unchanged": unchanged,
            "needs_yes": needs_consent,
            "form": report.form.to_string(),
            "lines": report.lines,
            "entries": report.entries,
            "before": before,
            "new": new,
            "changed": changed,
            "gone": changes.gone(),
            "withdrawn_by_list": taken_back,
            "withdrawn": withdrawn,
            "present": present,
            "bad_lines": report.bad_total,
            "duplicates": report.duplicates,
            "unknown_categories": report.unknown_categories,
            "refused": report.refused,
            "refused_entries": report.refused_entries,
            "conflicts": report.conflicts,
        }),
    )?;
    out.text(format_args!(
        "{name}: {} ({}); nothing was changed, and an import would change:",
        counted(report.entries, "entry", "entries"),
        report.form
    ))?;
    for (number, what) in [
        (new, "new"),
        (changes.gone(), "gone: the list does not have them, or takes them back"),
        (taken_back, "withdrawn: those of them that it takes back"),
        (changed.unwrap_or(0), "changed: the list says something else of them"),
    ] {
        out.text(format_args!("  {:>9}   {what}", grouped(number)))?;
    }
    for (number, what) in [
        (*withdrawn, "withdrawn earlier, and would stay so"),
        (*present, "there already"),
        (report.bad_total, "bad lines, which would be skipped"),
        (report.unknown_categories, UNKNOWN_CATEGORIES),
    ] {
        if number > 0 {
            out.text(format_args!("  {:>9}   {what}", grouped(number)))?;
        }
    }
    print_refused(report, out)?;
    if *unchanged {
        out.text("The set holds just this list: an import would leave it as it is.")?;
    }
    if *needs_consent {
        out.text(format_args!(
            "Of {} entries that match so much would go that --yes is needed.",
            grouped(before)
        ))?;
    }
    Ok(())
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
        (report.unknown_categories, UNKNOWN_CATEGORIES.to_owned()),
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
    print_refused(report, out)
}

/// What the door turned away, and what contradicts itself.
fn print_refused(report: &ReadReport, out: &mut Output) -> anyhow::Result<()> {
    for (refusal, number) in &report.refused {
        out.text(format_args!("  {:>9}   refused: {}", grouped(*number), refusal.words()))?;
    }
    for (number, what) in [
        (report.refused_entries, "entries of which no hash was left"),
        (report.conflicts, "entries that contradict an earlier one of the list, all kept"),
    ] {
        if number > 0 {
            out.text(format_args!("  {:>9}   {what}", grouped(number)))?;
        }
    }
    Ok(())
}
