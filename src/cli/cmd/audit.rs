//! `innerward audit …`

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::cli::global::Global;
use crate::cli::output::{Output, complain, counted, grouped, on_one_line};
use crate::cli::status::Status;
use crate::hashset::SetName;
use crate::home::{AuditCheck, AuditHead, AuditRecord, Home, KeptHead};

/// Show and check the record of who did what to which set, decision, release or token
///
/// Every verb that changes one of them, and every request to a service that does, appends a line before it is done; if it
/// fails, a second line says so. A line names no entry, no hash and no file. Each has the hash of the line before, so that
/// a line that was changed, removed, put in or moved is found; that the newest lines are gone shows only by a head that is
/// kept elsewhere. Nothing deletes the record. docs/audit.md has the format.
#[derive(Subcommand)]
pub(in crate::cli) enum AuditVerb {
    List(List),
    Verify(Verify),
    /// Print where the record stands, as NUMBER:HASH, to be kept elsewhere
    ///
    /// Keep it with somebody else, or on paper: `innerward audit verify --head NUMBER:HASH` tells later whether the record
    /// still continues it.
    Head,
    Export(Export),
}

/// List what was done, oldest first
#[derive(Args)]
pub(in crate::cli) struct List {
    /// Only what was done on DATE (YYYY-MM-DD, UTC) or later
    #[arg(long, value_name = "DATE")]
    since: Option<Date>,

    /// Only what was done to the set NAME, and decisions on its entries
    #[arg(long, value_name = "NAME")]
    set: Option<SetName>,
}

/// Check that no line was changed, removed, put in or moved
///
/// Exit code 2 if one was. A last line that is not finished is told and is no fault: whoever wrote it was killed before the
/// deed was done.
#[derive(Args)]
pub(in crate::cli) struct Verify {
    /// The head that was kept elsewhere, as `innerward audit head` printed it
    #[arg(long, value_name = "NUMBER:HASH")]
    head: Option<AuditHead>,
}

/// Copy the record to FILE, byte for byte, readable by you alone
#[derive(Args)]
pub(in crate::cli) struct Export {
    /// Where to; must not be there
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl AuditVerb {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        let home = global.open_home()?;
        match self {
            Self::List(verb) => verb.run(&home, out),
            Self::Verify(verb) => verb.run(&home, out),
            Self::Head => head(&home, out),
            Self::Export(verb) => verb.run(&home, out),
        }
    }
}

impl List {
    fn run(&self, home: &Home, out: &mut Output) -> anyhow::Result<Status> {
        let (mut listed, mut faults) = (0, 0);
        for line in home.audit_lines()? {
            let line = line?;
            if let Some(fault) = line.fault {
                faults += 1;
                complain(format_args!("audit.jsonl:{}: {fault}", line.line));
            }
            let Some(record) = line.record.filter(|record| self.wants(record)) else { continue };
            listed += 1;
            out.json("deed", &record)?;
            out.text(in_words(&record))?;
        }
        out.json("summary", &json!({ "deeds": listed, "faults": faults }))?;
        out.text(counted(listed, "deed", "deeds"))?;
        Ok(if faults > 0 { Status::FAILED } else { Status::default() })
    }

    fn wants(&self, record: &AuditRecord) -> bool {
        let is_late = |since: &Date| record.time.to_zoned(TimeZone::UTC).date() >= *since;
        let is_of_set = |set: &SetName| record.is_of_set(set.as_str());
        self.since.as_ref().is_none_or(is_late) && self.set.as_ref().is_none_or(is_of_set)
    }
}

fn in_words(record: &AuditRecord) -> String {
    let AuditRecord { number, time, by, via, did, subject, about, .. } = record;
    let about: String = about.iter().map(|(key, value)| format!(" {key}={value}")).collect();
    let time = time.strftime("%Y-%m-%d %H:%M:%S");
    on_one_line(format_args!("{number:>6}  {time}  {did:<24} {subject:<16} by {by} ({via}){about}"))
}

impl Verify {
    fn run(&self, home: &Home, out: &mut Output) -> anyhow::Result<Status> {
        let check = home.check_audit(self.head.as_ref())?;
        for (line, fault) in &check.faults {
            out.json("fault", &json!({ "line": line, "what": fault.to_string() }))?;
            out.text(format_args!("audit.jsonl:{line}: {fault}"))?;
        }
        let AuditCheck { records, begun, head, fault_total, torn, kept, .. } = &check;
        let kept_word = kept.map(|kept| match kept {
            KeptHead::Continued => "continued",
            KeptHead::Gone => "gone",
            KeptHead::Other => "other",
        });
        out.json(
            "summary",
            &json!({
                "deeds": records, "begun": begun.map(|at| at.to_string()), "head": head.map(|head| head.to_string()),
                "faults": fault_total, "torn": torn, "kept_head": kept_word, "sound": check.is_sound(),
            }),
        )?;
        let more = fault_total - check.faults.len() as u64;
        if more > 0 {
            out.text(format_args!("… and {} more", counted(more, "fault", "faults")))?;
        }
        match kept {
            Some(KeptHead::Continued) => out.text("The record continues the head that was kept.")?,
            Some(KeptHead::Gone) => out.text(
                "The record does NOT have the line of the head that was kept: its newest lines were removed, or it is \
                 another record.",
            )?,
            Some(KeptHead::Other) => {
                out.text("The record has ANOTHER line in place of that of the head that was kept.")?;
            }
            None => {}
        }
        match head {
            _ if !check.is_sound() => out.text("The record was CHANGED, or is damaged.")?,
            Some(head) => {
                out.text(format_args!(
                    "{}, each continues the one before.",
                    counted(*records, "deed", "deeds")
                ))?;
                out.text(format_args!("head {head}"))?;
            }
            None => out.text("Nothing is on record yet.")?,
        }
        Ok(if check.is_sound() { Status::default() } else { Status::FAILED })
    }
}

/// What holds the record's end, once nothing in it was found to be changed.
fn sound_head(home: &Home) -> anyhow::Result<AuditHead> {
    let check = home.check_audit(None)?;
    if !check.is_sound() {
        bail!("the record was changed, or is damaged; `innerward audit verify` shows where");
    }
    check.head.context("nothing is on record yet")
}

fn head(home: &Home, out: &mut Output) -> anyhow::Result<Status> {
    let head = sound_head(home)?;
    out.json("summary", &json!({ "head": head.to_string() }))?;
    out.text(head)?;
    Ok(Status::default())
}

impl Export {
    fn run(&self, home: &Home, out: &mut Output) -> anyhow::Result<Status> {
        let shown = || on_one_line(self.out.display());
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&self.out)
            .with_context(|| format!("--out {}", shown()))?;
        let bytes = home.copy_audit(&mut file)?;
        file.flush().and_then(|()| file.sync_all()).with_context(shown)?;
        // It is written out as it is also where it was changed: that is evidence, too.
        let check = home.check_audit(None)?;
        let head = check.head.map(|head| head.to_string());
        out.json(
            "summary",
            &json!({ "file": shown(), "bytes": bytes, "head": head, "sound": check.is_sound() }),
        )?;
        out.text(format_args!("{} bytes written to {}", grouped(bytes), shown()))?;
        if let Some(head) = head {
            out.text(format_args!("head {head}"))?;
        }
        if check.is_sound() {
            return Ok(Status::default());
        }
        complain("the record was changed, or is damaged; `innerward audit verify` shows where");
        Ok(Status::FAILED)
    }
}
