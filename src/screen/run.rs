//! A run over many items: in parallel, in order, one line an item, into a file that only its owner can read. One that was
//! ended from outside goes on where it stopped.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::ahead::{AheadError, BATCHES, each_batch};
use super::clusters::{ClusterError, clusters};
use super::examine::{Eyes, LookedAt, RunOptions, Target, look_at};
use super::folder::{Asked, Checkpoint, RunFolder};
use super::part::Part;
use super::remembered::Remembered;
use super::sources::{Done, Sources};
use super::table::write_table;
use super::triage::write_page;
use super::{Clustered, Line, MatchError, Matcher, NotAllowed, Screened, Summary, Tripped};
use crate::home::{Home, HomeError, create_private};
use crate::jail::JailError;
use crate::language::Locale;

/// What can end a run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// Matching failed.
    #[error(transparent)]
    Match(#[from] MatchError),
    /// The home failed.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// There is no confined process to be had any more.
    #[error(transparent)]
    Jail(#[from] JailError),
    /// The verdicts could not be written.
    #[error("{}: {source}; the verdicts so far are kept", path.display())]
    Write {
        /// The file of verdicts.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The list of what is to be screened could not be read.
    #[error("{}: {source}; what was screened so far is kept", path.display())]
    List {
        /// The list.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The system lets this process have no further thread.
    #[error("no thread can be started: {0}; see `ulimit -u`")]
    Thread(io::Error),
    /// There is no such run.
    #[error("there is no run {id}{}", last.as_ref().map(|id| format!("; the last one is {id}")).unwrap_or_default())]
    NoSuchRun {
        /// What was asked for.
        id: String,
        /// The run that began last.
        last: Option<String>,
    },
    /// It came to its end, so that there is nothing to go on with.
    #[error("run {id} came to its end; screen the same again for a new one")]
    Ended {
        /// The run.
        id: String,
    },
    /// It did not come to its end.
    #[error(
        "run {id} did not come to its end, so that there is no record of it yet; go on with it: innerward screen --resume \
         {id}"
    )]
    NotEnded {
        /// The run.
        id: String,
    },
    /// It came to its end, and nothing says what it was then.
    #[error(
        "run {id} has no record.json: it was made by a version of innerward that wrote none, or somebody took it away"
    )]
    NoRecord {
        /// The run.
        id: String,
    },
    /// No run was signed in this home.
    #[error(
        "this home has no key of runs (keys/runs.key); give the public key of the home that made the run with --key"
    )]
    NoKey,
    /// A run of a version that could not resume any.
    #[error("run {id} was begun by a version of innerward that could not go on with runs; begin a new one")]
    Older {
        /// The run.
        id: String,
    },
    /// Another process works on it.
    #[error("{}: another innerward process works on this run; wait until it has finished", folder.display())]
    Busy {
        /// The folder of the run.
        folder: PathBuf,
    },
    /// A file of the run is not what was written.
    #[error("{}: line {line} is not what was written; begin a new run", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where, counted from 1; what stands there is not repeated, since it may be a name.
        line: u64,
    },
    /// Whoever takes in the items failed. Not transparent: the cause itself must stay in the chain, where a closed pipe
    /// is looked for.
    #[error("{0}")]
    Sink(#[from] SinkError),
}

/// Whatever stops those who take in the items.
pub type SinkError = Box<dyn std::error::Error + Send + Sync>;

/// Told as a run goes on, and asked whether it is to go on.
pub trait Progress {
    /// So many items and bytes have a verdict.
    fn advance(&mut self, so_far: &Summary);

    /// The flood guard took this entry out of service.
    fn tripped(&mut self, _entry: &Tripped) {}
}

impl Progress for () {
    fn advance(&mut self, _: &Summary) {}
}

/// What has a verdict, on its way to the file.
pub struct Batch<'a> {
    /// The items, in order.
    pub items: &'a [Screened],
    /// That of the last checkpoint, if the process ended after that: these items may have been here before.
    pub again_since: Option<Timestamp>,
}

/// How a run ended.
#[derive(Clone, PartialEq)]
pub struct Finished {
    /// What it found.
    pub summary: Summary,
    /// Unknown items that look alike; only once the run has come to its end.
    pub clusters: Vec<Clustered>,
    /// It was asked to stop, and did so between two items; it can go on.
    pub stopped: bool,
}

/// Who has a part in a run.
pub(super) struct Desk<'a> {
    pub(super) matcher: &'a Matcher,
    pub(super) options: &'a RunOptions,
    progress: &'a mut dyn Progress,
    sink: &'a mut dyn FnMut(Batch<'_>) -> Result<(), SinkError>,
    /// The number of the batch that is handed on.
    batch: u64,
}

/// What is looked at in one piece.
struct Found {
    targets: Vec<Target>,
    /// Links and files that were passed over on the way to them.
    links: u64,
    excluded: u64,
}

impl Found {
    fn is_empty(&self) -> bool {
        self.targets.is_empty() && (self.links, self.excluded) == (0, 0)
    }
}

/// What is waited for until the end.
static NEVER: AtomicBool = AtomicBool::new(false);

impl Desk<'_> {
    pub(super) fn eyes<'a>(&'a self, remembered: &'a Remembered) -> Eyes<'a> {
        let Self { matcher, options, batch, .. } = *self;
        Eyes { matcher, options, remembered, batch, given_up: &NEVER }
    }

    pub(super) fn is_to_stop(&self) -> bool {
        self.options.is_to_stop()
    }
}

/// A run and its folder `runs/ID/`.
pub struct Run {
    folder: RunFolder,
    before: Option<Checkpoint>,
    out: BufWriter<File>,
    len: u64,
    pub(super) remembered: Arc<Remembered>,
    summary: Summary,
    /// What has a verdict and was not written yet.
    pub(super) waiting: Vec<Screened>,
    /// Of each item of the sources that was settled since the sources were last told, whether it could be read.
    pub(super) settled: Vec<bool>,
    /// When this part began, and the seconds of those before.
    began: (Instant, f64),
    last_checkpoint: Option<Instant>,
}

/// What a run that is ended from outside loses at most is what it did in this time, beside the batch that it had in hand.
const CHECKPOINT_EVERY: Duration = Duration::from_millis(500);

/// Items whose verdicts are made in parallel before they are written in order: enough to keep all cores busy behind
/// one slow item, few enough that memory stays flat.
pub(super) const BATCH: usize = 512;

impl Run {
    /// Begins a run, of which fingerprints are kept up to the day `remember_until`.
    ///
    /// # Errors
    /// [`RunError::Home`] if its folder cannot be made.
    pub fn start(home: &Home, asked: Asked, remember_until: Option<Date>) -> Result<Self, RunError> {
        Self::go_on(RunFolder::create(home, asked, remember_until)?, None)
    }

    /// Takes up a run that did not come to its end, and tells what it was asked for.
    ///
    /// # Errors
    /// [`RunError`] if there is no such run, or nothing is left of it to do.
    pub fn resume(home: &Home, id: &str) -> Result<(Self, Asked), RunError> {
        let folder = RunFolder::open(home, id)?;
        let asked = folder.described.asked.clone();
        let checkpoint = folder.checkpoint()?;
        Ok((Self::go_on(folder, checkpoint)?, asked))
    }

    fn go_on(folder: RunFolder, before: Option<Checkpoint>) -> Result<Self, RunError> {
        let (verdicts, fingerprints) =
            before.as_ref().map_or((0, 0), |before| (before.verdicts, before.fingerprints));
        let path = folder.verdicts();
        let mut file = create_private(&path, false)?;
        let begin = |file: &mut File| -> io::Result<()> {
            if file.metadata()?.len() < verdicts {
                return Err(io::Error::other("it is shorter than it was; begin a new run"));
            }
            file.set_len(verdicts)?;
            file.seek(SeekFrom::End(0)).map(drop)
        };
        begin(&mut file).map_err(HomeError::io(&path))?;
        let remembered = Remembered::open(&folder.fingerprints(), fingerprints)?.into();
        let summary = before.as_ref().map_or_else(Summary::default, |before| before.summary.clone());
        let (out, waiting, settled) = (BufWriter::new(file), Vec::new(), Vec::new());
        let (began, last_checkpoint) = ((Instant::now(), summary.seconds), None);
        let len = verdicts;
        Ok(Self { folder, before, out, len, remembered, summary, waiting, settled, began, last_checkpoint })
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> String {
        self.folder.id()
    }

    /// What it has found so far.
    #[must_use]
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Where the verdicts are.
    #[must_use]
    pub fn verdicts(&self) -> PathBuf {
        self.folder.verdicts()
    }

    /// Screens all of `sources`. Each batch goes to `sink` in order before its lines are written.
    ///
    /// Uses the current rayon pool. The lines do not depend on the number of threads.
    ///
    /// # Errors
    /// [`RunError`]; lines already written stay.
    pub fn screen(
        mut self,
        home: &Home,
        matcher: &Matcher,
        sources: &Sources,
        options: &RunOptions,
        progress: &mut dyn Progress,
        sink: &mut dyn FnMut(Batch<'_>) -> Result<(), SinkError>,
    ) -> Result<Finished, RunError> {
        self.began.0 = Instant::now();
        self.summary.filter = matcher.filter();
        self.summary.not_allowed = matcher.forbidden().iter().map(NotAllowed::from).collect();
        // What is passed over is counted anew on the way.
        (self.summary.links, self.summary.excluded) = (0, 0);
        let part = Part::now(matcher, options, self.summary.items);
        self.folder.described.parts.push(part);
        self.folder.describe()?;
        // A watch knows itself what it has taken in, and the same file may come again when it has changed.
        let mut done = if sources.watch.is_some() { Done::default() } else { self.done()? };
        if self.before.is_none() {
            let header = header(matcher, options);
            self.write("run", &header)?;
        }
        let own = home.root().canonicalize().ok();
        let list = |source| RunError::List { path: sources.from.clone().unwrap_or_default(), source };
        let mut targets = sources.targets(own.as_deref()).map_err(list)?;
        let mut desk = Desk { matcher, options, progress, sink, batch: 0 };
        let remembered = Arc::clone(&self.remembered);
        // Before a watch is asked for more, which may take long, all that it gave is kept.
        let batches = if sources.watch.is_some() { 1 } else { BATCHES };
        let (mut stopped, mut is_amid) = (false, false);
        loop {
            let next = || {
                let mut passed = Summary::default();
                let targets = targets.batch(BATCH, &mut done, &mut passed)?;
                let found = Found { targets, links: passed.links, excluded: passed.excluded };
                // What is passed over behind the last file comes in a batch without any.
                Ok((!found.is_empty()).then_some(found))
            };
            let look = |batch, Found { targets, links, excluded }: Found, given_up: &AtomicBool| {
                let remembered = &*remembered;
                (look_at(targets, Eyes { matcher, options, remembered, batch, given_up }), links, excluded)
            };
            let ended = each_batch(batches, next, look, |(looked, links, excluded)| {
                self.count_passed(links, excluded, sources.watch.is_some());
                if !self.conclude(looked, &mut desk)? {
                    // Inside of a container: what is written of it does not count, and is dropped when the run goes on.
                    (stopped, is_amid) = (true, true);
                    return Ok(false);
                }
                stopped = desk.is_to_stop();
                if self.keep(stopped || sources.watch.is_some())? {
                    self.tell_kept(sources)?;
                }
                desk.batch += 1;
                Ok(!stopped)
            });
            ended.map_err(|error| match error {
                AheadError::Next(source) => list(source),
                AheadError::Thread(source) => RunError::Thread(source),
                AheadError::Then(error) => error,
            })?;
            let stream = if stopped { None } else { targets.stream() };
            let Some(stream) = stream else { break };
            if !self.take_in(stream, &sources.filter, &mut done, &mut desk)? {
                stopped = true;
                break;
            }
        }
        if let Some(goes_on) = sources.goes_on().filter(|_| !is_amid) {
            self.hand_on(&mut desk)?;
            self.keep(true)?;
            self.tell_kept(sources)?;
            stopped = goes_on;
        }
        for entry in matcher.close_guard()? {
            desk.progress.tripped(&entry);
        }
        let mut clusters = Vec::new();
        if !stopped {
            // What comes from here on is made again if the process ends before the run does.
            self.set_checkpoint()?;
            clusters = self.clusters()?;
            for item in &clusters {
                self.write("cluster", item)?;
            }
            self.summary.clusters = clusters.last().map_or(0, |last| last.cluster.into());
            self.summary.clustered = clusters.len() as u64;
            self.summary.seconds = self.seconds();
            let summary = self.summary.clone();
            self.write("summary", &summary)?;
            self.sync()?;
            let id = self.id();
            let language = options.language.as_deref().unwrap_or(Locale::english());
            self.folder.derive("triage.html", |lines, out| write_page(&id, lines, language, out))?;
            if options.table {
                self.folder.derive("verdicts.csv", |lines, out| write_table(lines, out))?;
            }
            self.folder.end(home, &self.summary)?;
        }
        Ok(Finished { summary: self.summary, clusters, stopped })
    }

    /// Counts what was passed over: of a watch it is what the last look at all of the folder passed over.
    fn count_passed(&mut self, links: u64, excluded: u64, is_watch: bool) {
        if !is_watch {
            self.summary.links += links;
            self.summary.excluded += excluded;
        } else if (links, excluded) != (0, 0) {
            (self.summary.links, self.summary.excluded) = (links, excluded);
        }
    }

    /// Takes in a batch with all that is inside of its containers; false if the run was asked to stop inside of one.
    fn conclude(&mut self, looked: LookedAt, desk: &mut Desk<'_>) -> Result<bool, RunError> {
        for item in looked.conclude(desk.matcher)? {
            if !self.settle(item, desk)? {
                return Ok(false);
            }
        }
        self.hand_on(desk)?;
        Ok(true)
    }

    /// Groups of unknown items that look alike.
    fn clusters(&self) -> Result<Vec<Clustered>, RunError> {
        clusters(|| self.remembered.all()).map_err(|error| match error {
            ClusterError::Read(source) => HomeError::Io { path: self.folder.fingerprints(), source }.into(),
            ClusterError::Search(error) => error.into(),
        })
    }

    /// As [`Run::hand_on`] once there is a batch of it.
    pub(super) fn hand_on_if_many(&mut self, desk: &mut Desk<'_>) -> Result<(), RunError> {
        if self.waiting.len() < BATCH { Ok(()) } else { self.hand_on(desk) }
    }

    /// Gives what has a verdict to whoever takes it, and writes it.
    pub(super) fn hand_on(&mut self, desk: &mut Desk<'_>) -> Result<(), RunError> {
        let &mut Desk { matcher, ref mut progress, ref mut sink, batch, .. } = desk;
        let mut items = std::mem::take(&mut self.waiting);
        for entry in matcher.guard(items.iter_mut().map(|item| &mut item.verdict)) {
            progress.tripped(&entry);
        }
        sink(Batch { items: &items, again_since: self.before.as_ref().map(|before| before.at) })?;
        for item in &items {
            self.summary.add(item);
            self.write("screen", &item.line())?;
        }
        self.summary.repeats += self.remembered.take(&items).map_err(self.cannot_write())?;
        self.remembered.end_batch(batch);
        progress.advance(&self.summary);
        items.clear();
        self.waiting = items;
        Ok(())
    }

    /// One more was left out as asked.
    pub(super) fn count_excluded(&mut self) {
        self.summary.excluded += 1;
    }

    fn seconds(&self) -> f64 {
        self.began.1 + self.began.0.elapsed().as_secs_f64()
    }

    /// Sets a checkpoint `at_once`, or if the last one was long ago; true if it did.
    pub(super) fn keep(&mut self, at_once: bool) -> Result<bool, RunError> {
        self.summary.seconds = self.seconds();
        let is_due = at_once || self.last_checkpoint.is_none_or(|last| last.elapsed() >= CHECKPOINT_EVERY);
        if is_due {
            self.set_checkpoint()?;
            self.last_checkpoint = Some(Instant::now());
        }
        Ok(is_due)
    }

    /// Tells the sources that what was settled is on disk.
    fn tell_kept(&mut self, sources: &Sources) -> Result<(), RunError> {
        Ok(sources.kept(&std::mem::take(&mut self.settled))?)
    }

    /// All that has a verdict is on disk, and this is known.
    fn set_checkpoint(&mut self) -> Result<(), RunError> {
        let fingerprints = self.remembered.sync().map_err(self.cannot_write())?;
        self.sync()?;
        let (at, verdicts, summary) = (Timestamp::now(), self.len, self.summary.clone());
        self.folder.set_checkpoint(&Checkpoint { at, verdicts, fingerprints, summary })?;
        self.before = None; // whatever comes from here on was never here before
        Ok(())
    }

    /// The lines that were written are on disk.
    fn sync(&mut self) -> Result<(), RunError> {
        let synced = self.out.flush().and_then(|()| self.out.get_ref().sync_data());
        synced.map_err(self.cannot_write())
    }

    /// The files that have verdicts already.
    fn done(&self) -> Result<Done, RunError> {
        /// As much of a line as is needed.
        #[derive(Deserialize)]
        struct Written {
            r#type: String,
            data: Place,
        }
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Place {
            path: String,
            path_hex: Option<String>,
            file: Option<String>,
        }
        let mut done = Done::default();
        let path = self.folder.verdicts();
        let file = File::open(&path).map_err(HomeError::io(&path))?;
        for (number, line) in (1..).zip(BufReader::new(file).lines()) {
            let line = line.map_err(HomeError::io(&path))?;
            let written: Written = serde_json::from_str(&line)
                .map_err(|_| RunError::Damaged { path: path.clone(), line: number })?;
            if written.r#type == "screen" && written.data.file.is_none() {
                let Place { path, path_hex, .. } = written.data;
                done.add(&path_hex.and_then(|digits| hex::decode(digits).ok()).unwrap_or(path.into_bytes()));
            }
        }
        Ok(done)
    }

    fn write(&mut self, kind: &str, data: &impl Serialize) -> Result<(), RunError> {
        let mut line = serde_json::to_vec(&Line { r#type: kind, data }).map_err(io::Error::from);
        if let Ok(line) = &mut line {
            line.push(b'\n');
        }
        let written = line.and_then(|line| self.out.write_all(&line).map(|()| line.len() as u64));
        self.len += written.map_err(self.cannot_write())?;
        Ok(())
    }

    fn cannot_write(&self) -> impl Fn(io::Error) -> RunError + use<> {
        let path = self.folder.verdicts();
        move |source| RunError::Write { path: path.clone(), source }
    }
}

fn header(matcher: &Matcher, options: &RunOptions) -> serde_json::Value {
    let sets: Vec<_> = matcher
        .sets()
        .iter()
        .map(|set| serde_json::json!({ "set": set.name.to_string(), "revision": set.revision, "entries": set.entries, "searched": matcher.searched_entries(set) }))
        .collect();
    let not_allowed: Vec<_> = matcher.forbidden().iter().map(NotAllowed::from).collect();
    let jail = options.workers.as_ref().map(|workers| workers.line());
    serde_json::json!({ "made_with": concat!("innerward ", env!("CARGO_PKG_VERSION")), "local": "not for sharing", "sets": sets, "filter": matcher.filter(), "not_allowed": not_allowed, "jail": jail })
}
