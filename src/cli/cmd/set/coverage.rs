//! `innerward set coverage`

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use serde::Serialize;
use serde_json::json;

use super::named;
use crate::cli::cmd::jail::worker_options;
use crate::cli::global::Global;
use crate::cli::output::{Output, counted, grouped, wrapped};
use crate::digest::SignalKind;
use crate::hashset::{Decision, EntryKey, Local, Role, SetInfo, SetName, Sets, Use};
use crate::home::Deconfirmed;
use crate::index::{Coverage as Columns, Index, Memory, open_described};

/// Say how much of each list can be matched here at all, and what the rest would need
///
/// By bytes alone, only identical copies are found; by looks, scaled and recompressed ones too; by frames, videos. The rest
/// are entries whose list says that they are not what it is about, and records of which all hashes are of kinds that are
/// not matched here: those were counted when the lists were imported. Shares are of both together.
#[derive(Args)]
pub(in crate::cli) struct Coverage {
    /// Names of sets [default: all]
    names: Vec<SetName>,
}

/// One set, field by field as `docs/cli.md` has it.
#[derive(Serialize)]
struct Line {
    set: SetName,
    revision: u64,
    role: Role,
    not_allowed: Option<String>,
    entries: u64,
    withdrawn: u64,
    active: u64,
    matchable: u64,
    matchable_percent: f64,
    by_bytes: u64,
    by_md5_alone: u64,
    by_looks: u64,
    by_looks_alone: u64,
    by_frames: u64,
    low_quality: u64,
    negative: u64,
    unusable: u64,
    kinds: BTreeMap<&'static str, u64>,
    unsupported_records: u64,
    unsupported: Vec<Unsupported>,
    refused_records: u64,
    quarantined: u64,
    deconfirmed: u64,
}

/// Values of a kind that is not matched here, those beside hashes that are among them.
#[derive(Serialize)]
struct Unsupported {
    kind: String,
    values: u64,
    needs: &'static str,
}

impl Coverage {
    pub(super) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        let home = global.open_home()?;
        let today = global.clock(&home)?.today();
        let config = home.config()?;
        let (index, all) = open_described(&home, Memory::Mapped)?;
        let sets: Vec<&SetInfo> = match &self.names[..] {
            [] => all.iter().collect(),
            names => names.iter().map(|name| named(&all, name)).collect::<anyhow::Result<_>>()?,
        };
        let ffmpeg = worker_options(&config)?.ffmpeg.is_some();
        let about = About {
            index,
            imports: Sets::open(&home)?,
            local: Local::open(&home)?,
            ffmpeg,
            hides_deconfirmed: config.decisions.deconfirmed == Deconfirmed::Hide,
            low_quality: config.low_quality,
        };
        if sets.is_empty() {
            out.text("No sets yet; import one with `innerward set import NAME FILE`.")?;
        }
        let (mut active, mut matchable) = (0, 0);
        for (number, set) in sets.iter().enumerate() {
            let not_allowed =
                set.allows(Use::Match, today).err().map(|forbidden| forbidden.reason.to_string());
            let line = about.line(set, not_allowed)?;
            (active, matchable) = (active + line.active, matchable + line.matchable);
            out.json("coverage", &line)?;
            if number > 0 {
                out.text("")?;
            }
            about.print(&line, out)?;
        }
        out.json(
            "summary",
            &json!({ "sets": sets.len(), "active": active, "matchable": matchable, "ffmpeg": ffmpeg }),
        )?;
        Ok(())
    }
}

/// Where all of it is known from.
struct About {
    index: Index,
    imports: Sets,
    local: Local,
    ffmpeg: bool,
    hides_deconfirmed: bool,
    low_quality: bool,
}

fn percent(part: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { (part as f64 * 10_000.0 / of as f64).round() / 100.0 }
}

impl Line {
    /// Everything that its lists hold and that is not taken back, as far as it is known.
    fn all(&self) -> u64 {
        self.active + self.unsupported_records
    }
}

impl About {
    fn line(&self, set: &SetInfo, not_allowed: Option<String>) -> anyhow::Result<Line> {
        let name = set.name.as_str();
        // What looks like a harmless file need not be harmless: a set to be ignored is asked for digests alone.
        let columns: Columns = self.index.coverage(name, set.role != Role::Ignore)?;
        let (mut records, mut refused, mut kinds) = (0, 0, BTreeMap::<String, u64>::new());
        for import in self.imports.contents(&set.name, set.revision)? {
            records += import.counts.unsupported_lines;
            refused += import.counts.refused_entries;
            import
                .counts
                .unsupported
                .into_iter()
                .for_each(|(kind, values)| *kinds.entry(kind).or_default() += values);
        }
        let unsupported = kinds.into_iter().map(|(kind, values)| {
            let needs = needs(&kind);
            Unsupported { kind, values, needs }
        });
        let matchable = columns.matchable();
        Ok(Line {
            set: set.name.clone(),
            revision: set.revision,
            role: set.role,
            not_allowed,
            entries: columns.entries,
            withdrawn: columns.withdrawn,
            active: columns.active,
            matchable,
            matchable_percent: percent(matchable, columns.active + records),
            by_bytes: columns.by_bytes,
            by_md5_alone: columns.by_md5_alone,
            by_looks: columns.by_looks,
            by_looks_alone: columns.by_looks_alone,
            by_frames: columns.by_frames,
            low_quality: columns.plain,
            negative: columns.negative,
            unusable: columns.nothing,
            kinds: columns.kinds.iter().map(|(kind, number)| (SignalKind::as_str(*kind), *number)).collect(),
            unsupported_records: records,
            unsupported: unsupported.collect(),
            refused_records: refused,
            quarantined: self.quarantined(&set.name)?,
            deconfirmed: self.deconfirmed(&set.name)?,
        })
    }

    fn quarantined(&self, name: &SetName) -> anyhow::Result<u64> {
        let held = self.local.quarantine(Some(name))?.into_iter().filter(|held| !held.released);
        self.there(name, held.map(|held| held.key).collect())
    }

    fn deconfirmed(&self, name: &SetName) -> anyhow::Result<u64> {
        let decided = self.local.decisions(Some(name))?.into_iter();
        let decided = decided.filter(|decided| decided.decision == Decision::Deconfirm);
        self.there(name, decided.map(|decided| decided.key).collect())
    }

    /// How many of `keys` the set has now. All its keys are read for it, unless there is none to look for.
    fn there(&self, name: &SetName, keys: BTreeSet<EntryKey>) -> anyhow::Result<u64> {
        Ok(if keys.is_empty() { 0 } else { self.index.keys_in(name.as_str(), &keys)?.len() as u64 })
    }

    fn print(&self, line: &Line, out: &mut Output) -> anyhow::Result<()> {
        let all = line.all();
        let of_all = if line.unsupported_records > 0 { "records" } else { "entries" };
        out.text(format_args!(
            "{}: {} of {} {of_all} can be matched here, {:.2} %",
            line.set,
            grouped(line.matchable),
            grouped(all),
            line.matchable_percent
        ))?;
        let mut row = |indent: usize, what: &str, number: u64| {
            let width = 58 - indent;
            let share = percent(number, all);
            out.text(format_args!("{:indent$}{what:<width$}{:>12} {share:>7.2} %", "", grouped(number)))
        };
        row(2, "by bytes alone: only identical copies are found", line.by_bytes)?;
        if line.by_md5_alone > 0 {
            row(4, "of them by MD5 alone, which can be forged", line.by_md5_alone)?;
        }
        let looks = match line.role {
            Role::Ignore => "by looks: never, for a set of harmless files",
            _ => "by looks: scaled and recompressed copies too",
        };
        row(2, looks, line.by_looks)?;
        if line.by_looks_alone > 0 {
            row(4, "of them without any digest", line.by_looks_alone)?;
        }
        if line.by_frames > 0 {
            row(2, "by frames of videos", line.by_frames)?;
        }
        if line.low_quality > 0 {
            let what = match self.low_quality {
                false => "of low quality: by looks only if quite equal",
                true => "of low quality, and asked for what is near",
            };
            row(4, what, line.low_quality)?;
        }
        row(2, "not: kinds of hash that are not matched here", line.unsupported_records)?;
        if line.negative > 0 {
            row(2, "not: its list says that it is something else", line.negative)?;
        }
        if line.unusable > 0 {
            row(2, "not: nothing that can be compared", line.unusable)?;
        }
        self.print_rest(line, out)
    }

    fn print_rest(&self, line: &Line, out: &mut Output) -> anyhow::Result<()> {
        let kinds = line.kinds.iter().map(|(kind, number)| format!("{} {kind}", grouped(*number)));
        let kinds: Vec<String> = kinds.collect();
        let mut told = vec![format!("Hashes of active entries: {}", kinds.join(", "))];
        for Unsupported { kind, values, needs } in &line.unsupported {
            let values = counted(*values, "value", "values");
            told.push(format!("{kind} ({values} in its lists, as imported): {needs}"));
        }
        if line.by_frames > 0 && !self.ffmpeg {
            let cure =
                "videos are compared by their digests alone until ffmpeg is installed (`innerward doctor`)";
            told.push(format!("Frames: {cure}"));
        }
        if line.refused_records > 0 {
            told.push(format!(
                "{} refused at import: blank or empty, or on the stop list",
                counted(line.refused_records, "record was", "records were")
            ));
        }
        let mut out_of_service = Vec::new();
        if line.withdrawn > 0 {
            out_of_service.push(format!("{} withdrawn or replaced", grouped(line.withdrawn)));
        }
        if line.quarantined > 0 {
            out_of_service.push(format!("{} in quarantine", grouped(line.quarantined)));
        }
        if line.deconfirmed > 0 {
            let hidden = if self.hides_deconfirmed { "and hidden" } else { "and marked" };
            out_of_service.push(format!("{} deconfirmed here {hidden}", grouped(line.deconfirmed)));
        }
        if !out_of_service.is_empty() {
            told.push(format!("Entries out of service: {}", out_of_service.join(", ")));
        }
        match line.role {
            Role::Match => {}
            Role::Ignore => told.push("Role ignore: what it matches is told to be harmless".into()),
            Role::Watch => {
                told.push("Role watch: what it matches is counted, never shown as known or near".into())
            }
        }
        if let Some(reason) = &line.not_allowed {
            told.push(format!("NOTHING of it is searched now: {reason}"));
        }
        for words in told {
            let mut indent = 2;
            for part in wrapped(&words, 76) {
                out.text(format_args!("{:indent$}{part}", ""))?;
                indent = 4;
            }
        }
        Ok(())
    }
}

/// What a kind of hash would need to be matched, by the name under which imports count it.
fn needs(kind: &str) -> &'static str {
    match kind {
        "photodna" | "pdna" | "photo_dna" | "ssvh_pdna" => {
            "needs a licence from Microsoft and its library, which are not part of innerward"
        }
        "tmk" | "tmk_pdqf" | "tmkpdqf" => "TMK+PDQF of whole videos is not built in; vPDQ is",
        "netclean" | "videntifier" | "ssvh_safer_hash" => {
            "proprietary: needs a licence from its maker and its software"
        }
        "vpdq" => "all frames of a video in one value: `set import --as vpdq` reads files of frames",
        "ssdeep" | "tlsh" | "text_tlsh" | "imphash" => {
            "tells bytes, texts or programs that are alike, not pictures; not built in"
        }
        "crc32" | "adler32" => "a checksum, too short to tell one file from another",
        "phash" | "dhash" | "ahash" | "whash" => {
            "a picture hash whose bits hang on the library that made it; which one the list does not say"
        }
        "pdq_ocr" | "raw_text" | "text" | "url" | "url_md5" | "trend_query" => {
            "words or addresses, which are not compared with files"
        }
        "sha224" | "sha384" | "sha512" | "sha3_256" | "sha3_384" | "sha3_512" | "whirlpool" | "tiger"
        | "ripemd160" | "ed2k" | "aich" | "tth" | "blake2b" => {
            "a digest that is not made here: ask its source for MD5, SHA-1, SHA-256 or BLAKE3"
        }
        _ => "a kind that is not known here: ask its source what it is",
    }
}
