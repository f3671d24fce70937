//! `innerward screen PATH…`

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use jiff::civil::Date;

use super::jail::Decoding;
use super::lookup::tell_tripped;
use super::select::{LowQuality, Select, not_searched, say_what_is_forbidden};
use crate::cli::global::Global;
use crate::cli::output::{Output, counted, grouped};
use crate::cli::status::Status;
use crate::digest::Fidelity;
use crate::hashset::{Bounds, Role, SetInfo};
use crate::home::{Clock, Home};
use crate::screen::{Matcher, NotAllowed, Outcome, Progress, Run, RunOptions, Summary, Tripped};
use crate::tally::{ListInUse, Tally, sighting};
use crate::vocabulary::{Code, Dimension, Period};

/// Check files and folders against all lists
///
/// Every file gets exactly one verdict: known (a digest is equal), near (a picture hash is close; a person decides),
/// ignored (known to be harmless), unknown, or unchecked with the reason; quarantined or deconfirmed where this ward took
/// what it matched out of service. Verdicts go to HOME/runs/ID/verdicts.jsonl,
/// readable by its owner alone; a summary goes to stdout, or with --format json every verdict. Each distinct item is
/// counted once a month in the local tally. Files are only ever read.
#[derive(Args)]
pub(in crate::cli) struct Screen {
    /// Files and folders
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// How the items reached the ward: REPORT, UPLOAD, BULK, WATCH_FOLDER, SERVICE, IMPORT
    #[arg(long, value_name = "CODE", default_value = "BULK", value_parser = |text: &str| Dimension::Channel.code(text))]
    channel: Code,

    /// Differing bits allowed in a PDQ hash, bound included, for every set [default: as each set says, or 31]
    ///
    /// KIND=BITS for a classic kind, with commas between several: 20,gradient8=4. What is left out is as each set says.
    /// A run with a bound of its own is not counted in the tally: its verdicts would not be comparable.
    #[arg(long, value_name = "BITS")]
    max_distance: Option<Bounds>,

    /// Do not count the items in the tally
    ///
    /// Nor are those of a run that searches only a part of the lists.
    #[arg(long)]
    no_tally: bool,

    #[command(flatten)]
    select: Select,

    #[command(flatten)]
    quality: LowQuality,

    /// How exactly JPEGs are hashed at first: fast, luma or reference
    ///
    /// With fast and luma, what they find, or nearly find, is hashed again as reference, so that no match is added and
    /// hardly one in ten thousand of ordinary photographs is lost, and large photographs take a sixth of the time. A
    /// picture that was made for it can hide from them, which it cannot from reference.
    #[arg(long, value_name = "NAME", default_value_t = Fidelity::Fast)]
    fidelity: Fidelity,

    #[command(flatten)]
    decoding: Decoding,
}

impl Screen {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        let home = global.open_home()?;
        // A pretended day in a real home is refused before anything is read.
        let today = global.clock(&home)?.today();
        let selection = self.select.selection();
        let is_ordinary = self.max_distance.is_none() && selection.is_empty() && !self.quality.is_asked();
        let counted =
            (!self.no_tally && is_ordinary).then_some(Counted { today: global.today, channel: self.channel });
        out.outlive_reader(); // verdicts and counts are the product; they are finished in any case
        let options = self.decoding.options(&home.config()?, self.fidelity)?;
        let bounds = self.max_distance.clone().unwrap_or_default();
        let matcher = self.quality.apply(Matcher::open_on(&home, bounds, &selection, today)?);
        say_what_is_forbidden(&matcher);
        let screened = screen(&home, &matcher, &self.paths, &options, counted, out)?;
        out.json("summary", &screened.summary)?;
        print_summary(&screened.summary, out)?;
        out.text(format_args!("\nVerdicts (local, not for sharing): {}", screened.verdicts.display()))?;
        Ok(screened.status)
    }
}

/// A finished run.
pub(in crate::cli) struct Screened {
    pub(in crate::cli) summary: Summary,
    pub(in crate::cli) verdicts: PathBuf,
    pub(in crate::cli) status: Status,
}

/// How the items of a run are counted.
#[derive(Clone, Copy)]
pub(in crate::cli) struct Counted {
    /// The day that a demo pretends.
    pub(in crate::cli) today: Option<Date>,
    /// How the items reached the ward.
    pub(in crate::cli) channel: Code,
}

/// Screens `paths` and counts the items as `counted` says.
pub(in crate::cli) fn screen(
    home: &Home,
    matcher: &Matcher,
    paths: &[PathBuf],
    options: &RunOptions,
    counted: Option<Counted>,
    out: &mut Output,
) -> anyhow::Result<Screened> {
    let mut tally = counted.map(|_| Tally::open(home)).transpose()?;
    let lists = lists_in_use(matcher);
    let mut noted = None;
    let run = Run::start(home)?;
    let verdicts = run.verdicts().to_owned();
    let mut status = Status::default();
    let mut bar = Bar::new();
    let summary = run.screen(home, matcher, paths, options, &mut bar, &mut |batch| {
        if let (Some(tally), Some(Counted { today, channel })) = (&mut tally, counted) {
            let sightings: Vec<_> = batch.iter().filter_map(|item| sighting(item, channel)).collect();
            let lock = home.lock_tally()?;
            // Asked anew for each batch: a run that goes on into the next month counts there, since the month that
            // is over may have been published.
            let period = Period::containing(Clock::of(home, today)?.today());
            if noted.replace(period) != Some(period) {
                tally.note_lists(&lock, period, &lists)?;
            }
            tally.record(&lock, period, &sightings)?;
        }
        for item in batch {
            status.note(item.verdict.outcome, item.verdict.gap.is_some());
            out.json("screen", &item.line())?;
        }
        Ok(())
    })?;
    bar.0.finish_and_clear();
    Ok(Screened { summary, verdicts, status })
}

/// The classes of the lists that `matcher` asks, and whose matches may be counted.
fn lists_in_use(matcher: &Matcher) -> Vec<ListInUse> {
    let mut lists: BTreeMap<Code, ListInUse> = BTreeMap::new();
    // What is published is as if watched sets were not there.
    let counts = |set: &&SetInfo| set.role != Role::Watch && matcher.is_counted(set);
    for set in matcher.sets().iter().filter(counts) {
        let revised = Period::containing(set.revised_on);
        let list_class = set.list_class;
        let list = lists.entry(list_class).or_insert(ListInUse { list_class, revised, active_entries: 0 });
        list.revised = list.revised.max(revised);
        list.active_entries += matcher.searched_entries(set);
    }
    lists.into_values().collect()
}

/// The triage summary, for people.
pub(in crate::cli) fn print_summary(summary: &Summary, out: &mut Output) -> anyhow::Result<()> {
    let rate = summary.items as f64 / summary.seconds.max(1e-9);
    out.text(format_args!(
        "{}, {}, in {:.1} s ({} a second)",
        counted(summary.items, "item", "items"),
        HumanBytes(summary.bytes),
        summary.seconds,
        grouped(rate as u64)
    ))?;
    for outcome in Outcome::ALL {
        let meaning = match outcome {
            Outcome::Known => "identical to a listed file",
            Outcome::Near => "looks like a listed picture; a person decides",
            Outcome::Ignored => "on a list of harmless files",
            Outcome::Unknown if summary.filter.is_some() => "checked, not in what was searched of the lists",
            Outcome::Unknown => "checked, on no list",
            Outcome::Unchecked => "not or only partly checked, and nothing found",
            Outcome::Quarantined => "matches an entry in quarantine; a person decides",
            Outcome::Deconfirmed => "matches an entry that was deconfirmed here",
        };
        if summary.of(outcome) == 0 && matches!(outcome, Outcome::Quarantined | Outcome::Deconfirmed) {
            continue;
        }
        out.text(format_args!("  {:<11}{:>8}   {meaning}", outcome.as_str(), grouped(summary.of(outcome))))?;
    }
    for (number, what) in [
        (summary.watched, "on a watched list, whatever their outcome"),
        (summary.suppressed, "with a match that a list of harmless files overrules"),
    ] {
        if number > 0 {
            out.text(format_args!("  {}, {what}", counted(number, "item", "items")))?;
        }
    }
    if let Some(filter) = &summary.filter {
        out.text(not_searched(filter))?;
    }
    for NotAllowed { set, reason, .. } in &summary.not_allowed {
        out.text(format_args!("Not searched: {set}, since {reason}."))?;
    }
    if !summary.gaps.is_empty() {
        out.text("What was not checked, and why:")?;
        let mut gaps: Vec<_> = summary.gaps.iter().collect();
        gaps.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        for (cause, items) in gaps {
            out.text(format_args!("  {:>9}   {cause}", grouped(*items)))?;
        }
    }
    if summary.links > 0 {
        out.text(format_args!("{} links were not followed.", grouped(summary.links)))?;
    }
    Ok(())
}

/// Progress on a terminal; silent elsewhere.
struct Bar(ProgressBar);

impl Bar {
    fn new() -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed_precise} {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }
}

impl Progress for Bar {
    fn tripped(&mut self, entry: &Tripped) {
        self.0.suspend(|| tell_tripped(entry));
    }

    fn advance(&mut self, so_far: &Summary) {
        let rate = so_far.items as f64 / self.0.elapsed().as_secs_f64().max(1e-9);
        self.0.set_message(format!(
            "{} items, {}, {} a second; {} known, {} near, {} unchecked",
            grouped(so_far.items),
            HumanBytes(so_far.bytes),
            grouped(rate as u64),
            grouped(so_far.known),
            grouped(so_far.near),
            grouped(so_far.unchecked)
        ));
    }
}
