//! A run over many items: in parallel, in order, one line an item, into a file that only its owner can read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Seek, Write};
use std::os::unix::fs::DirBuilderExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;

use super::answer::Seen;
use super::digesting::{Digested, Source, digested, each_digested};
use super::worker::{regular, say_what_needs_the_jail};
use super::{
    Held, Item, Match, MatchError, Matcher, NotAllowed, Outcome, ReadError, Searched, Tripped, Verdict,
    Workers, walk,
};
use crate::digest::{Classic, Fidelity, Fingerprint, Look, Wanted};
use crate::home::{Home, HomeError, create_private};
use crate::jail::JailError;
use crate::media::{Content, Gap, Limits};
use crate::vocabulary::{Code, media};

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
    /// Whoever takes in the items failed. Not transparent: the cause itself must stay in the chain, where a closed pipe
    /// is looked for.
    #[error("{0}")]
    Sink(#[from] SinkError),
}

/// Whatever stops those who take in the items.
pub type SinkError = Box<dyn std::error::Error + Send + Sync>;

/// How a run works.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// Bounds for decoders, and the forms to make.
    pub limits: Limits,
    /// How exact the first look is.
    pub fidelity: Fidelity,
    /// The processes that decode; `None` to decode in this process.
    pub workers: Option<Arc<Workers>>,
}

impl RunOptions {
    /// What is to be found out about an item, with the classic hashes of `kinds`.
    #[must_use]
    pub fn wanted(&self, kinds: &[Classic]) -> Wanted {
        Wanted { limits: self.limits, fidelity: self.fidelity, classics: kinds.to_vec(), ..Wanted::default() }
    }

    /// Reads and hashes files, wherever that is done, several at a time; what they give is in the order of `paths`. What
    /// is no regular file, such as a pipe, is read to its end once.
    ///
    /// Uses the current rayon pool.
    pub fn fingerprints(&self, paths: &[PathBuf], wanted: &Wanted) -> Vec<Result<Fingerprint, ReadError>> {
        let (workers, limit) = (self.workers.as_deref(), wanted.limits.max_file_bytes);
        let about = |path: &PathBuf| fs::metadata(path).ok();
        let source = |path: &PathBuf| match about(path) {
            Some(about) if !about.is_file() => Source::Pipe(path.clone(), limit),
            about => Source::Path(path.clone(), about.map_or(0, |about| about.len())),
        };
        each_digested(paths.iter().map(source).collect(), |_, digested| {
            fingerprint_of(workers, &mut digested?, wanted)
        })
    }
}

/// Reads and hashes one file, which may be a pipe; in this process if there are no workers.
pub(super) fn fingerprint_at(
    workers: Option<&Workers>,
    path: &Path,
    wanted: &Wanted,
) -> Result<Fingerprint, ReadError> {
    let file = regular(File::open(path)?, wanted.limits.max_file_bytes)?;
    fingerprint_of(workers, &mut digested(Arc::new(file))?, wanted)
}

/// The fingerprint of a file whose digests are known. If it is a picture that changed before its pixels were read, both
/// are made once more; if it goes on changing, that is said.
pub(super) fn fingerprint_of(
    workers: Option<&Workers>,
    digested: &mut Digested,
    wanted: &Wanted,
) -> Result<Fingerprint, ReadError> {
    let look = |digested: &Digested| -> Result<Fingerprint, ReadError> {
        let bytes = digested.hashed.bytes;
        let (content, look) = match workers {
            Some(workers) => workers.look(&digested.file, bytes, wanted)?,
            None => look_here(&digested.file, bytes, wanted)?,
        };
        Ok(Fingerprint::new(content, digested.hashed, look))
    };
    let mut fingerprint = look(digested)?;
    // Of what nobody decodes no more than the first bytes were read a second time.
    let was_looked_at =
        fingerprint.content.kind.is_decoded() || !fingerprint.forms.is_empty() || fingerprint.video.is_some();
    if !was_looked_at || !digested.has_changed()? {
        return Ok(fingerprint);
    }
    digested.read_again()?;
    fingerprint = look(digested)?;
    if digested.has_changed()? {
        fingerprint.gap = Some(Gap::Unreadable("it changes while it is read".into()));
    }
    Ok(fingerprint)
}

/// A verdict with what it is about: one line of a run.
pub struct Screened {
    /// Where the item lies.
    pub path: PathBuf,
    /// Its length; `None` if it could not be read.
    pub bytes: Option<u64>,
    /// BLAKE3 of its bytes; `None` if it could not be read.
    pub blake3: Option<[u8; 32]>,
    /// Its kind of content.
    pub media: Code,
    /// What is said about it.
    pub verdict: Verdict,
}

/// The line of one item, field by field as `docs/cli.md` has it.
#[derive(Serialize)]
pub struct ScreenedLine<'a> {
    path: String,
    /// The exact bytes of a path that is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    path_hex: Option<String>,
    media: &'static str,
    bytes: Option<u64>,
    outcome: Outcome,
    reason: Option<String>,
    matches: &'a [Match],
    matches_cut: bool,
    held: &'a BTreeSet<Held>,
}

impl Screened {
    /// The item as a line of output.
    #[must_use]
    pub fn line(&self) -> ScreenedLine<'_> {
        ScreenedLine {
            path: self.path.to_string_lossy().into_owned(),
            path_hex: path_hex(&self.path),
            media: self.media.as_str(),
            bytes: self.bytes,
            outcome: self.verdict.outcome,
            reason: self.verdict.reason(),
            matches: &self.verdict.matches,
            matches_cut: self.verdict.matches_cut,
            held: &self.verdict.held,
        }
    }
}

/// The exact bytes of a path that is not UTF-8, in hex: as text it is only nearly right.
#[must_use]
pub fn path_hex(path: &Path) -> Option<String> {
    path.to_str().is_none().then(|| hex::encode(path.as_os_str().as_encoded_bytes()))
}

/// What a run found, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Items with a verdict.
    pub items: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Items by outcome.
    pub known: u64,
    /// See [`Outcome::Near`].
    pub near: u64,
    /// See [`Outcome::Ignored`].
    pub ignored: u64,
    /// See [`Outcome::Unknown`].
    pub unknown: u64,
    /// See [`Outcome::Unchecked`].
    pub unchecked: u64,
    /// See [`Outcome::Quarantined`].
    pub quarantined: u64,
    /// See [`Outcome::Deconfirmed`].
    pub deconfirmed: u64,
    /// Items that a watched set has, whatever their outcome.
    pub watched: u64,
    /// Items of which a match was overruled by a set of harmless files, whatever their outcome.
    pub suppressed: u64,
    /// Items of which a part was not checked, by cause; known and near ones are among them.
    pub gaps: BTreeMap<String, u64>,
    /// Links inside folders, which are not followed.
    pub links: u64,
    /// What part of the lists was searched; `None` if it was all of them.
    pub filter: Option<Searched>,
    /// The sets that were not searched because their agreements do not allow it, and why.
    pub not_allowed: Vec<NotAllowed>,
    /// Wall-clock time.
    pub seconds: f64,
}

impl Summary {
    /// Items with this outcome.
    #[must_use]
    pub fn of(&self, outcome: Outcome) -> u64 {
        match outcome {
            Outcome::Known => self.known,
            Outcome::Near => self.near,
            Outcome::Ignored => self.ignored,
            Outcome::Unchecked => self.unchecked,
            Outcome::Unknown => self.unknown,
            Outcome::Quarantined => self.quarantined,
            Outcome::Deconfirmed => self.deconfirmed,
        }
    }

    fn add(&mut self, item: &Screened) {
        self.items += 1;
        self.bytes += item.bytes.unwrap_or(0);
        *match item.verdict.outcome {
            Outcome::Known => &mut self.known,
            Outcome::Near => &mut self.near,
            Outcome::Ignored => &mut self.ignored,
            Outcome::Unchecked => &mut self.unchecked,
            Outcome::Unknown => &mut self.unknown,
            Outcome::Quarantined => &mut self.quarantined,
            Outcome::Deconfirmed => &mut self.deconfirmed,
        } += 1;
        self.watched += u64::from(item.verdict.held.contains(&Held::Watched));
        self.suppressed += u64::from(item.verdict.held.contains(&Held::Suppressed));
        if let Some(gap) = &item.verdict.gap {
            *self.gaps.entry(gap.cause()).or_default() += 1;
        }
    }
}

/// Told as a run goes on.
pub trait Progress {
    /// So many items and bytes have a verdict.
    fn advance(&mut self, so_far: &Summary);

    /// The flood guard took this entry out of service.
    fn tripped(&mut self, _entry: &Tripped) {}
}

impl Progress for () {
    fn advance(&mut self, _: &Summary) {}
}

/// A run and its folder `runs/ID/`, 0700, with `verdicts.jsonl`, 0600.
pub struct Run {
    path: PathBuf,
    out: BufWriter<File>,
}

/// Items whose verdicts are made in parallel before they are written in order: enough to keep all cores busy behind
/// one slow item, few enough that memory stays flat.
const BATCH: usize = 512;

impl Run {
    /// Makes the folder of a new run, named by the time of its start.
    ///
    /// # Errors
    /// [`RunError::Home`] if it cannot be made.
    pub fn start(home: &Home) -> Result<Self, RunError> {
        let stamp = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%S").to_string();
        let folder = (0..)
            .map(|n: u32| home.runs_dir().join(if n == 0 { stamp.clone() } else { format!("{stamp}-{n}") }))
            .find_map(|path| match fs::DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => Some(Ok(path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => None,
                Err(source) => Some(Err(HomeError::Io { path, source })),
            })
            .expect("an endless range ends by its answer")?;
        let path = folder.join("verdicts.jsonl");
        let out = BufWriter::new(create_private(&path, true)?);
        Ok(Self { path, out })
    }

    /// Where the verdicts are.
    #[must_use]
    pub fn verdicts(&self) -> &Path {
        &self.path
    }

    /// Screens everything under `paths`. Each batch goes to `sink` in order before its lines are written.
    ///
    /// Uses the current rayon pool. The lines do not depend on the number of threads.
    ///
    /// # Errors
    /// [`RunError`]; lines already written stay.
    pub fn screen(
        mut self,
        home: &Home,
        matcher: &Matcher,
        paths: &[PathBuf],
        options: &RunOptions,
        progress: &mut dyn Progress,
        sink: &mut dyn FnMut(&[Screened]) -> Result<(), SinkError>,
    ) -> Result<Summary, RunError> {
        let start = Instant::now();
        let not_allowed = matcher.forbidden().iter().map(NotAllowed::from).collect();
        let mut summary = Summary { filter: matcher.filter().cloned(), not_allowed, ..Summary::default() };
        let own = home.root().canonicalize().ok();
        let mut items = walk(paths, own.as_deref());
        self.write("run", &self.header(matcher, options))?;
        self.flush()?; // a run that is ended from outside leaves what it knew
        loop {
            let mut batch = Vec::with_capacity(BATCH);
            for item in items.by_ref() {
                match item {
                    Item::Link(_) => summary.links += 1,
                    item => batch.push(item),
                }
                if batch.len() == BATCH {
                    break;
                }
            }
            if batch.is_empty() {
                break;
            }
            let mut screened = examine(batch, matcher, options)?;
            for entry in matcher.guard(screened.iter_mut().map(|item| &mut item.verdict))? {
                progress.tripped(&entry);
            }
            sink(&screened)?;
            for item in &screened {
                summary.add(item);
                self.write("screen", &item.line())?;
            }
            self.flush()?;
            progress.advance(&summary);
        }
        for entry in matcher.close_guard()? {
            progress.tripped(&entry);
        }
        summary.seconds = start.elapsed().as_secs_f64();
        self.write("summary", &summary)?;
        let finish = |out: &mut BufWriter<File>| {
            out.flush()?;
            out.get_ref().sync_all()
        };
        finish(&mut self.out).map_err(|source| RunError::Write { path: self.path.clone(), source })?;
        Ok(summary)
    }

    fn flush(&mut self) -> Result<(), RunError> {
        self.out.flush().map_err(|source| RunError::Write { path: self.path.clone(), source })
    }

    fn header(&self, matcher: &Matcher, options: &RunOptions) -> serde_json::Value {
        let sets: Vec<_> = matcher
            .sets()
            .iter()
            .map(|set| serde_json::json!({ "set": set.name.to_string(), "revision": set.revision, "entries": set.entries, "searched": matcher.searched_entries(set) }))
            .collect();
        let not_allowed: Vec<_> = matcher.forbidden().iter().map(NotAllowed::from).collect();
        let jail = options.workers.as_ref().map(|workers| workers.line());
        serde_json::json!({ "made_with": concat!("innerward ", env!("CARGO_PKG_VERSION")), "local": "not for sharing", "sets": sets, "filter": matcher.filter(), "not_allowed": not_allowed, "jail": jail })
    }

    fn write(&mut self, kind: &str, data: &impl Serialize) -> Result<(), RunError> {
        let line = Line { r#type: kind, data };
        serde_json::to_writer(&mut self.out, &line)
            .map_err(io::Error::from)
            .and_then(|()| self.out.write_all(b"\n"))
            .map_err(|source| RunError::Write { path: self.path.clone(), source })
    }
}

/// Every line of JSON output: a type, and data of that type.
#[derive(Serialize)]
pub struct Line<'a, T> {
    /// What the line is.
    pub r#type: &'a str,
    /// Its fields.
    pub data: &'a T,
}

/// The verdicts on items, in their order.
fn examine(batch: Vec<Item>, matcher: &Matcher, options: &RunOptions) -> Result<Vec<Screened>, RunError> {
    let source = |item: &Item| match item {
        Item::File(path) => {
            let bytes = fs::metadata(path).map_or(0, |about| about.len());
            Some(Source::Path(path.clone(), bytes))
        }
        Item::Unreadable(..) | Item::Link(_) => None,
    };
    let sources = batch.iter().filter_map(source).collect();
    let looked = each_digested(sources, |_, digested| look(&mut digested?, matcher, options));
    let mut looked = concluded(looked, matcher)?.into_iter();
    let unreadable = |path, cause| {
        let verdict = Matcher::unreadable(cause);
        Ok(Screened { path, bytes: None, blake3: None, media: media::OTHER, verdict })
    };
    let screened = |item| match item {
        Item::File(path) => match looked.next().expect("every file was given on") {
            Ok((fingerprint, verdict)) => Ok(Screened {
                path,
                bytes: Some(fingerprint.bytes),
                blake3: Some(*fingerprint.digests.blake3.as_bytes()),
                media: fingerprint.content.media(),
                verdict,
            }),
            Err(ReadError::Unreadable(cause)) => unreadable(path, cause),
            Err(ReadError::Jail(error)) => Err(error.into()),
        },
        Item::Unreadable(path, cause) => unreadable(path, cause),
        Item::Link(path) => unreadable(path, "a link is not followed".into()),
    };
    batch.into_iter().map(screened).collect()
}

/// What is known of a file, with its verdict `V`.
type Looked<V> = Result<(Fingerprint, V), ReadError>;
/// None for a verdict that waits for those of others.
type Early = Option<Result<Verdict, MatchError>>;

/// Adds the verdicts that are missing, all in one search.
fn concluded(looked: Vec<Looked<Early>>, matcher: &Matcher) -> Result<Vec<Looked<Verdict>>, MatchError> {
    let waiting = looked.iter().flatten().filter(|(_, verdict)| verdict.is_none());
    let waiting: Vec<&Fingerprint> = waiting.map(|(fingerprint, _)| fingerprint).collect();
    let mut verdicts = matcher.verdicts(&waiting)?.into_iter();
    let conclude = |looked: Looked<Early>| {
        let (fingerprint, verdict) = match looked {
            Ok(looked) => looked,
            Err(error) => return Ok(Err(error)),
        };
        let verdict = match verdict {
            Some(verdict) => verdict?,
            None => verdicts.next().expect("there is one for each that waits"),
        };
        Ok(Ok((fingerprint, verdict)))
    };
    looked.into_iter().map(conclude).collect()
}

/// Hashes a file as quickly as it may be, and again as reference where only that can tell what the file is: no verdict
/// rests on another hash of a picture.
fn look(digested: &mut Digested, matcher: &Matcher, options: &RunOptions) -> Looked<Early> {
    let (workers, wanted) = (options.workers.as_deref(), options.wanted(matcher.classic_kinds()));
    let mut fingerprint = fingerprint_of(workers, digested, &wanted)?;
    if fingerprint.fidelity == Fidelity::Reference {
        return Ok((fingerprint, None));
    }
    if let Some(verdict) = matcher.first_verdict(&fingerprint).transpose() {
        return Ok((fingerprint, Some(verdict)));
    }
    match fingerprint_of(workers, digested, &Wanted { fidelity: Fidelity::Reference, ..wanted }) {
        Ok(exact) => fingerprint = exact,
        // What is known of its bytes stays known.
        Err(ReadError::Unreadable(cause)) => {
            fingerprint.forms.clear();
            fingerprint.gap = Some(Gap::Unreadable(cause));
        }
        Err(error) => return Err(error),
    }
    Ok((fingerprint, None))
}

/// Reads and hashes one file in this very process, without the jail.
///
/// # Errors
/// The cause in words if it cannot be read.
pub fn fingerprint(path: &Path, wanted: &Wanted) -> Result<Fingerprint, String> {
    fingerprint_at(None, path, wanted).map_err(|error| error.to_string())
}

fn look_here(mut file: &File, bytes: u64, wanted: &Wanted) -> io::Result<Seen> {
    file.rewind()?;
    let (content, mut look) = look_in_process(file, bytes, wanted)?;
    say_what_needs_the_jail(&mut look);
    Ok((content, look))
}

/// Looks at the first `bytes` bytes of an item. A decoder that panics on hostile bytes costs its item, never the run.
pub(super) fn look_in_process(mut input: impl Read + Seek, bytes: u64, wanted: &Wanted) -> io::Result<Seen> {
    let read = catch_unwind(AssertUnwindSafe(|| Look::read(&mut input, bytes, wanted)));
    read.unwrap_or_else(|_| {
        input.rewind()?;
        let mut head = Vec::new();
        input.take(bytes.min(Content::HEAD_BYTES as u64)).read_to_end(&mut head)?;
        let content = Content::of(&head);
        Ok((content, Look::gap(Gap::Damaged(content.name))))
    })
}
