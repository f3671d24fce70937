//! Writes the entries of a set in the forms that others read.
//!
//! Only [our own form](super::ListWriter) can say all that an entry does. Every other one leaves something out; what, is
//! counted, so that nobody takes a part for the whole.

mod json;
mod misp;
mod stix;
mod text;
mod vics;

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use jiff::Timestamp;

use super::{Entry, EntryKey, Hashes, Labels, ListHeader, ListWriter, SetName};
use crate::digest::SignalKind;

/// How entries are written out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportForm {
    /// Our own JSON Lines: everything, read again as it was.
    Innerward,
    /// The CSV of `tx dataset`: PDQ and MD5, opinion, facets as tags.
    Tx,
    /// Lines `signal_type value`, which the local-file exchange of `tx` and HMA reads: PDQ and MD5.
    Hma,
    /// VICS JSON 2.0, with the categories of one profile: MD5, SHA-1, and others as alternative hashes.
    Vics(VicsProfile),
    /// hashdeep: entries that have all of the digests that are asked for.
    Hashdeep,
    /// `kind:hex` lines, or the bare digits if one kind is asked for.
    Plain,
    /// A MISP event with one file object for each entry: MD5, SHA-1, SHA-256.
    Misp,
    /// A STIX 2.1 bundle of file objects: MD5, SHA-1, SHA-256, and picture hashes in an extension.
    Stix,
}

/// Whose numbers of categories a VICS list has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum VicsProfile {
    /// Those of no country.
    #[default]
    Default,
    /// The United States'.
    Us,
    /// The United Kingdom's.
    Uk,
}

impl VicsProfile {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "Default",
            Self::Us => "US",
            Self::Uk => "UK",
        }
    }
}

/// Text that is not such a form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the forms to write are {}", ExportForm::CHOICES)]
pub struct ExportFormError;

const NAMES: [(&str, ExportForm); 10] = [
    ("innerward", ExportForm::Innerward),
    ("tx", ExportForm::Tx),
    ("hma", ExportForm::Hma),
    ("vics", ExportForm::Vics(VicsProfile::Default)),
    ("vics:us", ExportForm::Vics(VicsProfile::Us)),
    ("vics:uk", ExportForm::Vics(VicsProfile::Uk)),
    ("hashdeep", ExportForm::Hashdeep),
    ("plain", ExportForm::Plain),
    ("misp", ExportForm::Misp),
    ("stix", ExportForm::Stix),
];

impl ExportForm {
    /// The name of each.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name)
    }

    /// What `--as` takes, for people.
    pub const CHOICES: &str = "innerward, tx, hma, vics, vics:us, vics:uk, hashdeep, plain, misp and stix";

    /// True if it can say that an entry is withdrawn.
    #[must_use]
    pub const fn says_withdrawals(self) -> bool {
        matches!(self, Self::Innerward)
    }
}

impl FromStr for ExportForm {
    type Err = ExportFormError;

    fn from_str(text: &str) -> Result<Self, ExportFormError> {
        NAMES.iter().find(|(name, _)| *name == text).map(|(_, form)| *form).ok_or(ExportFormError)
    }
}

impl fmt::Display for ExportForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        NAMES.iter().filter(|(_, form)| form == self).try_for_each(|(name, _)| f.write_str(name))
    }
}

/// What is said of the list as a whole.
#[derive(Debug, Clone)]
pub struct About {
    /// What the list is called: the name of its set, or of the first of several.
    pub name: SetName,
    /// The revision of the set.
    pub revision: u64,
    /// When it is written.
    pub issued: Timestamp,
    /// The kinds of hash that are written, of those that the set has; in the order of `SignalKind::ALL`.
    pub kinds: Vec<SignalKind>,
}

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Entries that the file says something of.
    pub entries: u64,
    /// Withdrawals.
    pub withdrawn: u64,
    /// Entries of which the form has no way to say any of the hashes.
    pub left_out: u64,
    /// Entries that were written without some of their hashes. In STIX these are also entries of which the first digest stands
    /// in an object already, with others than theirs beside it.
    pub in_part: u64,
    /// Entries that were written without some of their facets or categories.
    pub labels_in_part: u64,
}

/// One form, being written.
trait Form {
    /// Writes `entry`, as far as it can be said, and tells how many of its hashes could not.
    fn entry(&mut self, out: &mut dyn Write, entry: &Entry) -> io::Result<Said>;

    /// True if all facets and categories of `entry` can be read from what is written of it. Most forms say none.
    fn says_labels(&self, entry: &Entry) -> bool {
        entry.labels == Labels::default()
    }

    /// Writes what ends the list.
    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()>;
}

/// How much of an entry a form could say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    All,
    Part,
    Nothing,
}

impl Said {
    /// `said` of the hashes of `hashes`.
    fn of(said: usize, hashes: &Hashes) -> Self {
        match said {
            0 => Self::Nothing,
            some if some == hashes.iter().count() => Self::All,
            _ => Self::Part,
        }
    }
}

/// Writes a list in one of the forms, entry by entry, in memory for one. STIX remembers besides that the ids that it wrote,
/// about 100 bytes an entry.
///
/// # Examples
/// ```
/// # use innerward::hashset::{About, Entry, Exporter, ExportForm};
/// # use innerward::digest::{Signal, SignalKind};
/// let about = About {
///     name: "DEMO".parse()?,
///     revision: 1,
///     issued: "2026-11-01T12:00:00Z".parse()?,
///     kinds: vec![SignalKind::Md5],
/// };
/// let mut text = Vec::new();
/// let mut list = Exporter::new(ExportForm::Plain, &mut text, &about)?;
/// list.entry(&Entry::bare("md5:c0ffee00c0ffee00c0ffee00c0ffee00".parse::<Signal>()?.into()))?;
/// assert_eq!(list.finish()?.entries, 1);
/// assert_eq!(text, b"c0ffee00c0ffee00c0ffee00c0ffee00\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Exporter<'w> {
    to: To<'w>,
    kinds: Vec<SignalKind>,
    written: Written,
}

enum To<'w> {
    Ours(ListWriter<&'w mut dyn Write>),
    Others(Box<dyn Form + 'w>, &'w mut dyn Write),
}

/// What is written is in the file, and nowhere else.
impl fmt::Debug for Exporter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Exporter({:?})", self.written)
    }
}

impl<'w> Exporter<'w> {
    /// Begins a list. Hand in a buffered writer.
    ///
    /// # Errors
    /// What the writer says.
    pub fn new(form: ExportForm, out: &'w mut dyn Write, about: &About) -> io::Result<Self> {
        let to = if form == ExportForm::Innerward {
            let header = ListHeader {
                list_id: about.name.to_string(),
                list_version: about.revision.to_string(),
                issued: Some(about.issued),
                ..ListHeader::default()
            };
            To::Ours(ListWriter::new(out, &header)?)
        } else {
            let form: Box<dyn Form> = match form {
                ExportForm::Innerward | ExportForm::Plain => Box::new(text::Plain::new(about)),
                ExportForm::Tx => Box::new(text::Tx::begin(out, about)?),
                ExportForm::Hma => Box::new(text::Hma),
                ExportForm::Hashdeep => Box::new(text::Hashdeep::begin(out, about)?),
                ExportForm::Vics(profile) => Box::new(vics::Vics::begin(out, profile)?),
                ExportForm::Misp => Box::new(misp::Misp::begin(out, about)?),
                ExportForm::Stix => Box::new(stix::Stix::begin(out, about)?),
            };
            To::Others(form, out)
        };
        Ok(Self { to, kinds: about.kinds.clone(), written: Written::default() })
    }

    /// Writes what can be said of `entry` with the kinds of hash that are asked for.
    ///
    /// # Errors
    /// What the writer says.
    pub fn entry(&mut self, entry: &Entry) -> io::Result<()> {
        let mut hashes = Hashes::default();
        for signal in entry.hashes.iter().filter(|signal| self.kinds.contains(&signal.kind())) {
            hashes.set(signal);
        }
        if hashes.pdq.is_some() {
            hashes.pdq = entry.hashes.pdq; // with its quality
        }
        let some = hashes.iter().count() < entry.hashes.iter().count();
        let (said, labels) = if hashes.is_empty() {
            (Said::Nothing, true)
        } else {
            let entry = Entry { hashes, ..entry.clone() };
            match &mut self.to {
                To::Ours(list) => list.entry(&entry).map(|()| (Said::All, true))?,
                To::Others(form, out) => (form.entry(*out, &entry)?, form.says_labels(&entry)),
            }
        };
        self.written.entries += u64::from(said != Said::Nothing);
        self.written.left_out += u64::from(said == Said::Nothing);
        self.written.labels_in_part += u64::from(said != Said::Nothing && !labels);
        self.written.in_part += u64::from(said == Said::Part || (said == Said::All && some));
        Ok(())
    }

    /// Writes that what has `key` must not match any more; to be asked only of a form that
    /// [says withdrawals](ExportForm::says_withdrawals), others pass it over.
    ///
    /// # Errors
    /// What the writer says.
    pub fn withdrawn(&mut self, key: &EntryKey) -> io::Result<()> {
        if let To::Ours(list) = &mut self.to {
            list.withdrawn(key, None)?;
            self.written.withdrawn += 1;
        }
        Ok(())
    }

    /// Ends the list, and tells what is in it. Without this it is not whole.
    ///
    /// # Errors
    /// What the writer says.
    pub fn finish(self) -> io::Result<Written> {
        match self.to {
            To::Ours(list) => list.finish()?.flush()?,
            To::Others(mut form, out) => {
                form.finish(out)?;
                out.flush()?;
            }
        }
        Ok(self.written)
    }
}

#[cfg(test)]
mod tests;
