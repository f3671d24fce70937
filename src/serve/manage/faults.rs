//! What goes wrong with lists and sets, in the words of the API: no flags of the command line, no file of the home, nothing
//! of a list.

use std::borrow::Cow;

use super::super::{Problem, ProblemCode};
use crate::hashset::{
    Cause, ConfiguredError, Forbidden, ListError, MapError, Place, ReadReport, Role, SetError, SourceError,
    Use,
};
use crate::home::HomeError;
use crate::index::{DescribeError, ImportError, IndexError, SegmentError, WithdrawError};
use crate::release::ReleaseError;
use crate::tally::{Declined, DeskError, TallyError};

/// Seconds after which to come again while somebody else changes the lists.
const BUSY: u64 = 5;

fn unprocessable(detail: impl Into<Cow<'static, str>>) -> Problem {
    Problem::new(ProblemCode::Unprocessable, detail)
}

fn conflict(detail: impl Into<Cow<'static, str>>) -> Problem {
    Problem::new(ProblemCode::Conflict, detail)
}

/// No room for what was to be written: nothing has changed.
pub(super) fn no_room() -> Problem {
    let detail =
        "the disk of the service has no room for this; nothing has changed; the operator has to make room";
    Problem::unavailable(detail).after(60)
}

impl From<HomeError> for Problem {
    fn from(error: HomeError) -> Self {
        match error {
            HomeError::Busy(_) => {
                Self::unavailable("somebody else is changing the lists or the tally; try again").after(BUSY)
            }
            error if error.is_for_room() => no_room(),
            _ => Self::internal(),
        }
    }
}

impl From<IndexError> for Problem {
    fn from(error: IndexError) -> Self {
        match error {
            IndexError::NoSuchSet { .. } => no_such_set(),
            IndexError::Home(error) => error.into(),
            _ => Self::internal(),
        }
    }
}

impl From<SetError> for Problem {
    fn from(error: SetError) -> Self {
        match error {
            SetError::Home(error) => error.into(),
            SetError::NoRevision { .. } => conflict(
                "index and database of the service do not belong together; the operator has to restore both from one \
                 backup, or import the whole list again",
            ),
            SetError::RoleAndClass { role: Role::Ignore } => unprocessable(
                "a set whose role is ignore holds known good files only: give it the class KNOWN_GOOD, or the role match",
            ),
            SetError::RoleAndClass { .. } => unprocessable(
                "the class KNOWN_GOOD goes with the role ignore alone: give the set that role, or another class",
            ),
            SetError::FindsKnownFiles => unprocessable(
                "this is a list of known files, not of what is to be found: import it with the role ignore",
            ),
            SetError::Note | SetError::ListClass { .. } | SetError::AddedRole => {
                unprocessable(error.to_string())
            }
            SetError::IgnoresAbuse { .. } => conflict(error.to_string()),
            _ => Self::internal(),
        }
    }
}

impl From<DescribeError> for Problem {
    fn from(error: DescribeError) -> Self {
        match error {
            DescribeError::Index(error) => error.into(),
            DescribeError::Sets(error) => error.into(),
        }
    }
}

impl From<ConfiguredError> for Problem {
    fn from(error: ConfiguredError) -> Self {
        match error {
            ConfiguredError::Home(error) => error.into(),
            _ => Self::new(
                ProblemCode::Internal,
                "a file that the service reads lists by is damaged; the operator's `innerward doctor` names it",
            ),
        }
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::List(error) => of_list(&error),
            ImportError::Segment(SegmentError::Write(error)) | ImportError::Index(error) => error.into(),
            ImportError::Segment(error) => unprocessable(error.to_string()),
            ImportError::Set(error) => error.into(),
            ImportError::Signature(error) => unprocessable(error.to_string()),
            ImportError::Unsigned { key, .. } => unprocessable(format!(
                "this set takes lists that are signed with key {key} alone; send the signature as `signature`"
            )),
            ImportError::NoKey => unprocessable(
                "the signature can only be checked with its publisher's key; send that as `key`, once",
            ),
            ImportError::OtherKey { key, given, .. } => conflict(format!(
                "this set takes lists that are signed with key {key} alone, and you gave key {given}; if its publisher has a \
                 new key, and you have that from a source of its own, say `agreed=true`"
            )),
            ImportError::KeyUnknown { .. } => conflict(
                "the database does not know the revision of the set that the index holds, so whether its lists must be signed \
                 is not known; the operator has to restore both from one backup, or give the publisher's key as `key`, or, if \
                 its lists were never signed, say `agreed=true`",
            ),
            ImportError::Drop { before, dropped, max, .. } => conflict(format!(
                "of {before} entries that match, {dropped} would not any more, and more than {max} % is for a person to \
                 decide; `dry_run=true` shows what would change, and if the list is whole, say `agreed=true`"
            )),
            _ => Self::internal(),
        }
    }
}

impl From<WithdrawError> for Problem {
    fn from(error: WithdrawError) -> Self {
        match error {
            WithdrawError::NoneHas { kind, .. } => {
                Self::not_found(format!("no entry of the set has this {kind}; nothing was withdrawn"))
            }
            WithdrawError::Import(error) => error.into(),
        }
    }
}

impl From<Forbidden> for Problem {
    fn from(forbidden: Forbidden) -> Self {
        let done = match forbidden.usage {
            Use::Match => "searched",
            Use::Derive => "used for statistics",
            Use::Export => "exported",
        };
        let detail = format!("the set may not be {done}: {}", forbidden.reason);
        Self::new(ProblemCode::Forbidden, detail)
    }
}

impl From<TallyError> for Problem {
    fn from(error: TallyError) -> Self {
        match error {
            TallyError::Home(error) => error.into(),
            TallyError::Closed(period) => conflict(format!(
                "{} is closed: it was published or sealed, and takes nothing more; is the date of the service right?",
                period.in_words()
            )),
            _ => Self::internal(),
        }
    }
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Open(error) => error.into(),
            DeskError::Index(error) => error.into(),
            DeskError::Local(error) => error.into(),
            DeskError::Home(error) => error.into(),
            DeskError::Tally(error) => error.into(),
        }
    }
}

impl From<Declined> for Problem {
    fn from(declined: Declined) -> Self {
        match declined {
            Declined::Twice(_) => unprocessable(in_words(&declined)),
            _ => Self::not_found(in_words(&declined)),
        }
    }
}

impl From<ReleaseError> for Problem {
    fn from(_: ReleaseError) -> Self {
        Self::new(
            ProblemCode::Internal,
            "the ledger of releases cannot be read; the operator's `innerward doctor` says why",
        )
    }
}

/// Why a decision is not taken.
pub(super) fn in_words(declined: &Declined) -> String {
    match declined {
        Declined::NoSuchSet { .. } => "there is no set of this name".into(),
        Declined::NoSuchEntry(_) => "the set has no entry with this key, or it was withdrawn".into(),
        other => other.to_string(),
    }
}

/// A set that is not there.
pub(super) fn no_such_set() -> Problem {
    Problem::not_found("there is no set of this name; `GET /v1/sets` lists those that there are")
}

/// Why a list was not read.
fn of_list(error: &ListError<SegmentError>) -> Problem {
    match error {
        ListError::Io(error) if error.kind() == std::io::ErrorKind::StorageFull => no_room(),
        ListError::Io(_) => Problem::internal(),
        ListError::Source(SourceError::XmlEncoding(why)) => unprocessable(format!(
            "the XML declaration of the list {why}; say what the list is written in as `encoding`"
        )),
        ListError::Source(error) => unprocessable(error.to_string()),
        ListError::UnrecognisedForm => unprocessable(
            "the form of the list is not recognised; declare it as `as`, or send the columns of a table as `map`",
        ),
        ListError::Ambiguous64 => unprocessable(AMBIGUOUS),
        ListError::StateKind => {
            unprocessable("what a state file holds is told by `as`: state:KIND, for example state:pdq")
        }
        ListError::Map(error) => unprocessable(of_map(error)),
        ListError::NotAFile | ListError::HalfADatabase => unprocessable(
            "a SQLite file is read where it lies, with `innerward set import` beside the service; it cannot be sent",
        ),
        ListError::BadLine(bad) => {
            unprocessable(format!("{}: {}; nothing was imported", at(bad.place), cause(&bad.cause)))
        }
        ListError::Broken { place, expected } => unprocessable(format!(
            "{}: expected {expected}; nothing was imported: send the list again, or declare its form as `as`",
            at(*place)
        )),
        ListError::Empty(report) => unprocessable(nothing_in(report)),
        ListError::Sink(SegmentError::Write(IndexError::Home(error))) if error.is_for_room() => no_room(),
        ListError::Sink(SegmentError::Write(_)) => Problem::internal(),
        ListError::Sink(error) => unprocessable(error.to_string()),
    }
}

/// What is wrong with a map, without the names of columns.
pub(super) fn of_map(error: &MapError) -> String {
    match error {
        MapError::Value { line, .. } => {
            format!("line {line} of the map has a value that cannot be; docs/cli.md says what each key takes")
        }
        MapError::NoColumn { .. } => {
            "the list has no such column as the map names; write it as it stands in the list's first row, or number the \
             columns from 1 and set header = false"
                .into()
        }
        MapError::Twice { .. } => {
            "the map says twice what a column of the list is, under two spellings; it can mean one thing".into()
        }
        _ => "the map is not TOML, or has keys that a map has not; docs/cli.md has every key".into(),
    }
}

const AMBIGUOUS: &str = "64 hexadecimal digits can be PDQ, SHA-256 or BLAKE3; say which as `as`: plain:pdq, plain:sha256, \
    plain:blake3 or a classic kind, such as plain:gradient16";

fn at(place: Place) -> String {
    match place {
        Place::Line(line) => format!("line {line}"),
        place => format!("at {place}"),
    }
}

/// What is wrong with a line.
pub(super) fn cause(cause: &Cause) -> String {
    match cause {
        Cause::NotUtf8 => {
            "the line is not text in UTF-8, or in what `encoding` says; declare what the list is written in".into()
        }
        Cause::TwoHashes => {
            "a second hash stands where the name of a file would; give each hash a line of its own, or send the columns of \
             the table as `map`"
                .into()
        }
        Cause::Ambiguous64 => AMBIGUOUS.into(),
        other => other.to_string(),
    }
}

fn nothing_in(report: &ReadReport) -> String {
    let first = report.bad.first().map(|bad| format!("; {}: {}", at(bad.place), cause(&bad.cause)));
    format!(
        "the list holds no entry: {} lines, {} of them bad, {} of kinds that are not supported, {} refused{}",
        report.lines,
        report.bad_total,
        report.unsupported_lines,
        report.refused_entries,
        first.unwrap_or_default()
    )
}
