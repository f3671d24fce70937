//! `innerward screen PATH…`

mod brought;
mod hooks;
mod pace;
mod progress;
mod summary;
mod verify;
mod watching;
mod words;

use std::cell::Cell;
use std::ffi::OsString;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, bail};
use jiff::Span;
use jiff::civil::Date;
use signal_hook::consts::{SIGINT, SIGTERM};

use super::select::say_what_is_forbidden;
use crate::cli::deed::warn_of_owner;
use crate::cli::global::Global;
use crate::cli::output::{Output, complain, grouped};
use crate::cli::status::Status;
use crate::home::{Clock, Home};
use crate::language::Arg;
use crate::screen::{Asked, Batch, Finished, Matcher, Run, RunOptions, Sources, Summary, Words, forget};
use crate::tally::{Beside, Brought, Sighting, Tally, sighting};
use crate::vocabulary::{Period, channel};
pub(in crate::cli) use brought::Case;
use hooks::{Event, Hooks};
use progress::{Left, Own, Told};
pub(in crate::cli) use summary::print_summary;
pub(in crate::cli) use words::Screen;
use words::Verb;

impl Screen {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        if let Some(Verb::Verify(verify)) = &self.verb {
            return verify.run(global, out);
        }
        if self.paths.first().is_some_and(|first| first.as_os_str() == "verify") {
            bail!(
                "options of `screen verify` come after RUN; a folder called verify is screened as ./verify"
            );
        }
        let home = global.open_home()?;
        warn_of_owner(&home);
        let Some(id) = &self.resume else {
            return self.begin(&home, asked_now()?, global, out);
        };
        let (run, asked) = Run::resume(&home, id)?;
        let folder = PathBuf::from(OsString::from(asked.folder.clone()));
        let change = std::env::set_current_dir(&folder);
        change.with_context(|| format!("{}, where the run was begun", folder.display()))?;
        let words = asked.arguments.iter().cloned().map(OsString::from);
        let Some(mut begun) = crate::cli::parse_screen(words) else {
            bail!("run {id} was not begun by `innerward screen`, so it cannot be resumed");
        };
        begun.by = self.by.clone().or(begun.by);
        begun.case = brought::of_resumed(begun.case, self.case)?;
        if begun.watch.is_some() {
            // A watch knows itself which run it has to go on with.
            drop(run);
            return begun.begin(&home, asked, global, out);
        }
        begun.with_hooks(|hooks| begun.screen(&home, |_| Ok(run), hooks, global, out))
    }

    fn begin(&self, home: &Home, asked: Asked, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        self.with_hooks(|hooks| match &self.watch {
            Some(dir) => self.watch(home, dir, &asked, hooks, global, out),
            None => {
                let until = self.make_room(home, global)?;
                let run = |home: &Home| Ok(Run::start(home, asked, until)?);
                self.screen(home, run, hooks, global, out)
            }
        })
    }

    /// Deletes what is not to be remembered any more, and says until when the next run is.
    fn make_room(&self, home: &Home, global: &Global) -> anyhow::Result<Option<Date>> {
        let today = global.clock(home)?.today();
        forget(home, today)?;
        Ok(self.remember.map(|days| today.saturating_add(Span::new().days(days))))
    }

    /// Whatever happens, those who are to be told are told.
    fn with_hooks(&self, work: impl FnOnce(&Hooks) -> anyhow::Result<Status>) -> anyhow::Result<Status> {
        let hooks = Hooks::new(self.on_found.clone(), self.on_stop.clone(), self.alert.clone());
        let worked = work(&hooks);
        if worked.is_err() {
            hooks.stopped(Event::Failed);
        }
        hooks.finish();
        worked
    }

    /// How items are counted, if they are.
    fn counted(&self, home: &Home, global: &Global) -> anyhow::Result<Option<Counted>> {
        let is_ordinary =
            self.max_distance.is_none() && self.select.selection().is_empty() && !self.quality.is_asked();
        let default = if self.watch.is_some() { channel::WATCH_FOLDER } else { channel::BULK };
        let channel = self.channel.unwrap_or(default);
        let area = match self.region {
            Some(region) => Some(region),
            None => brought::region_of(&home.config()?)?,
        };
        let case = self.case.map(Case::given).transpose()?;
        let brought = Brought { channel, area, case };
        Ok((!self.no_tally && is_ordinary).then_some(Counted { today: global.today, brought }))
    }

    fn matcher(&self, home: &Home, today: Date) -> anyhow::Result<Matcher> {
        let bounds = self.max_distance.clone().unwrap_or_default();
        Ok(self.quality.apply(Matcher::open_on(home, bounds, &self.select.selection(), today)?))
    }

    fn options(&self, home: &Home) -> anyhow::Result<RunOptions> {
        let mut options = self.decoding.options(&home.config()?, self.fidelity)?;
        (options.table, options.stop) = (self.csv, stop()?);
        options.by = self.by.clone().map(|by| Words::from(OsString::from(by)));
        Ok(options)
    }

    fn screen(
        &self,
        home: &Home,
        run: impl FnOnce(&Home) -> anyhow::Result<Run>,
        hooks: &Hooks,
        global: &Global,
        out: &mut Output,
    ) -> anyhow::Result<Status> {
        // A pretended day in a real home is refused before anything is read.
        let today = global.clock(home)?.today();
        out.outlive_reader(); // verdicts and counts are the product; they are finished in any case
        let mut options = self.options(home)?;
        options.language = Some(Arc::clone(out.language()));
        let matcher = self.matcher(home, today)?;
        say_what_is_forbidden(&matcher);
        let sources = self.sources(&options)?;
        let counted = self.counted(home, global)?;
        let how = How { counted, quiet: self.quiet, summary_alone: self.summary, hooks: Some(hooks) };
        let screened = screen(home, run(home)?, &matcher, &sources, &options, how, out)?;
        hooks.stopped(if screened.stopped { Event::Interrupted } else { Event::Ended });
        print_screened(&screened, out)?;
        Ok(screened.status)
    }
}

/// The summary of a run, and where the rest is.
fn print_screened(screened: &Screened, out: &mut Output) -> anyhow::Result<()> {
    out.json("summary", &screened.summary)?;
    print_summary(&screened.summary, out)?;
    let verdicts = screened.verdicts.display().to_string();
    out.text(format_args!("\n{}", out.say("operator-verdicts", &[("path", Arg::Text(&verdicts))])))?;
    if screened.stopped {
        let (items, id) = (grouped(screened.summary.items), &screened.id);
        complain(format_args!("stopped after {items} items; go on with: innerward screen --resume {id}"));
    } else {
        let page = screened.verdicts.with_file_name("triage.html").display().to_string();
        let command = format!("innerward screen verify {}", screened.id);
        out.text(out.say("operator-page", &[("path", Arg::Text(&page))]))?;
        out.text(out.say("operator-signed", &[("command", Arg::Text(&command))]))?;
    }
    Ok(())
}

/// What this process was asked for.
fn asked_now() -> anyhow::Result<Asked> {
    let folder = std::env::current_dir().context("the folder that this command was started in")?;
    let arguments = brought::without_case(std::env::args_os().skip(1)).map(Words::from).collect();
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
    /// How the items reached the ward, where and for which case.
    pub(in crate::cli) brought: Brought,
}

/// What is done with the verdicts of a run beside writing them.
#[derive(Clone, Copy, Default)]
pub(in crate::cli) struct How<'a> {
    pub(in crate::cli) counted: Option<Counted>,
    pub(in crate::cli) quiet: bool,
    /// Verdicts are not printed.
    pub(in crate::cli) summary_alone: bool,
    /// Who is told.
    pub(in crate::cli) hooks: Option<&'a Hooks>,
}

/// Screens `sources` and counts the items as `how` says.
pub(in crate::cli) fn screen(
    home: &Home,
    run: Run,
    matcher: &Matcher,
    sources: &Sources,
    options: &RunOptions,
    how: How<'_>,
    out: &mut Output,
) -> anyhow::Result<Screened> {
    let mut tally = how.counted.map(|_| Tally::open(home)).transpose()?;
    let beside = Beside::of(home, matcher)?;
    // What counts are to be read beside is public, and so must not hang on whether anything was there to be counted: it is
    // noted when a run begins, and when it ends in another month.
    let mut noted = None;
    if let (Some(tally), Some(Counted { today, .. })) = (&mut tally, how.counted) {
        let period = Period::containing(Clock::of(home, today)?.today());
        beside.note(tally, &home.lock_tally()?, period)?;
        noted = Some(period);
    }
    let (id, verdicts) = (run.id(), run.verdicts());
    let counting = (!how.quiet).then(|| sources.count(home.root().canonicalize().ok())).flatten();
    let done = Rc::<Cell<Own>>::default();
    let left = Left { counting, passed: Arc::clone(&sources.passed), done: Rc::clone(&done) };
    let mut told = Told::new(how.quiet, run.summary(), left);
    if let Some(hooks) = how.hooks {
        hooks.begin(&id, &verdicts, run.summary());
        told.tell(hooks);
    }
    let finished = run.screen(home, matcher, sources, options, &mut told, &mut |batch| {
        let Batch { items, again_since } = batch;
        done.set(items.iter().filter(|item| item.file.is_none()).fold(done.get(), Own::and));
        if let (Some(tally), Some(Counted { today, brought })) = (&mut tally, how.counted) {
            let seen = items.iter().filter_map(|item| sighting(item, &brought));
            let mut sightings: Vec<Sighting> = seen.collect();
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
                beside.note(tally, &lock, period)?;
            }
            tally.record(&lock, period, &sightings)?;
        }
        if !how.summary_alone {
            for item in items {
                out.json("screen", &item.line())?;
            }
        }
        if sources.watch.is_some() {
            out.flush()?; // what comes next may take days
        }
        Ok(())
    })?;
    if let (Some(tally), Some(Counted { today, .. })) = (&mut tally, how.counted) {
        let period = Period::containing(Clock::of(home, today)?.today());
        if noted != Some(period) {
            beside.note(tally, &home.lock_tally()?, period)?;
        }
    }
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
