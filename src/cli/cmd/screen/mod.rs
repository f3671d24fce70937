//! `innerward screen PATH…`

mod progress;
mod summary;
mod verify;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use jiff::Span;
use jiff::civil::Date;
use signal_hook::consts::{SIGINT, SIGTERM};

use super::jail::Decoding;
use super::select::{LowQuality, Select, say_what_is_forbidden};
use crate::cli::global::Global;
use crate::cli::output::{Output, complain, grouped};
use crate::cli::status::Status;
use crate::digest::Fidelity;
use crate::hashset::{Bounds, Role, SetInfo, Sets};
use crate::home::{Clock, Home};
use crate::screen::{
    Asked, Batch, Filter, Finished, Matcher, Run, RunOptions, Sources, Summary, Words, forget,
};
use crate::tally::{ListInUse, Tally, sighting};
use crate::vocabulary::{Code, Dimension, Period};
use progress::Told;
pub(in crate::cli) use summary::print_summary;

/// Check files and folders against all lists
///
/// Every file gets exactly one verdict: known (a digest is equal), near (a picture hash is close; a person decides),
/// ignored (known to be harmless), unknown, or unchecked with the reason; quarantined or deconfirmed where this ward took
/// what it matched out of service. Verdicts go to HOME/runs/ID/verdicts.jsonl,
/// readable by its owner alone; a summary goes to stdout, or with --format json every verdict. Each distinct item is
/// counted once a month in the local tally. Files are only ever read.
///
/// A run that was interrupted, by Ctrl-C or a power cut, goes on with --resume RUN where it stopped. Once it has come to
/// its end it is recorded and signed; `screen verify RUN` checks that. A folder called verify is screened as ./verify.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(in crate::cli) struct Screen {
    #[command(subcommand)]
    verb: Option<ScreenVerb>,

    /// Files and folders
    #[arg(required_unless_present_any = ["from", "resume"], value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Screen what FILE names as well: a path a line, or zero bytes between them (find -print0); - for stdin
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,

    /// Go on with a run that did not come to its end; RUN is the name of its folder, or `last`
    ///
    /// It is told nothing else: it goes on with the words that it was begun with, in the folder where that was. What
    /// has a verdict keeps it; lists are those of now.
    #[arg(long, value_name = "RUN", conflicts_with_all = ["paths", "from"])]
    resume: Option<String>,

    /// Leave out files and folders in folders: *.tmp by name, cache/** by path; may be given several times
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,

    /// Leave out smaller files: 4096, 4k, 2M, 1G (1024 each)
    #[arg(long, value_name = "SIZE", value_parser = size)]
    min_size: Option<u64>,

    /// Leave out larger files
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_size: Option<u64>,

    /// Stay on the file system of each PATH
    #[arg(long)]
    one_file_system: bool,

    /// Follow links inside folders, which are counted and passed over otherwise
    #[arg(long)]
    follow: bool,

    /// Keep the fingerprints of what is screened for so many days, for `innerward rescan`
    ///
    /// Fingerprints are hashes, lengths and paths, not content; they lie beside the verdicts, and are deleted when the
    /// days are over, by the next `screen` or `rescan`.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..=3650))]
    remember: Option<i64>,

    /// Write the verdicts as a table as well: verdicts.csv, beside verdicts.jsonl and triage.html
    #[arg(long)]
    csv: bool,

    /// Say nothing on stderr while it runs
    #[arg(long, short)]
    quiet: bool,

    /// Print the summary alone, in JSON too
    #[arg(long)]
    summary: bool,

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

    /// Who does this, for the record of the run: a name, a role, a ticket
    #[arg(long, value_name = "TEXT", value_parser = note)]
    by: Option<String>,
}

/// What is done with runs.
#[derive(Subcommand)]
enum ScreenVerb {
    Verify(verify::Verify),
}

impl Screen {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        if let Some(ScreenVerb::Verify(verify)) = &self.verb {
            return verify.run(global, out);
        }
        if self.paths.first().is_some_and(|first| first.as_os_str() == "verify") {
            bail!(
                "options of `screen verify` come after RUN; a folder called verify is screened as ./verify"
            );
        }
        let home = global.open_home()?;
        match &self.resume {
            None => {
                let today = global.clock(&home)?.today();
                forget(&home, today)?;
                let until = self.remember.map(|days| today.saturating_add(Span::new().days(days)));
                let run = |home: &Home| Ok(Run::start(home, asked_now()?, until)?);
                self.screen(&home, run, global, out)
            }
            Some(id) => {
                let (run, asked) = Run::resume(&home, id)?;
                let folder = PathBuf::from(OsString::from(asked.folder));
                let change = std::env::set_current_dir(&folder);
                change.with_context(|| format!("{}, where the run was begun", folder.display()))?;
                let words = asked.arguments.into_iter().map(OsString::from);
                let Some(mut begun) = crate::cli::parse_screen(words) else {
                    bail!("run {id} was not begun by `innerward screen`, so it cannot be resumed");
                };
                begun.by = self.by.clone().or(begun.by);
                begun.screen(&home, |_| Ok(run), global, out)
            }
        }
    }

    fn screen(
        &self,
        home: &Home,
        run: impl FnOnce(&Home) -> anyhow::Result<Run>,
        global: &Global,
        out: &mut Output,
    ) -> anyhow::Result<Status> {
        // A pretended day in a real home is refused before anything is read.
        let today = global.clock(home)?.today();
        let selection = self.select.selection();
        let is_ordinary = self.max_distance.is_none() && selection.is_empty() && !self.quality.is_asked();
        let counted =
            (!self.no_tally && is_ordinary).then_some(Counted { today: global.today, channel: self.channel });
        out.outlive_reader(); // verdicts and counts are the product; they are finished in any case
        let mut options = self.decoding.options(&home.config()?, self.fidelity)?;
        (options.table, options.stop) = (self.csv, stop()?);
        options.by = self.by.clone().map(|by| Words::from(OsString::from(by)));
        let sources = self.sources()?;
        let bounds = self.max_distance.clone().unwrap_or_default();
        let matcher = self.quality.apply(Matcher::open_on(home, bounds, &selection, today)?);
        say_what_is_forbidden(&matcher);
        let how = How { counted, quiet: self.quiet, summary_alone: self.summary };
        let screened = screen(home, run(home)?, &matcher, &sources, &options, how, out)?;
        out.json("summary", &screened.summary)?;
        print_summary(&screened.summary, out)?;
        out.text(format_args!("\nVerdicts (local, not for sharing): {}", screened.verdicts.display()))?;
        if !screened.stopped {
            out.text(format_args!(
                "A page to begin with: {}",
                screened.verdicts.with_file_name("triage.html").display()
            ))?;
            out.text(format_args!("Signed; to check it later: innerward screen verify {}", screened.id))?;
        }
        if screened.stopped {
            let items = grouped(screened.summary.items);
            complain(format_args!(
                "stopped after {items} items; go on with: innerward screen --resume {}",
                screened.id
            ));
        }
        Ok(screened.status)
    }

    fn sources(&self) -> anyhow::Result<Sources> {
        let names = self.exclude.iter().map(String::as_str);
        let mut filter = Filter::default().exclude(names).context("--exclude")?;
        (filter.min_bytes, filter.max_bytes) = (self.min_size, self.max_size);
        (filter.one_file_system, filter.follow_links) = (self.one_file_system, self.follow);
        Ok(Sources { paths: self.paths.clone(), from: self.from.clone(), filter })
    }
}

/// What a person says of who does something, as `set import` takes it.
fn note(text: &str) -> Result<String, String> {
    let is_fine = text.chars().count() <= Sets::NOTE_LEN && !text.chars().any(char::is_control);
    if is_fine { Ok(text.into()) } else { Err(format!("at most {} printable characters", Sets::NOTE_LEN)) }
}

/// Bytes, with `k`, `M`, `G` or `T` behind them for 1024 of the one before.
fn size(text: &str) -> Result<u64, &'static str> {
    const FORM: &str = "a size is a number, with k, M, G or T behind it for 1024, 1024² … bytes";
    let (digits, unit) = text.find(|c: char| !c.is_ascii_digit()).map_or((text, ""), |at| text.split_at(at));
    let power =
        ["", "k", "m", "g", "t"].iter().position(|name| name.eq_ignore_ascii_case(unit)).ok_or(FORM)?;
    let number: u64 = digits.parse().map_err(|_| FORM)?;
    number.checked_mul(1 << (10 * power)).ok_or("more than any file has")
}

/// What this process was asked for.
fn asked_now() -> anyhow::Result<Asked> {
    let folder = std::env::current_dir().context("the folder that this command was started in")?;
    let arguments = std::env::args_os().skip(1).map(Words::from).collect();
    Ok(Asked { folder: folder.into_os_string().into(), arguments })
}

/// A run that has come to its end, or was stopped.
pub(in crate::cli) struct Screened {
    pub(in crate::cli) id: String,
    pub(in crate::cli) summary: Summary,
    pub(in crate::cli) verdicts: PathBuf,
    pub(in crate::cli) status: Status,
    pub(in crate::cli) stopped: bool,
}

/// How the items of a run are counted.
#[derive(Clone, Copy)]
pub(in crate::cli) struct Counted {
    /// The day that a demo pretends.
    pub(in crate::cli) today: Option<Date>,
    /// How the items reached the ward.
    pub(in crate::cli) channel: Code,
}

/// What is done with the verdicts of a run beside writing them.
#[derive(Clone, Copy, Default)]
pub(in crate::cli) struct How {
    pub(in crate::cli) counted: Option<Counted>,
    pub(in crate::cli) quiet: bool,
    /// Verdicts are not printed.
    pub(in crate::cli) summary_alone: bool,
}

/// Screens `sources` and counts the items as `how` says.
pub(in crate::cli) fn screen(
    home: &Home,
    run: Run,
    matcher: &Matcher,
    sources: &Sources,
    options: &RunOptions,
    how: How,
    out: &mut Output,
) -> anyhow::Result<Screened> {
    let mut tally = how.counted.map(|_| Tally::open(home)).transpose()?;
    let lists = lists_in_use(matcher);
    let mut noted = None;
    let (id, verdicts) = (run.id(), run.verdicts());
    let mut told = Told::new(how.quiet);
    let finished = run.screen(home, matcher, sources, options, &mut told, &mut |batch| {
        let Batch { items, again_since } = batch;
        if let (Some(tally), Some(Counted { today, channel })) = (&mut tally, how.counted) {
            let mut sightings: Vec<_> = items.iter().filter_map(|item| sighting(item, channel)).collect();
            let lock = home.lock_tally()?;
            // Asked anew for each batch: a run that goes on into the next month counts there, since the month that
            // is over may have been published.
            let period = Period::containing(Clock::of(home, today)?.today());
            // What was counted just before the process ended is counted in that month and in no other.
            if let Some(since) = again_since {
                let before = Period::containing(since.to_zoned(jiff::tz::TimeZone::system()).date());
                if before != period {
                    tally.leave_out_known(before, &mut sightings)?;
                }
            }
            if noted.replace(period) != Some(period) {
                tally.note_lists(&lock, period, &lists)?;
            }
            tally.record(&lock, period, &sightings)?;
        }
        if !how.summary_alone {
            for item in items {
                out.json("screen", &item.line())?;
            }
        }
        Ok(())
    })?;
    told.finish();
    let Finished { summary, clusters, stopped } = finished;
    if !how.summary_alone {
        for item in &clusters {
            out.json("cluster", item)?;
        }
    }
    let status = Status::of(&summary, stopped);
    Ok(Screened { id, summary, verdicts, status, stopped })
}

/// Set once this process is asked to end; asked again, it ends at once.
fn stop() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for (signal, code) in [(SIGINT, 130), (SIGTERM, 143)] {
        signal_hook::flag::register_conditional_shutdown(signal, code, Arc::clone(&stop))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&stop)))
            .context("signals cannot be waited for")?;
    }
    Ok(stop)
}

/// The classes of the lists that `matcher` asks, and whose matches may be counted.
fn lists_in_use(matcher: &Matcher) -> Vec<ListInUse> {
    let mut lists: BTreeMap<Code, ListInUse> = BTreeMap::new();
    // What is published is as if watched sets were not there.
    let counted = |set: &&SetInfo| set.role != Role::Watch && matcher.is_counted(set);
    for set in matcher.sets().iter().filter(counted) {
        let revised = Period::containing(set.revised_on);
        let list_class = set.list_class;
        let list = lists.entry(list_class).or_insert(ListInUse { list_class, revised, active_entries: 0 });
        list.revised = list.revised.max(revised);
        list.active_entries += matcher.searched_entries(set);
    }
    lists.into_values().collect()
}
