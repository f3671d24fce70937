//! `innerward purge`

use anyhow::{Context, bail};
use clap::Args;
use indicatif::HumanBytes;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::cli::deed::Doing;
use crate::cli::global::{Global, PATIENCE};
use crate::cli::output::{Output, counted, on_one_line};
use crate::cli::status::Status;
use crate::home::{Clock, Deletion, Did, Home, HomeError, Purged};
use crate::index::purge_unneeded;
use crate::release::{self, may_be_published};
use crate::screen::{RunsPurged, purge_runs, purge_watches};
use crate::tally::{Held, Tally};
use crate::vocabulary::Period;

/// Delete what is older than so many days: runs, remembered fingerprints, counts of months
///
/// Deleted are: runs that ended longer ago, or were interrupted longer ago and never resumed, with all that is in their
/// folders; fingerprints whose --remember is over; the counts of months, quarters and years that ended longer ago, are
/// sealed, and were published or cannot be, since no plan was in force in them (their pseudonyms and keys went when they
/// were sealed); and whatever killed processes left unfinished. The database is then written anew, if something was
/// deleted from it, and its log emptied, so that nothing of what was deleted is left in either.
///
/// Kept are: runs that a process works on; periods that a plan may still publish; periods that are not sealed, of which it
/// says that `innerward tally seal PERIOD --yes` seals them for the next purge; and for ever lists, decisions, the log of
/// the sets, the audit, and the ledger of releases. Nothing outside of the home is touched, and no link is followed. Exit code 2 if
/// something could not be deleted.
#[derive(Args)]
pub(in crate::cli) struct Purge {
    /// Older than this many days [default: keep_days in innerward.toml]; 0 for all that nobody works on
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(0..=36_500))]
    older_than: Option<u32>,

    /// Say what would be deleted, and delete nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Default, Serialize)]
struct Summary {
    dry_run: bool,
    days: u32,
    before: Timestamp,
    runs: u64,
    watches: u64,
    fingerprints: u64,
    months: u64,
    unfinished: u64,
    /// That the database's files became smaller by are among them.
    bytes: u64,
    kept: u64,
    failed: u64,
}

impl Purge {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        let home = global.open_home()?;
        let clock = global.clock(&home)?;
        let days = match self.older_than {
            Some(days) => days,
            None => home.config()?.keep_days.context(
                "say how old: --older-than DAYS, or keep_days in innerward.toml, which holds for every purge",
            )?,
        };
        let before = before(clock, days);
        let work = || purge(&home, clock, before, self.dry_run);
        let doing = Doing::new(None, Did::Purge, "").with("days", days);
        let things = if self.dry_run { work()? } else { doing.during(global, &home, work)? };
        let of = |what: &str| {
            things.iter().filter(|one| one.what == what && one.state == Deletion::Deleted).count() as u64
        };
        let in_state = |state| things.iter().filter(|one| one.state == state).count() as u64;
        let summary = Summary {
            dry_run: self.dry_run,
            days,
            before,
            runs: of("run"),
            watches: of("watch"),
            fingerprints: of("fingerprints"),
            months: of("tally"),
            unfinished: of("unfinished"),
            bytes: things.iter().map(|one| one.bytes).sum(),
            kept: in_state(Deletion::Kept),
            failed: in_state(Deletion::Failed),
        };
        for one in &things {
            out.json("purge", one)?;
            out.text(line(one, self.dry_run))?;
        }
        out.json("summary", &summary)?;
        print(&summary, out)?;
        if summary.failed > 0 {
            out.flush()?;
            let failed = things.iter().filter(|one| one.state == Deletion::Failed);
            let names: Vec<&str> = failed.map(|one| &*one.name).collect();
            bail!("not deleted: {}", on_one_line(names.join(", ")));
        }
        Ok(Status::default())
    }
}

/// What is older than this is older than `days`.
pub(super) fn before(clock: Clock, days: u32) -> Timestamp {
    // The clock counts whole seconds, and what is not even a second old is older than no day at all.
    let age = if days == 0 {
        SignedDuration::from_secs(-1)
    } else {
        SignedDuration::from_hours(24 * i64::from(days))
    };
    clock.now().checked_sub(age).unwrap_or(Timestamp::MIN)
}

/// Purges `home`; with `rehearse`, says what would go.
fn purge(home: &Home, clock: Clock, before: Timestamp, rehearse: bool) -> anyhow::Result<Vec<Purged>> {
    let RunsPurged { mut things, oldest_open } = purge_runs(home, before, clock.today(), rehearse);
    things.extend(purge_watches(home, before, rehearse));
    // A run that goes on asks what was counted when it was last at work.
    things.extend(purge_tally(home, oldest_open.map_or(before, |open| open.min(before)), rehearse)?);
    things.extend(home.purge_unfinished(rehearse));
    match home.lock_within(PATIENCE) {
        Ok(lock) => {
            things.extend(release::purge_unfinished(home, &lock, rehearse));
            match purge_unneeded(home, &lock, rehearse) {
                Ok(unneeded) => things.extend(unneeded),
                Err(error) => things.push(Purged::of("unfinished", "index", Err::<u64, _>(error))),
            }
        }
        Err(HomeError::Busy(_)) => {
            let reason =
                "another process changes the lists or publishes; it removes what is unfinished itself";
            things.push(Purged::kept("unfinished", "index", reason));
        }
        Err(error) => return Err(error.into()),
    }
    let deleted = things.iter().any(|one| one.what == "tally" && one.state == Deletion::Deleted);
    let compacted = home.lock_tally().and_then(|lock| home.compact_database(&lock, deleted, rehearse));
    if let Some(done) = compacted.transpose() {
        let anew = done.as_ref().map_or(true, |done| done.anew);
        let name = if anew { "innerward.sqlite" } else { "innerward.sqlite-wal" };
        things.push(Purged::of("database", name, done.map(|done| done.bytes)));
    }
    Ok(things)
}

/// The counts of periods that ended before `before`.
fn purge_tally(home: &Home, before: Timestamp, rehearse: bool) -> anyhow::Result<Vec<Purged>> {
    if !home.root().join("innerward.sqlite").exists() {
        return Ok(Vec::new());
    }
    let may_publish = may_be_published(home)?;
    let lock = home.lock_tally()?;
    Ok(Tally::open(home)?.purge(&lock, ended_before(before), may_publish, rehearse)?)
}

/// Why something is left of periods that ended before `before`, without a lock, so that it waits for nobody.
pub(super) fn held_periods(home: &Home, before: Timestamp) -> anyhow::Result<Vec<Held>> {
    if !home.root().join("innerward.sqlite").exists() {
        return Ok(Vec::new());
    }
    let held = Tally::open(home)?.held(ended_before(before), may_be_published(home)?)?;
    Ok(held.into_iter().map(|(_, held)| held).collect())
}

/// True of a period that ended in an earlier month than that of `before`.
fn ended_before(before: Timestamp) -> impl Fn(Period) -> bool {
    let last = Period::containing(before.to_zoned(TimeZone::UTC).date()).previous().last_day();
    move |period| period.last_day() <= last
}

fn line(one: &Purged, dry_run: bool) -> String {
    let state = match one.state {
        Deletion::Deleted if dry_run => "would delete",
        Deletion::Deleted => "deleted",
        Deletion::Kept => "kept",
        Deletion::Failed => "FAILED",
    };
    let bytes = HumanBytes(one.bytes);
    let rest = match (&one.reason, one.what) {
        (Some(reason), _) => format!(": {reason}"),
        (None, "tally") => " (counts)".into(),
        (None, "database") => format!(": what is left in it of deleted rows ({bytes})"),
        (None, _) => format!(" ({bytes})"),
    };
    format!("{state:<13}{:<13}{}{rest}", one.what, on_one_line(&one.name))
}

fn print(summary: &Summary, out: &mut Output) -> anyhow::Result<()> {
    let verb = if summary.dry_run { "would be deleted" } else { "deleted" };
    out.text(format_args!(
        "{}, fingerprints of {}, counts of {} and {} {verb}: {}; everything before {} ({} days).",
        counted(summary.runs, "run", "runs"),
        counted(summary.fingerprints, "further run", "further runs"),
        counted(summary.months, "month", "months"),
        counted(summary.unfinished, "unfinished file", "unfinished files"),
        HumanBytes(summary.bytes),
        summary.before,
        summary.days,
    ))?;
    if summary.kept > 0 {
        out.text(format_args!("Kept, for the reasons above: {}.", counted(summary.kept, "thing", "things")))?;
    }
    Ok(())
}
