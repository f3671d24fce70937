//! The one door for what the readers find: counts it, drops repeats, hands the rest on.

use std::collections::HashSet;
use std::error::Error;
use std::hash::{BuildHasher, RandomState};

use super::lines::{Lines, says_nothing};
use super::report::{BadLine, Cause, ReadReport};
use super::{Entry, ListError};
use crate::vocabulary::{Code, Dimension};

/// What readers hand their findings to.
pub(super) struct Intake<'s, E> {
    pub(super) report: ReadReport,
    strict: bool,
    seen: Deduplicator,
    sink: &'s mut dyn FnMut(Entry) -> Result<(), E>,
}

impl<'s, E: Error + 'static> Intake<'s, E> {
    pub(super) fn new(
        report: ReadReport,
        strict: bool,
        sink: &'s mut dyn FnMut(Entry) -> Result<(), E>,
    ) -> Self {
        Self { report, strict, seen: Deduplicator::default(), sink }
    }

    /// Gives every line that says something to `read`, which answers with its entry, or with `None` once it has counted
    /// the line in the report itself.
    pub(super) fn each_line(
        &mut self,
        lines: &mut Lines<'_>,
        mut read: impl FnMut(&str, &mut ReadReport) -> Result<Option<Entry>, Cause>,
    ) -> Result<(), ListError<E>> {
        while let Some(line) = lines.next()? {
            match line.text {
                Ok(text) if says_nothing(text) => self.report.skipped += 1,
                text => {
                    let found = text.and_then(|text| read(text, &mut self.report));
                    self.take(line.number, found)?;
                }
            }
        }
        Ok(())
    }

    /// Takes what was found in line `number`.
    pub(super) fn take(
        &mut self,
        number: u64,
        found: Result<Option<Entry>, Cause>,
    ) -> Result<(), ListError<E>> {
        match found {
            Ok(None) => Ok(()),
            Ok(Some(entry)) if self.seen.is_repeat(&entry) => {
                self.report.duplicates += 1;
                Ok(())
            }
            Ok(Some(entry)) => {
                self.report.entries += 1;
                self.report.in_scope += u64::from(entry.labels.as_slice().iter().copied().any(in_scope));
                (self.sink)(entry).map_err(ListError::Sink)
            }
            Err(cause) => {
                let bad = BadLine { line: number, cause };
                if self.strict {
                    return Err(ListError::BadLine(bad));
                }
                self.report.remember(bad);
                Ok(())
            }
        }
    }

    /// The report, complete.
    pub(super) fn finish(self, lines: Lines<'_>) -> ReadReport {
        let mut report = self.report;
        report.lines = lines.finish();
        report
    }
}

/// True for a severity that speaks of abuse, even if it does not know how severe.
fn in_scope(code: Code) -> bool {
    code.dimension() == Dimension::Severity && !matches!(code.as_str(), "SEV_N" | "_Z")
}

/// Remembers 64 bits of each entry, keyed anew in every run, so that no list can be built to make two entries look
/// alike. Two different entries do so by chance once in 15,000 lists of 50 million; keys that are derived from hashes
/// are no longer than that either.
#[derive(Default)]
struct Deduplicator {
    hasher: RandomState,
    seen: HashSet<u64>,
}

impl Deduplicator {
    /// True if an entry with this key, these labels and this opinion was here before.
    fn is_repeat(&mut self, entry: &Entry) -> bool {
        let print = self.hasher.hash_one((&entry.key, &entry.labels, entry.opinion));
        !self.seen.insert(print)
    }
}
