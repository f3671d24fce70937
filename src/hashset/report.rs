//! What a reading found, in numbers, and what was wrong with which line. Never the line itself: it may hold a hash.

use std::collections::BTreeMap;
use std::fmt;

use super::door::Refusal;
use super::form::ListForm;
use super::lines::MAX_LINE;
use super::record::Place;
use crate::digest::{Blake3, SignalError, SignalKind};

/// Why 64 digits alone are not read.
pub(super) const AMBIGUOUS: &str = "64 hexadecimal digits can be PDQ, SHA-256 or BLAKE3; \
    say which with --as plain:pdq, --as plain:sha256 or --as plain:blake3 (or a classic kind, such as gradient16)";

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// No list has such lines.
    #[error("the line is longer than {} bytes", MAX_LINE)]
    TooLong,
    /// Not text, or text of another encoding than UTF-8 or than what was declared.
    #[error(
        "the line is not text in UTF-8, or in what --encoding says; declare what the list is written in: \
         --encoding windows-1252"
    )]
    NotUtf8,
    /// Binary.
    #[error("the line holds a zero byte")]
    ZeroByte,
    /// The value is not a hash of its kind.
    #[error(transparent)]
    Hash(#[from] SignalError),
    /// Neither a digest nor anything around one.
    #[error("no hash where one should stand")]
    NoHash,
    /// A length that no kind has.
    #[error("a hash without its kind has 32 or 40 hexadecimal digits, not {0} characters")]
    NoKindHasLength(usize),
    /// A second hash where a name would stand.
    #[error(
        "a second hash stands where the name of a file would; give each hash a line of its own, or read the list as \
         a table with --map"
    )]
    TwoHashes,
    /// 64 digits.
    #[error("{AMBIGUOUS}")]
    Ambiguous64,
    /// The line names another kind than the list was declared to hold.
    #[error("a {found} hash in a list declared to hold {declared}")]
    OtherKind {
        /// What was declared.
        declared: SignalKind,
        /// What the line says.
        found: SignalKind,
    },
    /// A row with too few or too many columns.
    #[error("expected {expected} columns, found {found}")]
    Columns {
        /// The columns of the format.
        expected: usize,
        /// The columns of the row.
        found: usize,
    },
    /// Quotes that do not match.
    #[error("a quote opens here and is not closed as CSV closes one")]
    Quote,
    /// The first column of hashdeep.
    #[error("the size is not a number")]
    Size,
    /// A row of hashdeep in front of the line that names its columns.
    #[error("no line with the names of the columns (%%%% size,…,filename) stands before this row")]
    NoColumnLine,
    /// A line of hashdeep that should name the columns.
    #[error("the names of the columns begin with size, end with filename, and name each hash once")]
    ColumnLine,
    /// A record of JSON or XML, or a value of it that is needed, beyond what is read of one.
    #[error("the record, or a value in it, is longer than any list needs")]
    Oversized,
    /// A record of another shape than the format's.
    #[error("expected {0}")]
    Expected(&'static str),
}

/// A line that was not read. Shown after the file's name and a colon, it is `file:line: cause`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// Where it stands; a record over several lines stands in its first.
    pub place: Place,
    /// What is wrong with it.
    pub cause: Cause,
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.cause)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "{line}"),
            Self::Byte(byte) => write!(f, "byte {byte}"),
            Self::Row(row) => write!(f, "row {row}"),
        }
    }
}

/// What a reading found. Every line is counted once:
/// `lines = skipped + entries + duplicates + outdated + unsupported_lines + withdrawals + refused_entries + bad_total`; a
/// list of records has them in place of lines.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadReport {
    /// The form in which the list was read.
    pub form: ListForm,
    /// Its length in bytes, as it lies: before it is unpacked.
    pub bytes: u64,
    /// BLAKE3 of the whole file as it lies.
    pub file_blake3: Blake3,
    /// Its lines.
    pub lines: u64,
    /// Blank lines, comments, headings, and the further lines of a record that spans several.
    pub skipped: u64,
    /// Entries handed on.
    pub entries: u64,
    /// Records with a key that the list gave before with other content: the later one holds.
    pub replaced: u64,
    /// Records older than what the list said before under their key, where it gives times: the later one holds.
    pub outdated: u64,
    /// Records that take back what they name.
    pub withdrawals: u64,
    /// Categories of the source, in its own scheme.
    pub categories: u64,
    /// Fields that are not kept, by their name in the format.
    pub dropped_fields: BTreeMap<&'static str, u64>,
    /// Lines that repeat an earlier entry in every respect.
    pub duplicates: u64,
    /// Lines without any hash of a kind that is supported.
    pub unsupported_lines: u64,
    /// Lines of which no hash was left, as all were refused.
    pub refused_entries: u64,
    /// Hashes that were not taken, by reason; those that made their whole line bad too.
    pub refused: BTreeMap<Refusal, u64>,
    /// Entries that contradict an earlier one with their key or one of their hashes: another severity, or positive where
    /// that was negative. All of them are kept.
    pub conflicts: u64,
    /// Bad lines, all of them.
    pub bad_total: u64,
    /// The first [`ReadReport::BAD_KEPT`] bad lines.
    pub bad: Vec<BadLine>,
    /// Values that were passed over, by kind; kinds beyond the first few, and odd names, are `other`.
    pub unsupported: BTreeMap<String, u64>,
    /// Tags that are not a code of the vocabulary.
    pub dropped_tags: u64,
    /// Lines with a category that is not known, read as worth a look.
    pub unknown_categories: u64,
    /// Entries whose label says that they are, or may be, illegal: no list to be ignored has them.
    pub in_scope: u64,
}

/// What the field calls kinds of hash, and of other signals, that are not matched here.
const KINDS: [&str; 40] = [
    "photodna",
    "pdna",
    "photo_dna",
    "tmk",
    "tmk_pdqf",
    "tmkpdqf",
    "netclean",
    "videntifier",
    "ssvh_pdna",
    "ssvh_safer_hash",
    "ssdeep",
    "tlsh",
    "text_tlsh",
    "imphash",
    "crc32",
    "adler32",
    "sha224",
    "sha384",
    "sha512",
    "sha3_256",
    "sha3_384",
    "sha3_512",
    "whirlpool",
    "tiger",
    "ripemd160",
    "ed2k",
    "aich",
    "tth",
    "blake2b",
    "vpdq",
    "pdq_ocr",
    "raw_text",
    "text",
    "url",
    "url_md5",
    "trend_query",
    "phash",
    "dhash",
    "ahash",
    "whash",
];

impl ReadReport {
    /// Bad lines that are remembered.
    pub const BAD_KEPT: usize = 100;

    pub(super) fn new(form: ListForm, skipped: u64) -> Self {
        Self {
            form,
            bytes: 0,
            file_blake3: Blake3::from_bytes([0; 32]),
            lines: 0,
            skipped,
            entries: 0,
            replaced: 0,
            outdated: 0,
            withdrawals: 0,
            categories: 0,
            dropped_fields: BTreeMap::new(),
            duplicates: 0,
            unsupported_lines: 0,
            refused_entries: 0,
            refused: BTreeMap::new(),
            conflicts: 0,
            bad_total: 0,
            bad: Vec::new(),
            unsupported: BTreeMap::new(),
            dropped_tags: 0,
            unknown_categories: 0,
            in_scope: 0,
        }
    }

    /// Counts a value of a kind that is not supported. The name comes from the list, which may have
    /// anything in its place: only one that the field knows is kept.
    pub(super) fn count_unsupported(&mut self, kind: &str) {
        let kind = kind.to_ascii_lowercase().replace('-', "_");
        let name = KINDS.into_iter().find(|known| *known == kind).unwrap_or("other");
        *self.unsupported.entry(name.to_owned()).or_default() += 1;
    }

    /// Counts a hash that is not taken.
    pub(super) fn refuse(&mut self, refusal: Refusal) {
        *self.refused.entry(refusal).or_default() += 1;
    }

    /// The lines, or records, that are accounted for.
    pub(super) fn accounted(&self) -> u64 {
        let taken = self.entries + self.duplicates + self.outdated + self.withdrawals;
        self.skipped + taken + self.unsupported_lines + self.refused_entries + self.bad_total
    }

    pub(super) fn remember(&mut self, bad: BadLine) {
        self.bad_total += 1;
        if let Some(refusal) = Refusal::of(&bad.cause) {
            self.refuse(refusal);
        }
        if self.bad.len() < Self::BAD_KEPT {
            self.bad.push(bad);
        }
    }
}

/// The first bad line, or the first reason for a refusal, for people who wonder why nothing is left.
pub(super) fn first_of(report: &ReadReport) -> String {
    match (report.bad.first(), report.refused.keys().next()) {
        (Some(bad), _) => format!("; the first at {bad}"),
        (None, Some(reason)) => format!("; the first since {reason}"),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_kinds_are_few_and_never_a_hash() {
        let mut report = ReadReport::new(ListForm::Tx, 0);
        for kind in ["raw_text", "RAW_TEXT", &"c0ffee00".repeat(4), "\x1b[31m", "", "7z", "a b"] {
            report.count_unsupported(kind);
        }
        assert_eq!(report.unsupported, [("other".to_owned(), 5), ("raw_text".to_owned(), 2)].into());
        for kind in ["PhotoDNA", "TMK-PDQF", "JaneDoe"] {
            report.count_unsupported(kind);
        }
        let names: Vec<_> = report.unsupported.into_iter().collect();
        let expected = [("other", 6), ("photodna", 1), ("raw_text", 2), ("tmk_pdqf", 1)];
        assert_eq!(names, expected.map(|(name, count)| (name.to_owned(), count)));
    }
}
