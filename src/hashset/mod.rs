//! Shared lists: the entry model, the readers of interchange formats, what is known about each set. Never sees pixels.
//!
//! A format is one file: it takes the lines of a list and hands entries to the intake, which counts, drops repeats and
//! reports bad lines in the same way for all of them. Entries go on to the caller, one at a time; nothing here keeps a
//! list in memory. What people read about a set, and what outlives its revisions, is in [`Sets`].

mod bounds;
#[cfg_attr(not(test), allow(dead_code, reason = "`read_list` does not ask the readers of records yet"))]
mod dfxml;
mod entry;
#[cfg_attr(not(test), allow(dead_code, reason = "`read_list` does not ask the readers of records yet"))]
mod fields;
mod form;
mod hashdeep;
mod intake;
#[cfg_attr(not(test), allow(dead_code, reason = "`read_list` does not ask the readers of records yet"))]
mod json;
mod lines;
#[cfg_attr(not(test), allow(dead_code, reason = "`read_list` does not ask the readers of records yet"))]
mod ncmec;
mod plain;
#[allow(dead_code, unreachable_pub, reason = "`read_list` does not ask the readers of records yet")]
mod record;
mod report;
mod sets;
#[cfg_attr(not(test), allow(dead_code, reason = "`read_list` does not ask the readers of records yet"))]
mod stopncii;
mod store;
#[cfg_attr(not(test), allow(dead_code, reason = "`read_list` does not ask the readers of records yet"))]
mod tcap;
#[cfg_attr(not(test), allow(dead_code, reason = "`read_list` does not ask the readers of records yet"))]
mod threatexchange;
mod tx;
#[cfg_attr(not(test), allow(dead_code, reason = "`read_list` does not ask the readers of records yet"))]
mod vics;
#[cfg_attr(not(test), allow(dead_code, reason = "`read_list` does not ask the readers of records yet"))]
mod xml;

use std::io::{self, Read};

pub use bounds::{BoundError, Bounds};
pub use entry::{Entry, EntryKey, EntryKeyError, Hashes, Labels, Opinion, PdqEntry, Role, RoleError};
pub use form::{FormError, ListForm};
pub use report::{BadLine, Cause, ReadReport};
pub use sets::{Import, SetInfo, SetName, SetNameError, SetUpdate};
pub use store::{SetError, Sets};

use crate::digest::SignalKind;
use form::Recognised;
use intake::Intake;
use lines::Lines;

/// How a list is to be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// What `--as` said; `None` goes by the content.
    pub form: Option<ListForm>,
    /// What the file's name says, see [`ListForm::kind_in_name`]. Asked only where digits alone do not tell the kind.
    pub kind_in_name: Option<SignalKind>,
    /// The first bad line ends the reading.
    pub strict: bool,
}

/// Why a list was not read. Nothing in these texts comes from the list itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListError<E: std::error::Error + 'static = std::convert::Infallible> {
    /// The bytes cannot be had.
    #[error("the list cannot be read: {0}")]
    Io(#[from] io::Error),
    /// Two bytes a character, as some Windows tools write it.
    #[error("the list is UTF-16 text; save it as UTF-8")]
    Utf16,
    /// The first line is of no form that is known.
    #[error("the form of the list is not recognised; declare it with --as {}", ListForm::CHOICES)]
    UnrecognisedForm,
    /// Bare values of 32 bytes.
    #[error("{}", report::AMBIGUOUS)]
    Ambiguous64,
    /// A bad line, and the reading is strict.
    #[error("line {}: {}", .0.line, .0.cause)]
    BadLine(BadLine),
    /// Not one entry: an empty download must not empty a set.
    #[error(
        "the list holds no entry: {} lines, {} of them bad, {} of kinds that are not supported",
        .0.lines, .0.bad_total, .0.unsupported_lines
    )]
    Empty(Box<ReadReport>),
    /// Whoever takes the entries refused one.
    #[error(transparent)]
    Sink(E),
}

/// Reads the list in `input` to its end and hands every entry to `sink`, in the order of the list.
///
/// A line that cannot be read is counted, remembered with its cause, and skipped. A line that says exactly what an
/// earlier one said (key, labels, opinion) is counted as a duplicate and not handed on. The same hashes with *other*
/// labels or another opinion are handed on as an entry of their own under the same key: what holds of the item is all
/// of its entries together, and a withdrawal of the key ends them all.
///
/// Memory: two buffers of fixed size, and about 16 bytes for each entry. The entries handed over count only if this
/// returns `Ok`: whoever stores them must be able to drop them again.
///
/// # Errors
/// [`ListError`]; after one, entries may have been handed on already.
///
/// # Examples
/// ```
/// # use innerward::hashset::{ListError, ReadOptions, read_list};
/// let text = "c0ffee00c0ffee00c0ffee00c0ffee00  name.jpg\nnot a hash\n";
/// let mut entries = Vec::new();
/// let report = read_list(&mut text.as_bytes(), &ReadOptions::default(), &mut |entry| {
///     entries.push(entry);
///     Ok::<(), std::convert::Infallible>(())
/// })?;
/// assert_eq!((report.entries, report.bad_total, report.bad[0].line), (1, 1, 2));
/// # Ok::<(), ListError>(())
/// ```
pub fn read_list<E: std::error::Error + 'static>(
    input: &mut dyn Read,
    options: &ReadOptions,
    sink: &mut dyn FnMut(Entry) -> Result<(), E>,
) -> Result<ReadReport, ListError<E>> {
    let mut lines = Lines::new(input)?;
    if lines.starts_as_utf16() {
        return Err(ListError::Utf16);
    }
    let (form, skipped) = find_form(&mut lines, options)?;
    let mut intake = Intake::new(ReadReport::new(form, skipped), options.strict, sink);
    match form {
        ListForm::Tx => tx::read(&mut lines, &mut intake)?,
        ListForm::Plain { kind } => {
            intake.each_line(&mut lines, |text, report| plain::read(text, kind, report))?
        }
        ListForm::Hashdeep => {
            let mut columns = hashdeep::Columns::default();
            intake.each_line(&mut lines, |text, report| columns.read(text, report))?;
        }
    }
    let report = intake.finish(lines);
    if report.entries == 0 { Err(ListError::Empty(Box::new(report))) } else { Ok(report) }
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
