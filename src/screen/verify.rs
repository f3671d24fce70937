//! Whether a run is what was recorded: the signature, the digest of each file, and if asked for the inputs themselves.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rayon::prelude::*;
use rustix::fs::OFlags;
use serde::Serialize;

use super::folder::{DESCRIBED, RunFolder};
use super::record::{
    FORMAT, INPUTS, Place, RECORD, Recorded, SIGNATURE, Sealed, check, input_line, key_of, places,
};
use super::{RunError, SinkError, Words};
use crate::home::minisign::PublicKey;
use crate::home::{Home, HomeError, open_unfollowed};

/// What was found about a run.
#[derive(Debug)]
pub struct Verified {
    /// The run.
    pub run: String,
    /// The key that the record was checked with.
    pub key: PublicKey,
    /// What the record says of itself, if its signature holds.
    pub head: Option<RecordHead>,
    /// What was looked at, in order.
    pub checks: Vec<FileCheck>,
    /// What was found of the inputs, if that was asked for and their digests hold.
    pub inputs: Option<InputCounts>,
}

/// What a record says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordHead {
    /// The version of innerward.
    pub made_with: String,
    /// Who began the run, as that person says.
    pub by: Option<Words>,
    /// When it began.
    pub began: Timestamp,
    /// When it came to its end.
    pub ended: Timestamp,
    /// Files that could not be read then: nothing vouches for their bytes.
    pub unread: u64,
}

/// What was found about one file of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileCheck {
    /// Its name.
    pub file: String,
    /// It is what was recorded.
    pub holds: bool,
    /// What was found, in words.
    pub found: String,
}

/// An input that is not as it was. Its name is not printed by accident.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct InputFault {
    /// Where it was.
    pub path: String,
    /// The exact bytes of a path that is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_hex: Option<String>,
    /// What is otherwise.
    pub state: InputState,
    /// Why it could not be read.
    pub reason: Option<String>,
}

/// How an input differs from what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum InputState {
    /// It has other bytes.
    Changed,
    /// It is not there.
    Missing,
    /// It is there, and cannot be read.
    Unreadable,
}

/// Inputs, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct InputCounts {
    /// All that the run could read.
    pub files: u64,
    /// Those that are as they were.
    pub same: u64,
    /// See [`InputState::Changed`].
    pub changed: u64,
    /// See [`InputState::Missing`].
    pub missing: u64,
    /// See [`InputState::Unreadable`].
    pub unreadable: u64,
    /// Those that came by a stream, which cannot be read again.
    pub streamed: u64,
}

impl Verified {
    /// True if nothing is otherwise than it was recorded.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.checks.iter().all(|check| check.holds)
            && self.inputs.is_none_or(|inputs| inputs.same + inputs.streamed == inputs.files)
    }

    fn note(&mut self, file: &str, result: Result<String, String>) -> bool {
        let holds = result.is_ok();
        let found = result.unwrap_or_else(|fault| fault);
        self.checks.push(FileCheck { file: file.into(), holds, found });
        holds
    }
}

/// Told of each input that is not as it was.
pub type InputSink<'a> = &'a mut dyn FnMut(&InputFault) -> Result<(), SinkError>;

/// No record is longer; one part of a run with a hundred sets takes some twenty thousand bytes.
const MAX_RECORD: u64 = 64 << 20;
const MAX_SIGNATURE: u64 = 4 << 10;
/// Inputs that are read side by side before the next are taken.
const AT_A_TIME: usize = 256;
/// The files that a run can have, with those that a record may name.
const FILES: [&str; 6] =
    ["verdicts.jsonl", "triage.html", "verdicts.csv", INPUTS, "fingerprints.jsonl", "run.json"];

/// Checks the run `id`, or the `last` one, of `home` against its record: with `key`, or else with the home's own. With
/// `inputs`, all files that it read are read once more, in the current rayon pool.
///
/// # Errors
/// [`RunError::NoSuchRun`], [`RunError::NotEnded`], [`RunError::NoRecord`], [`RunError::NoKey`]: then there is nothing to
/// check. Whatever is found to be otherwise than it should be is no error, and is in the answer.
pub fn verify(
    home: &Home,
    id: &str,
    key: Option<PublicKey>,
    inputs: Option<InputSink<'_>>,
) -> Result<Verified, RunError> {
    let (folder, id) = RunFolder::place(home, id)?;
    let bytes = match small(&folder.join(RECORD), MAX_RECORD) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(match RunFolder::has_ended(home, &id) {
                Some(false) => RunError::NotEnded { id },
                _ => RunError::NoRecord { id },
            });
        }
        read => read.map_err(HomeError::io(folder.join(RECORD)))?,
    };
    let own = key_of(home)?;
    let of_home = key.is_none() || key == own;
    let Some(key) = key.or(own) else { return Err(RunError::NoKey) };
    let mut verified = Verified { run: id, key, head: None, checks: Vec::new(), inputs: None };
    let Some(record) = verified.record(&folder, &bytes, of_home) else { return Ok(verified) };
    let mut inputs_hold = true;
    for file in &record.files {
        let holds = verified.file(home, &folder, file);
        inputs_hold &= holds || ![INPUTS, "verdicts.jsonl"].contains(&&*file.name);
    }
    if let Some(sink) = inputs {
        if inputs_hold {
            verified.inputs = Some(verified.read_inputs(&folder, &record, sink)?);
        } else {
            let why = "which files the run read is not known any more, so none was read".to_owned();
            verified.note("inputs", Err(why));
        }
    }
    Ok(verified)
}

impl Verified {
    /// The record, if it is what was signed. Nothing of it is read before that is known.
    fn record(&mut self, folder: &Path, bytes: &[u8], of_home: bool) -> Option<Recorded> {
        let signature = match small(&folder.join(SIGNATURE), MAX_SIGNATURE) {
            Ok(signature) => signature,
            Err(error) => {
                self.note(SIGNATURE, Err(missing_or(&error)));
                return None;
            }
        };
        let run = match check(&signature, bytes, &self.key) {
            Ok(run) => run,
            Err(fault) => {
                self.note(SIGNATURE, Err(format!("does not hold for {RECORD}: {fault}")));
                return None;
            }
        };
        let whose = if of_home { "this home's" } else { "the given one" };
        self.note(SIGNATURE, Ok(format!("holds; made with key {}, {whose}", self.key.id())));
        #[derive(serde::Deserialize)]
        struct Version {
            format: u32,
        }
        let version: Option<Version> = serde_json::from_slice(bytes).ok();
        let record: Option<Recorded> = serde_json::from_slice(bytes).ok();
        let result = match (version, &record) {
            (Some(Version { format }), _) if format > FORMAT => Err(format!(
                "is of format {format}, and this version reads {FORMAT}: check it with a newer one"
            )),
            (_, Some(record)) if run != self.run || record.run != self.run => {
                Err(format!("is that of run {}", record.run))
            }
            (_, Some(_)) => Ok("is that of this run".to_owned()),
            (_, None) => Err("is signed and cannot be read; was it made by another program?".into()),
        };
        if !self.note(RECORD, result) {
            return None;
        }
        self.head = record.as_ref().map(|record| RecordHead {
            made_with: record.made_with.clone(),
            by: record.by.clone(),
            began: record.began,
            ended: record.ended,
            unread: record.inputs.unread,
        });
        record
    }

    fn file(&mut self, home: &Home, folder: &Path, recorded: &Sealed) -> bool {
        let name = &*recorded.name;
        if !FILES.contains(&name) {
            return self.note(name, Err("is no file of a run".into()));
        }
        let found = open_unfollowed(&folder.join(name)).and_then(|file| Sealed::read(name, file));
        let result = match found {
            Ok(found) if (found.bytes, &found.blake3) == (recorded.bytes, &recorded.blake3) => {
                match (found.lines, recorded.lines) {
                    (Some(lines), Some(expected)) if lines != expected => {
                        Err(format!("has {lines} lines, and {expected} were recorded"))
                    }
                    (Some(lines), _) => Ok(format!("{} bytes in {lines} lines, as recorded", found.bytes)),
                    (None, _) => Ok(format!("{} bytes, as recorded", found.bytes)),
                }
            }
            Ok(_) if name == DESCRIBED && RunFolder::has_ended(home, &self.run) == Some(false) => {
                Err(format!(
                    "says that the run did not come to its end: if it was killed there, go on with it: innerward screen \
                 --resume {}",
                    self.run
                ))
            }
            Ok(found) => Err(otherwise(recorded, &found)),
            Err(error) if error.kind() == ErrorKind::NotFound && recorded.until.is_some() => {
                Ok("was kept for a time and is not there any more".into())
            }
            Err(error) => Err(missing_or(&error)),
        };
        self.note(name, result)
    }

    fn read_inputs(
        &self,
        folder: &Path,
        record: &Recorded,
        sink: InputSink<'_>,
    ) -> Result<InputCounts, RunError> {
        let base = PathBuf::from(OsString::from(record.asked.folder.clone()));
        let open = |name: &str| -> Result<_, RunError> {
            let path = folder.join(name);
            Ok(BufReader::new(open_unfollowed(&path).map_err(HomeError::io(&path))?))
        };
        let (verdicts, lines) = (open("verdicts.jsonl")?, open(INPUTS)?);
        let had_stream = record.asked.arguments.iter().any(|word| OsString::from(word.clone()) == STDIN);
        let mut inputs = inputs(verdicts, lines);
        let mut counts = InputCounts::default();
        loop {
            let batch = inputs.by_ref().take(AT_A_TIME).collect::<io::Result<Vec<Input>>>();
            let batch = batch.map_err(HomeError::io(folder.join(INPUTS)))?;
            if batch.is_empty() {
                return Ok(counts);
            }
            counts.files += batch.len() as u64;
            let (streamed, batch): (Vec<_>, Vec<_>) =
                batch.into_iter().partition(|input| had_stream && input.is_of_stream());
            counts.streamed += streamed.len() as u64;
            let looked: Vec<_> = batch.par_iter().map(|input| input.look(&base)).collect();
            for (input, looked) in batch.into_iter().zip(looked) {
                let Some((state, reason)) = looked else {
                    counts.same += 1;
                    continue;
                };
                *match state {
                    InputState::Changed => &mut counts.changed,
                    InputState::Missing => &mut counts.missing,
                    InputState::Unreadable => &mut counts.unreadable,
                } += 1;
                let Place { path, path_hex, .. } = input.place;
                sink(&InputFault { path, path_hex, state, reason })?;
            }
        }
    }
}

/// An input, as it was.
struct Input {
    place: Place,
    blake3: String,
}

/// Standard input among the words of a run, and the beginning of what is in it.
const STDIN: &str = "-";

impl Input {
    /// True if its place is one in a stream.
    fn is_of_stream(&self) -> bool {
        let path = &self.place.path;
        path == STDIN || path.strip_prefix(STDIN).is_some_and(|inside| inside.starts_with("!/"))
    }

    /// How it differs now, if it does.
    fn look(&self, base: &Path) -> Option<(InputState, Option<String>)> {
        let unreadable = |reason: String| Some((InputState::Unreadable, Some(reason)));
        // A pipe that has taken its place is not waited for.
        let nonblock = OFlags::NONBLOCK.bits().cast_signed();
        let open = File::options().read(true).custom_flags(nonblock).open(base.join(self.place.exact()));
        let (about, file) = match open.and_then(|file| Ok((file.metadata()?, file))) {
            Ok(open) => open,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Some((InputState::Missing, None));
            }
            Err(error) => return unreadable(error.to_string()),
        };
        if !about.is_file() {
            return unreadable("it is no regular file any more".into());
        }
        if Some(about.len()) != self.place.bytes {
            return Some((InputState::Changed, None));
        }
        let mut hasher = blake3::Hasher::new();
        match hasher.update_reader(file) {
            Ok(hasher) if *hasher.finalize().to_hex() == *self.blake3 => None,
            Ok(_) => Some((InputState::Changed, None)),
            Err(error) => unreadable(error.to_string()),
        }
    }
}

/// The inputs of a run: their places are in its verdicts, exactly, and their digests in the same order in the lines.
fn inputs(verdicts: impl BufRead, lines: impl BufRead) -> impl Iterator<Item = io::Result<Input>> {
    let mut lines = lines.lines();
    let mut number = 0_u64;
    let read = places(verdicts)
        .filter(|place| !place.as_ref().is_ok_and(|place| place.file.is_some() || place.bytes.is_none()));
    read.map(move |place| {
        let (place, line) = (place?, lines.next().transpose()?.unwrap_or_default());
        number += 1;
        let digits = line.strip_prefix('\\').unwrap_or(&line).get(..64).unwrap_or_default();
        if line.clone() + "\n" != input_line(digits, &place.path) {
            return Err(io::Error::other(format!("line {number} is not what was written")));
        }
        Ok(Input { blake3: digits.to_owned(), place })
    })
}

fn otherwise(recorded: &Sealed, found: &Sealed) -> String {
    match (recorded.lines, found.lines) {
        (Some(expected), Some(lines)) if lines != expected => {
            format!("has {lines} lines, and {expected} were recorded: lines are gone or were added")
        }
        _ if found.bytes != recorded.bytes => {
            format!("has {} bytes, and {} were recorded", found.bytes, recorded.bytes)
        }
        _ => "has other bytes than were recorded, as many as before".into(),
    }
}

fn missing_or(error: &io::Error) -> String {
    if error.kind() == ErrorKind::NotFound { "is missing".into() } else { format!("cannot be read: {error}") }
}

/// What is in a file of which nothing beyond `most` bytes is read.
fn small(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_unfollowed(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
