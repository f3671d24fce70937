//! Shared lists: the entry model, the readers of interchange formats, what is known about each set. Never sees pixels.
//!
//! A format is one file: it takes the lines or the records of a list and hands what they say to the intake, which counts, drops repeats and
//! reports bad lines in the same way for all of them. Entries go on to the caller, one at a time; nothing here keeps a
//! list in memory. What people read about a set, and what outlives its revisions, is in [`Sets`].

mod annotations;
mod arachnid;
mod bounds;
mod cells;
mod claims;
mod configured;
mod decisions;
mod dfxml;
mod door;
mod emptied;
mod entry;
mod export;
mod feedback;
mod fields;
mod form;
mod guess;
mod hashdeep;
mod history;
mod intake;
mod json;
mod jsonl;
mod lines;
mod local;
mod map;
mod ncmec;
mod nsrl;
mod permission;
mod plain;
mod prints;
mod prolog;
mod quarantine;
mod record;
mod report;
mod sets;
mod settle;
mod signature;
mod source;
mod stop;
mod stopncii;
mod store;
mod table;
mod tcap;
mod threatexchange;
mod tx;
mod unpack;
mod upgrade;
mod values;
mod vics;
mod vpdq;
mod xml;

use std::fs::File;
use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use annotations::{Annotation, SwitchedOff};
pub use bounds::{BoundError, Bounds};
pub use configured::{ConfiguredError, profile_file, profile_files, profiles_of, stop_list_of};
pub use decisions::{Decided, Decision, DecisionError, Word, WordError};
pub use door::Refusal;
pub use emptied::Emptied;
pub use entry::{Entry, EntryKey, EntryKeyError, Hashes, Labels, Opinion, PdqEntry, Role, RoleError};
pub use export::{About, ExportForm, ExportFormError, Exporter, VicsProfile, Written};
pub use feedback::{FeedbackForm, FeedbackFormError, Wordless, feedback, feedback_text};
pub use form::{FormError, ListForm};
pub use guess::{Guess, GuessedColumn, guess};
pub use history::{Counts, Event, Happened, Import, Made, OpenWithdrawal};
pub(crate) use intake::speaks_of_abuse;
#[cfg(test)]
pub(crate) use intake::testing::read_records;
pub use jsonl::{ListHeader, ListWriter};
pub use local::{Local, OverruleError, check_overruled};
pub use map::{MapError, TableMap};
pub use permission::{Forbidden, KeepUntil, KeepUntilError, Permission, Reason, Use, Uses, UsesError};
pub(crate) use prints::{ByPrint, Prints};
pub use quarantine::{Hits, QuarantinedEntry};
pub use record::Place;
pub use report::{BadLine, Cause, ReadReport};
pub use sets::{Changed, SetInfo, SetName, SetNameError, SetUpdate};
pub use signature::{ListKey, ListSignature, SignatureError, Verification};
pub use source::{EncodingError, Packing, SourceError, TextEncoding};
pub use stop::{StopList, StopListError};
pub use store::{SetError, Sets, Staging};
pub use vpdq::{SharedVideo, SharedVideoError, read_shared_videos};

use crate::digest::SignalKind;
use crate::vocabulary::Profiles;
use form::Recognised;
use intake::Intake;
use lines::Lines;
use record::Ended;
use source::Source;
use table::Plan;

/// Which readers these are. **Raise it when a reader reads more of a list, or otherwise:** a file that a set holds already is
/// recognised only if it was read by the same ones.
pub const READERS_VERSION: u32 = 1;

/// How a list is to be read.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// What `--as` said; `None` goes by the content.
    pub form: Option<ListForm>,
    /// What the file's name says, see [`ListForm::kind_in_name`]. Asked only where digits alone do not tell the kind.
    pub kind_in_name: Option<SignalKind>,
    /// The first bad line ends the reading.
    pub strict: bool,
    /// What the list is written in, where that is not UTF-8 and no byte order mark says it.
    pub encoding: Option<TextEncoding>,
    /// What the columns of the list are; then it is a table, whatever its content or `form` say.
    pub map: Option<Arc<TableMap>>,
    /// Hashes that are not taken; `None` for the list that is [built in](StopList::built_in).
    pub stop: Option<Arc<StopList>>,
    /// What categories mean whose schemes are not public; see [`read_profile`](crate::vocabulary::read_profile).
    pub profiles: Arc<Profiles>,
    /// Nothing to add is nothing wrong: the last page of many is often empty. Otherwise a list without entries is an error.
    pub may_be_empty: bool,
    /// Where the list lies, for the one form that is not read as a stream: [`ListForm::Rdsv3`].
    pub path: Option<PathBuf>,
}

impl ReadOptions {
    /// The hashes that are not taken.
    #[must_use]
    pub fn stop_list(&self) -> &StopList {
        self.stop.as_deref().unwrap_or(StopList::built_in())
    }

    /// Why a list that is read so brings in not all of `hashes`; `None` if it does.
    #[must_use]
    pub fn refusal(&self, hashes: &Hashes) -> Option<Refusal> {
        let mut first = None;
        door::refuse(&mut hashes.clone(), self.stop_list(), |refusal| first = first.or(Some(refusal)));
        first
    }
}

/// Why a list was not read. Nothing in these texts comes from the list itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListError<E: std::error::Error + 'static = std::convert::Infallible> {
    /// The bytes cannot be had.
    #[error("the list cannot be read: {0}")]
    Io(io::Error),
    /// The list is packed, and cannot be unpacked.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The first line is of no form that is known.
    #[error(
        "the form of the list is not recognised; declare it with --as {}; a table is read with --map, and --guess proposes one",
        ListForm::CHOICES
    )]
    UnrecognisedForm,
    /// Bare values of 32 bytes.
    #[error("{}", report::AMBIGUOUS)]
    Ambiguous64,
    /// A state file under another name.
    #[error(
        "what a state file holds is told by its name, simple.TYPE.te; declare it with --as state:KIND, for example \
         --as state:pdq"
    )]
    StateKind,
    /// The map does not fit the list.
    #[error(transparent)]
    Map(#[from] MapError),
    /// A database that is packed, or comes from a pipe.
    #[error("a SQLite file is read where it lies: unpack it, and name the file")]
    NotAFile,
    /// A database in two files, of which one would be read.
    #[error(
        "a part of what the SQLite file holds is not in it yet, but in the file beside it that ends in -wal or -journal; \
         bring it in with SQLite's own command, then import: \
         sqlite3 FILE 'PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE'"
    )]
    HalfADatabase,
    /// A bad line, and the reading is strict.
    #[error("{} {}: {}", if matches!(.0.place, Place::Line(_)) { "line" } else { "at" }, .0.place, .0.cause)]
    BadLine(BadLine),
    /// Cut off, damaged, or of another form than its beginning.
    #[error(
        "{} {place}: expected {expected}; nothing was imported: fetch the list again, or declare its form with --as",
        if matches!(.place, Place::Line(_)) { "line" } else { "at" }
    )]
    Broken {
        /// Where.
        place: Place,
        /// What should stand there.
        expected: &'static str,
    },
    /// Not one entry: an empty download must not empty a set.
    #[error(
        "the list holds no entry: {} lines, {} of them bad, {} of kinds that are not supported, {} refused{}",
        .0.lines, .0.bad_total, .0.unsupported_lines, .0.refused_entries, report::first_of(.0)
    )]
    Empty(Box<ReadReport>),
    /// Whoever takes the entries refused one.
    #[error(transparent)]
    Sink(E),
}

impl<E: std::error::Error + 'static> From<io::Error> for ListError<E> {
    fn from(error: io::Error) -> Self {
        match error.downcast::<SourceError>() {
            Ok(error) => Self::Source(error),
            Err(error) => Self::Io(error),
        }
    }
}

/// Reads the list in `input` to its end and hands every entry to `sink`, in the order of the list.
///
/// The list may be packed with gzip, Zstandard or zip, and be UTF-16 with a byte order mark; both are told by the
/// content. Length and digest in the report are those of the file as it lies.
///
/// A line that cannot be read is counted, remembered with its cause, and skipped. A line that says exactly what an
/// earlier one said (key, labels, opinion) is counted as a duplicate and not handed on. The same hashes with *other*
/// labels or another opinion are handed on as an entry of their own under the same key: what holds of the item is all
/// of its entries together, and a withdrawal of the key ends them all.
///
/// Hashes that must not match are [refused](Refusal) and counted; the other hashes of their entry are handed on.
///
/// Memory: a few buffers of fixed size, the window of the unpacker, and about 16 bytes for each entry; where an entry has
/// a severity or an opinion, 20 bytes more for its key and each of its hashes. The entries handed over count only if
/// this returns `Ok`: whoever stores them must be able to drop them again.
///
/// # Errors
/// [`ListError`]; after one, entries may have been handed on already.
///
/// # Examples
/// ```
/// # use innerward::hashset::{ListError, Place, ReadOptions, read_list};
/// let text = "c0ffee00c0ffee00c0ffee00c0ffee00  name.jpg\nnot a hash\n";
/// let mut entries = Vec::new();
/// let report = read_list(&mut text.as_bytes(), &ReadOptions::default(), &mut |entry| {
///     entries.push(entry);
///     Ok::<(), std::convert::Infallible>(())
/// })?;
/// assert_eq!((report.entries, report.bad_total, report.bad[0].place), (1, 1, Place::Line(2)));
/// # Ok::<(), ListError>(())
/// ```
///
/// Withdrawals and replacements are counted in the report and not handed on; [`read_items`] does.
pub fn read_list<E: std::error::Error + 'static>(
    input: &mut dyn Read,
    options: &ReadOptions,
    sink: &mut dyn FnMut(Entry) -> Result<(), E>,
) -> Result<ReadReport, ListError<E>> {
    read_items(input, options, &mut |item| match item {
        Item::Entry(entry) => sink(entry),
        Item::Replaced { .. } | Item::Withdrawn(_) => Ok(()),
    })
}

/// What a list says of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "nearly all items are entries, and one is there at a time")]
pub enum Item {
    /// It is known by these hashes.
    Entry(Entry),
    /// Nothing holds any more that was said under this key before, unless that is later; what holds now follows.
    Replaced {
        /// The key, which the list gave.
        key: EntryKey,
        /// True if the list itself said something under it before; else only a list that it is added to may have.
        here: bool,
        /// When the list last changed it, in seconds since 1970; `None` if it does not say.
        updated: Option<u32>,
    },
    /// Whatever has this key, before or after, must not match any more.
    Withdrawn(EntryKey),
}

/// As [`read_list`], with all that a list says: what it takes back and what it replaces too.
///
/// A list of withdrawals alone is no error: it may be added to a set.
///
/// # Errors
/// As [`read_list`].
pub fn read_items<E: std::error::Error + 'static>(
    input: &mut dyn Read,
    options: &ReadOptions,
    sink: &mut dyn FnMut(Item) -> Result<(), E>,
) -> Result<ReadReport, ListError<E>> {
    let mut source = Source::open(input, options.encoding)?;
    let mut head = Vec::new();
    Read::take(&mut source, HEAD).read_to_end(&mut head)?;
    let of_records = match options.form {
        _ if options.map.is_some() => Some(ListForm::Table),
        Some(declared) => Some(declared).filter(ListForm::is_of_records),
        None => ListForm::of_records(&head),
    };
    let report = match of_records {
        Some(ListForm::Rdsv3) => {
            if options.path.as_deref().map_or(Ok(false), nsrl::is_half)? {
                return Err(ListError::HalfADatabase);
            }
            // The whole file is digested before it is read.
            let (bytes, file_blake3) = source.finish()?;
            let report = ReadReport { bytes, file_blake3, ..ReadReport::new(ListForm::Rdsv3, 0) };
            read_database(options, report, sink)?
        }
        of_records => {
            let mut input = io::Cursor::new(head).chain(&mut source);
            let mut report = match of_records {
                Some(form) => read_form(form, &mut input, options, sink)?,
                None => read_lines(&mut input, options, sink)?,
            };
            (report.bytes, report.file_blake3) = source.finish()?;
            report
        }
    };
    let sound = options.may_be_empty && report.bad_total == 0;
    if report.entries + report.withdrawals == 0 && !sound {
        Err(ListError::Empty(Box::new(report)))
    } else {
        Ok(report)
    }
}

/// Bytes from which a list of records is told.
const HEAD: u64 = 4096;

fn read_lines<E: std::error::Error + 'static>(
    input: &mut dyn Read,
    options: &ReadOptions,
    sink: &mut dyn FnMut(Item) -> Result<(), E>,
) -> Result<ReadReport, ListError<E>> {
    let mut lines = Lines::new(input);
    let (form, skipped) = find_form(&mut lines, options)?;
    let mut intake = Intake::new(ReadReport::new(form, skipped), options, sink);
    match form {
        ListForm::Plain { kind } => {
            intake.each_line(&mut lines, |text, report| plain::read(text, kind, report))?
        }
        ListForm::Hashdeep => {
            let mut columns = hashdeep::Columns::default();
            intake.each_line(&mut lines, |text, report| columns.read(text, report))?;
        }
        _ => tx::read(&mut lines, &mut intake)?,
    }
    intake.finish(lines)
}

/// Reads a list of one of the forms that [are of records](ListForm::is_of_records).
fn read_form<E: std::error::Error + 'static>(
    form: ListForm,
    input: &mut dyn BufRead,
    options: &ReadOptions,
    sink: &mut dyn FnMut(Item) -> Result<(), E>,
) -> Result<ReadReport, ListError<E>> {
    let mut intake = Intake::new(ReadReport::new(form, 0), options, sink);
    let built_in = |map: &str| map.parse::<TableMap>().expect("the file is part of the program, and tested");
    let read = match form {
        ListForm::Innerward => jsonl::read(input, &mut intake),
        ListForm::Vics => vics::read(input, &mut intake),
        ListForm::Ncmec => ncmec::read(input, &mut intake),
        ListForm::StopNcii => stopncii::read(input, &mut intake),
        ListForm::ThreatExchange => threatexchange::read(input, &mut intake),
        ListForm::Tcap => tcap::read(input, &mut intake),
        ListForm::Dfxml => dfxml::read(input, &mut intake),
        ListForm::Arachnid => arachnid::read(input, &mut intake),
        ListForm::Vpdq => vpdq::read(input, &mut intake),
        ListForm::Icse => table::read(input, Plan::Map(&built_in(table::ICSE)), &mut intake),
        ListForm::Rdsv2 => table::read(input, Plan::Map(&built_in(table::RDSV2)), &mut intake),
        ListForm::State { kind } => {
            let kind = kind.or(options.kind_in_name).ok_or(ListError::StateKind)?;
            intake.report.form = ListForm::State { kind: Some(kind) };
            table::read(input, Plan::State(kind), &mut intake)
        }
        ListForm::Table => match &options.map {
            Some(map) => table::read(input, Plan::Map(map), &mut intake),
            None => return Err(ListError::UnrecognisedForm),
        },
        ListForm::Tx | ListForm::Plain { .. } | ListForm::Hashdeep | ListForm::Rdsv3 => Ok(()),
    };
    read.map_err(ended)?;
    intake.report.lines = intake.report.accounted();
    Ok(intake.report)
}

/// Reads a database where it lies.
fn read_database<E: std::error::Error + 'static>(
    options: &ReadOptions,
    report: ReadReport,
    sink: &mut dyn FnMut(Item) -> Result<(), E>,
) -> Result<ReadReport, ListError<E>> {
    let path = options.path.as_deref().filter(|path| is_database(path)).ok_or(ListError::NotAFile)?;
    let len = report.bytes;
    let mut intake = Intake::new(report, options, sink);
    nsrl::read(path, len, &mut intake).map_err(ended)?;
    intake.report.lines = intake.report.accounted();
    Ok(intake.report)
}

/// True for a file that is a database as it lies.
fn is_database(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(nsrl::MAGIC.len() as u64).read_to_end(&mut head));
    read.is_ok() && head == nsrl::MAGIC
}

fn ended<E: std::error::Error + 'static>(ended: Ended<ListError<E>>) -> ListError<E> {
    match ended {
        Ended::Io(error) => error.into(),
        Ended::Broken { place, expected } => ListError::Broken { place, expected },
        Ended::Map(error) => error.into(),
        Ended::Stopped(error) => error,
    }
}

/// The form, and the number of blank and comment lines in front of the line that told it, which is still to be read.
fn find_form<E: std::error::Error + 'static>(
    lines: &mut Lines<'_>,
    options: &ReadOptions,
) -> Result<(ListForm, u64), ListError<E>> {
    if let Some(form @ (ListForm::Tx | ListForm::Hashdeep | ListForm::Plain { kind: Some(_) })) = options.form
    {
        return Ok((form, 0));
    }
    let mut skipped = 0;
    let recognised = loop {
        lines.mark();
        match lines.next()? {
            Some(line) if line.text.as_ref().is_ok_and(|text| lines::says_nothing(text)) => skipped += 1,
            Some(line) => break line.text.map_or(Recognised::Unknown, Recognised::from_line),
            None => break Recognised::Unknown,
        }
    };
    lines.rewind();
    let form = match (recognised, options.form) {
        (Recognised::Bare32Bytes, _) => match options.kind_in_name.filter(|kind| kind.len_bytes() == 32) {
            None => return Err(ListError::Ambiguous64),
            kind => ListForm::Plain { kind },
        },
        (_, Some(declared)) => declared,
        (Recognised::Form(form), None) => form,
        (Recognised::Unknown, None) => return Err(ListError::UnrecognisedForm),
    };
    Ok((form, skipped))
}
