//! The one door for what the readers find: counts it, drops repeats, hands the rest on.

use std::collections::hash_map::Entry as Slot;
use std::error::Error;
use std::hash::{BuildHasher, RandomState};
use std::hint::black_box;

use super::claims::Claims;
use super::door::{Refusal, refuse};
use super::lines::{Lines, says_nothing};
use super::prints::{ByPrint, Prints};
use super::record::{Place, Record, SourceCategory, Take};
use super::report::{BadLine, Cause, ReadReport};
use super::stop::StopList;
use super::{Entry, EntryKey, Item, Labels, ListError, Opinion, ReadOptions};
use crate::vocabulary::{Category, Code, Dimension, Profiles};

/// Lines whose entries are looked for among those seen at a time.
const AT_ONCE: usize = 32;

/// What readers hand their findings to.
pub(super) struct Intake<'s, E> {
    pub(super) report: ReadReport,
    strict: bool,
    stop: &'s StopList,
    profiles: &'s Profiles,
    seen: Deduplicator,
    /// Entries of lines, each with its print, that were not looked for among those seen yet.
    waiting: Vec<(u64, Entry)>,
    claims: Claims,
    sink: &'s mut dyn FnMut(Item) -> Result<(), E>,
}

impl<'s, E: Error + 'static> Intake<'s, E> {
    pub(super) fn new(
        report: ReadReport,
        options: &'s ReadOptions,
        sink: &'s mut dyn FnMut(Item) -> Result<(), E>,
    ) -> Self {
        let (seen, waiting, claims) =
            (Deduplicator::default(), Vec::with_capacity(AT_ONCE), Claims::default());
        let (strict, stop, profiles) = (options.strict, options.stop_list(), &*options.profiles);
        Self { report, strict, stop, profiles, seen, waiting, claims, sink }
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
                    self.line(line.number, found)?;
                }
            }
        }
        Ok(())
    }

    /// Takes what was found in line `number`.
    pub(super) fn line(
        &mut self,
        number: u64,
        found: Result<Option<Entry>, Cause>,
    ) -> Result<(), ListError<E>> {
        match found {
            Ok(None) => Ok(()),
            Ok(Some(entry)) => {
                self.waiting.push((self.seen.print(&entry), entry));
                if self.waiting.len() < AT_ONCE { Ok(()) } else { self.take_waiting() }
            }
            Err(cause) => self.bad(Place::Line(number), cause),
        }
    }

    fn take_waiting(&mut self) -> Result<(), ListError<E>> {
        let mut waiting = std::mem::take(&mut self.waiting);
        self.seen.fetch(waiting.iter().map(|(print, _)| *print));
        for (print, entry) in waiting.drain(..) {
            if self.seen.is_new(print) {
                self.entry(entry)?;
            } else {
                self.report.duplicates += 1;
            }
        }
        self.waiting = waiting; // its room is used again
        Ok(())
    }

    fn bad(&mut self, place: Place, cause: Cause) -> Result<(), ListError<E>> {
        let bad = BadLine { place, cause };
        if self.strict {
            return Err(ListError::BadLine(bad));
        }
        self.report.remember(bad);
        Ok(())
    }

    fn entry(&mut self, mut entry: Entry) -> Result<(), ListError<E>> {
        refuse(&mut entry.hashes, self.stop, |refusal| self.report.refuse(refusal));
        if entry.hashes.is_empty() {
            self.report.refused_entries += 1;
            return Ok(());
        }
        self.report.entries += 1;
        self.report.conflicts += u64::from(self.claims.contradict(&entry));
        let to_be_found = speaks_of_abuse(&entry) || self.report.form.is_never_harmless();
        self.report.in_scope += u64::from(to_be_found);
        (self.sink)(Item::Entry(entry)).map_err(ListError::Sink)
    }

    fn record(&mut self, record: Record) -> Result<(), ListError<E>> {
        let named = record.key.is_some();
        let key = match record.key {
            Some(key) => key,
            None if record.hashes.is_empty() => {
                self.report.unsupported_lines += 1;
                return Ok(());
            }
            None => EntryKey::derived(&record.hashes),
        };
        if record.withdrawn {
            self.report.withdrawals += 1;
            return (self.sink)(Item::Withdrawn(key)).map_err(ListError::Sink);
        }
        let updated = record.updated.map(|seconds| seconds.clamp(1, u32::MAX.into()) as u32);
        self.report.categories += record.categories.len() as u64;
        self.report.categories += record.labels.categories().len() as u64;
        let labels = record.categories.into_iter().fold(record.labels, with_category);
        let labels = if record.facets_stated { labels } else { labels.with_profiles(self.profiles) };
        let entry = Entry { key, hashes: record.hashes, labels, opinion: record.opinion, updated };
        if named {
            let under = match record.beside {
                true => self.seen.beside_its_key(&entry),
                false => self.seen.under_its_key(&entry),
            };
            match under {
                Under::Same => {
                    self.report.duplicates += 1;
                    return Ok(());
                }
                Under::Beside => {}
                Under::Later => {
                    self.report.outdated += 1;
                    return Ok(());
                }
                under => {
                    let here = under == Under::Other;
                    self.report.replaced += u64::from(here);
                    let replaced = Item::Replaced { key: entry.key.clone(), here, updated };
                    (self.sink)(replaced).map_err(ListError::Sink)?;
                }
            }
        } else if !self.seen.is_new(self.seen.print(&entry)) {
            self.report.duplicates += 1;
            return Ok(());
        }
        if entry.hashes.is_empty() {
            self.report.unsupported_lines += 1;
            return Ok(());
        }
        self.entry(entry)
    }

    /// The report, complete.
    pub(super) fn finish(mut self, lines: Lines<'_>) -> Result<ReadReport, ListError<E>> {
        self.take_waiting()?;
        let mut report = self.report;
        report.lines = lines.finish();
        Ok(report)
    }
}

impl<E: Error + 'static> Take for Intake<'_, E> {
    type Stop = ListError<E>;

    fn take(&mut self, place: Place, found: Result<Record, Cause>) -> Result<(), ListError<E>> {
        match found {
            Ok(Record { refused, .. }) if self.strict && !refused.is_empty() => {
                refused.into_iter().next().map_or(Ok(()), |cause| self.bad(place, cause))
            }
            Ok(record) => {
                record.refused.iter().filter_map(Refusal::of).for_each(|refusal| self.report.refuse(refusal));
                self.record(record)
            }
            Err(cause) => self.bad(place, cause),
        }
    }

    fn unsupported(&mut self, kind: &str) {
        self.report.count_unsupported(kind);
    }

    fn dropped(&mut self, field: &'static str) {
        *self.report.dropped_fields.entry(field).or_default() += 1;
    }
}

/// With what follows from a category of the source, and the category itself if it can be kept.
fn with_category(labels: Labels, category: SourceCategory) -> Labels {
    match Category::new(category.scheme, &category.profile, &category.code) {
        Ok(category) => labels.with_crosswalk(category),
        Err(_) => labels,
    }
}

/// True for an entry that its list wants found, so that no list of harmless files can have it: by a severity, even one that
/// does not know how severe, by the members' word, or by anything that VICS says of it but category 8, which NSRL gives
/// ordinary files. Category 0 is one thing in one profile and another in the next, and never harmless.
pub(crate) fn speaks_of_abuse(entry: &Entry) -> bool {
    let severe =
        |code: &Code| code.dimension() == Dimension::Severity && !matches!(code.as_str(), "SEV_N" | "_Z");
    let by_vics = |category: &Category| category.scheme() == "VICS" && category.code() != "8";
    entry.opinion == Opinion::Positive
        || entry.labels.as_slice().iter().any(severe)
        || entry.labels.categories().iter().any(by_vics)
}

/// Remembers 64 bits of each entry, keyed anew in every run, so that no list can be built to make two entries look
/// alike. Two different entries do so by chance once in 15,000 lists of 50 million; keys that are derived from hashes
/// are no longer than that either.
#[derive(Default)]
struct Deduplicator {
    hasher: RandomState,
    seen: Prints,
    /// Of each key that the list gave: what stands under it now, and of when that is.
    under: ByPrint<(u64, Option<u32>)>,
}

/// What a list said before under a key that it gave.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Under {
    Nothing,
    Same,
    Other,
    /// Something that holds together with what is said now.
    Beside,
    /// Something that is later.
    Later,
}

impl Deduplicator {
    /// That of an entry: equal for the same key, labels and opinion.
    fn print(&self, entry: &Entry) -> u64 {
        self.hasher.hash_one((&entry.key, &entry.labels, entry.opinion))
    }

    /// True if no entry with this print was here before.
    fn is_new(&mut self, print: u64) -> bool {
        self.seen.insert(print)
    }

    /// Brings the places of prints near. Each is somewhere else in hundreds of megabytes: asked for together they arrive
    /// in the time that two or three take alone.
    fn fetch(&self, prints: impl Iterator<Item = u64>) {
        black_box(prints.filter(|print| self.seen.contains(print)).count());
    }

    /// Remembers what stands under the entry's key now, and tells what did before.
    fn under_its_key(&mut self, entry: &Entry) -> Under {
        let key = self.hasher.hash_one(&entry.key);
        let says = self.says(entry);
        let before = match self.under.entry(key) {
            Slot::Vacant(place) => {
                place.insert((says, entry.updated));
                return Under::Nothing;
            }
            Slot::Occupied(place) => place.into_mut(),
        };
        if before.0 == says {
            Under::Same
        } else if entry.updated.is_some() && entry.updated < before.1 {
            Under::Later
        } else {
            *before = (says, entry.updated);
            Under::Other
        }
    }

    /// The same for an entry that stands beside others with its key.
    fn beside_its_key(&mut self, entry: &Entry) -> Under {
        let key = self.hasher.hash_one(&entry.key);
        let says = self.says(entry);
        let new = self.seen.insert(self.hasher.hash_one((key, says)));
        match self.under.insert(key, (says, entry.updated)) {
            None => Under::Nothing,
            Some(_) if new => Under::Beside,
            Some(_) => Under::Same,
        }
    }

    /// All but its key.
    fn says(&self, entry: &Entry) -> u64 {
        let quality = entry.hashes.pdq.and_then(|pdq| pdq.quality);
        let quality = quality.map(|quality| quality.percent());
        let says = (EntryKey::derived(&entry.hashes), quality, &entry.labels, entry.opinion, entry.updated);
        self.hasher.hash_one(says)
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;
    use crate::digest::Signal;
    use crate::hashset::{Hashes, ListForm};

    /// `id`, MD5 digit and whether it is withdrawn: records as a reader would tell of them. An id `a@7` is `a` at the
    /// time 7.
    pub(crate) fn read_records<E: Error + 'static>(
        records: &[(&str, char, bool)],
        sink: &mut dyn FnMut(Item) -> Result<(), E>,
    ) -> Result<ReadReport, ListError<E>> {
        let report = ReadReport::new(ListForm::Plain { kind: None }, 0);
        let options = ReadOptions::default();
        let mut intake = Intake::new(report, &options, sink);
        for (at, &(id, digit, withdrawn)) in records.iter().enumerate() {
            let hashes = match digit {
                '-' => Hashes::default(),
                digit => format!("md5:{}", digit.to_string().repeat(32)).parse::<Signal>().unwrap().into(),
            };
            let (id, time) = id.split_once('@').unwrap_or((id, ""));
            let key = (!id.is_empty()).then(|| EntryKey::new(id).unwrap());
            let record = Record { key, hashes, withdrawn, updated: time.parse().ok(), ..Record::default() };
            intake.take(Place::Byte(at as u64), Ok(record))?;
        }
        Ok(intake.report)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::testing::read_records;
    use super::*;
    use crate::digest::Signal;

    /// What is handed on: `+` an entry, `!` and `~` a replacement here and elsewhere, `-` a withdrawal, with its key.
    fn told(records: &[(&str, char, bool)]) -> (String, ReadReport) {
        let mut told = String::new();
        let report = read_records(records, &mut |item| {
            told += &match item {
                Item::Entry(entry) => format!("+{} ", entry.key),
                Item::Replaced { key, here: true, .. } => format!("!{key} "),
                Item::Replaced { key, here: false, .. } => format!("~{key} "),
                Item::Withdrawn(key) => format!("-{key} "),
            };
            Ok::<(), Infallible>(())
        })
        .unwrap();
        (told, report)
    }

    #[test]
    fn a_later_record_with_the_same_key_replaces_the_earlier_one() {
        let (told, report) = told(&[
            ("a", '1', false),
            ("b", '1', false),
            ("a", '1', false),
            ("a", '2', false),
            ("a", '1', false),
        ]);
        assert_eq!(told, "~a +a ~b +b !a +a !a +a ");
        assert_eq!((report.entries, report.replaced, report.duplicates), (4, 2, 1));
        let (told, report) = self::told(&[("a", '1', false), ("a", '-', false), ("", '-', false)]);
        assert_eq!(told, "~a +a !a ", "a record without hashes leaves none");
        assert_eq!((report.entries, report.replaced, report.unsupported_lines), (1, 1, 2));
    }

    #[test]
    fn of_two_records_with_one_key_the_later_holds_in_whichever_order_they_come() {
        let (told, report) = told(&[
            ("a@7", '1', false),
            ("a@5", '2', false),
            ("a@7", '3', false),
            ("a@9", '3', false),
            ("a@8", '1', false),
            ("b", '1', false),
            ("b@1", '2', false),
            ("b", '3', false),
        ]);
        assert_eq!(told, "~a +a !a +a !a +a ~b +b !b +b !b +b ");
        assert_eq!((report.entries, report.replaced, report.outdated), (6, 4, 2));
    }

    #[test]
    fn withdrawals_go_by_the_key_or_by_the_hashes() {
        let (told, report) = told(&[("a", '-', true), ("", '1', true), ("", '1', false), ("", '-', true)]);
        let derived = "md5:11111111111111111111111111111111".parse::<Signal>().unwrap();
        let derived = EntryKey::derived(&derived.into());
        assert_eq!(told, format!("-a -{derived} +{derived} "));
        assert_eq!((report.withdrawals, report.entries, report.unsupported_lines), (2, 1, 1));
    }

    #[test]
    fn fields_and_kinds_that_are_not_kept_are_counted() {
        let mut sink = |_| Ok::<(), Infallible>(());
        let report = ReadReport::new(crate::hashset::ListForm::Tx, 0);
        let options = ReadOptions { strict: true, ..ReadOptions::default() };
        let mut intake = Intake::new(report, &options, &mut sink);
        intake.unsupported("tmk");
        intake.dropped("Series");
        intake.dropped("Series");
        assert_eq!(intake.report.unsupported, [("tmk".to_owned(), 1)].into());
        assert_eq!(intake.report.dropped_fields, [("Series", 2)].into());
        let Err(error) = intake.take(Place::Byte(7), Err(Cause::NoHash)) else { panic!("it is strict") };
        assert_eq!(error.to_string(), "at byte 7: no hash where one should stand");
    }
}
