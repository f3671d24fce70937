//! `innerward screen --watch DIR`: run after run, one a day.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::civil::Date;

use super::hooks::{Event, Hooks};
use super::{How, Screen, print_screened, screen};
use crate::cli::cmd::select::say_what_is_forbidden;
use crate::cli::global::Global;
use crate::cli::output::{Output, complain};
use crate::cli::status::Status;
use crate::home::{Clock, Home};
use crate::index::Reader;
use crate::screen::{Asked, Pause, Run, RunError, Sources, Watch, Watching};

impl Screen {
    pub(super) fn watch(
        &self,
        home: &Home,
        dir: &Path,
        asked: &Asked,
        hooks: &Hooks,
        global: &Global,
        out: &mut Output,
    ) -> anyhow::Result<Status> {
        global.clock(home)?;
        out.outlive_reader();
        let options = self.options(home)?;
        let place = dir.display().to_string();
        let say = move |is_away| {
            complain(if is_away {
                format!(
                    "{place} is not there, or an empty folder in its place; it is waited for, and what was taken in of \
                     it is remembered"
                )
            } else {
                format!("{place} is there again")
            });
        };
        let (every, stop) = (Duration::from_secs(self.every), Arc::clone(&options.stop));
        let watch = Arc::new(Watch::open(home, dir, Watching { every, stop, away: Box::new(say) })?);
        let sources = Sources { watch: Some(Arc::clone(&watch)), ..self.sources(&options)? };
        let mut status = Status::default();
        let mut said = false;
        loop {
            let today = global.clock(home)?.today();
            let matcher = self.matcher(home, today)?;
            if !std::mem::replace(&mut said, true) {
                say_what_is_forbidden(&matcher);
            }
            let run = match self.unfinished(home, &watch)? {
                Some(run) => run,
                None => Run::start(home, asked.clone(), self.make_room(home, global)?)?,
            };
            watch.set_run(Some(&run.id()))?;
            let newest = Reader::open(&home.index_dir())?;
            watch.pause_by(pause(home, global.today, today, matcher.generation(), newest));
            let how = How {
                counted: self.counted(home, global)?,
                quiet: self.quiet,
                summary_alone: self.summary,
                hooks: Some(hooks),
            };
            let screened = screen(home, run, &matcher, &sources, &options, how, out)?;
            let is_asked = options.stop.load(Ordering::Relaxed);
            if screened.stopped && !is_asked {
                continue; // the same run, with the lists of now
            }
            if !screened.stopped {
                watch.set_run(None)?;
            }
            hooks.stopped(if is_asked { Event::Interrupted } else { Event::Ended });
            print_screened(&screened, out)?;
            out.flush()?;
            status = status.and(screened.status);
            if is_asked {
                return Ok(status);
            }
        }
    }

    /// The run that an earlier process, or an earlier set of lists, left to be gone on with.
    fn unfinished(&self, home: &Home, watch: &Watch) -> anyhow::Result<Option<Run>> {
        let Some(id) = watch.unfinished() else { return Ok(None) };
        match Run::resume(home, &id) {
            Ok((run, _)) => Ok(Some(run)),
            // It was brought to its end, or deleted, and the watch was killed before it knew.
            Err(RunError::Ended { .. } | RunError::NoSuchRun { .. }) => Ok(None),
            Err(error @ (RunError::Damaged { .. } | RunError::Older { .. })) => {
                complain(format_args!("{error}; a new run begins"));
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Says that a day is over by the clock of the home, and when lists have changed.
fn pause(
    home: &Home,
    pretended: Option<Date>,
    began_on: Date,
    generation: u64,
    newest: Reader,
) -> impl Fn() -> Option<Pause> + Send + 'static {
    let home = home.clone();
    move || {
        // A clock that cannot be read any more ends no run.
        let today = Clock::of(&home, pretended).map_or(began_on, Clock::today);
        if today != began_on {
            return Some(Pause::End);
        }
        // Nor does an index that is being written to: it is looked at again.
        let changed = newest.current().is_ok_and(|index| index.generation() != generation);
        changed.then_some(Pause::Rest)
    }
}
