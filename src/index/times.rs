//! When entries were changed by their list, and when they came here: columns that most segments can say in one element.

use jiff::civil::{Date, date};

use super::error::Fault;
use super::layout::Column;
use super::segment::Segment;

/// The day of which days are counted.
const FIRST_DAY: Date = date(1970, 1, 1);

/// `day` as the column of arrivals has it, in days since 1970; 0 for one that it cannot say.
pub(super) fn day_number(day: Date) -> u16 {
    u16::try_from((day - FIRST_DAY).get_days()).unwrap_or(0)
}

/// Numbers of entries, one behind the other, that take no room as long as all are the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Mostly<T> {
    first: T,
    len: usize,
    /// All of them, once two differ.
    all: Vec<T>,
}

impl<T: Copy + Default + PartialEq> Mostly<T> {
    pub(super) fn push(&mut self, value: T) {
        if self.len == 0 {
            self.first = value;
        } else if !self.all.is_empty() || value != self.first {
            if self.all.is_empty() {
                self.all = vec![self.first; self.len];
            }
            self.all.push(value);
        }
        self.len += 1;
    }

    /// What is written: nothing if all are nothing, one element if all are the same, else all.
    pub(super) fn elements(&self) -> &[T] {
        match (self.all.is_empty(), self.first == T::default()) {
            (true, true) => &[],
            (true, false) => std::slice::from_ref(&self.first),
            (false, _) => &self.all,
        }
    }
}

impl Segment {
    /// When the list last changed `entry`, in seconds since 1970; `None` if it does not say.
    pub(super) fn updated(&self, entry: u32) -> Option<u32> {
        self.number(self.layout().updates.as_ref(), entry).map(|seconds| seconds as u32)
    }

    /// The day on which `entry` came into its set; `None` if that is not known.
    pub(super) fn arrived(&self, entry: u32) -> Option<Date> {
        let days = self.number(self.layout().arrivals.as_ref(), entry)?;
        FIRST_DAY.checked_add(jiff::Span::new().days(i64::try_from(days).ok()?)).ok()
    }

    fn number(&self, column: Option<&Column>, entry: u32) -> Option<u64> {
        let numbers = column?.numbers(self.bytes());
        let at = if numbers.len() == 1 { 0 } else { entry as usize };
        Some(numbers.at(at)).filter(|number| *number != 0)
    }

    /// That a column of which one element stands for all does not repeat itself.
    pub(super) fn check_times(&self) -> Result<(), Fault> {
        let layout = self.layout();
        for column in layout.updates.iter().chain(&layout.arrivals) {
            let numbers = column.numbers(self.bytes());
            let alike = (1..numbers.len()).all(|at| numbers.at(at) == numbers.at(0));
            if numbers.len() == 1 && numbers.at(0) == 0 || numbers.len() > 1 && alike {
                return Err(Fault::Order { section: column.id, at: 0 });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::{Index, IndexWriter, SegmentBuilder};
    use super::*;
    use crate::hashset::Entry;

    #[test]
    fn a_column_is_as_long_as_it_has_to_say() {
        for (values, expected) in [
            (&[][..], &[][..]),
            (&[0, 0, 0], &[]),
            (&[7, 7, 7], &[7]),
            (&[0, 7], &[0, 7]),
            (&[7, 7, 8, 7], &[7, 7, 8, 7]),
        ] {
            let mut column = Mostly::default();
            values.iter().for_each(|value| column.push(*value));
            assert_eq!(column.elements(), expected, "{values:?}");
        }
    }

    #[test]
    fn times_come_back_as_they_were_given() {
        for (updated, days) in
            [([None; 3], [0, 0, 0]), ([Some(5); 3], [20_000; 3]), ([None, Some(9), None], [1, 2, 0])]
        {
            let (_scratch, home) = home();
            let lock = home.lock().unwrap();
            let mut builder = SegmentBuilder::new();
            for (seed, (updated, day)) in (0..).zip(updated.into_iter().zip(days)) {
                builder.push_on(&Entry { updated, ..entry(seed) }, day).unwrap();
            }
            let segment = builder.write(&home.index_dir()).unwrap();
            IndexWriter::open(&home.index_dir(), &lock)
                .unwrap()
                .replace_set("A", 1, vec![segment], vec![])
                .unwrap();
            assert!(Index::verify(&home.index_dir()).unwrap().is_sound());
            let segment = Segment::open(&home.index_dir(), &segment.content_id().file_name()).unwrap();
            for entry in 0..3 {
                assert_eq!(segment.updated(entry), updated[entry as usize]);
                let day = segment.arrived(entry).map_or(0, day_number);
                assert_eq!(day, days[entry as usize]);
            }
            let again: Vec<_> =
                segment.entries().unwrap().unwrap().map(|entry| entry.unwrap().updated).collect();
            assert_eq!(again, updated);
        }
        assert_eq!(day_number(date(2026, 11, 22)), 20_779);
        assert_eq!((day_number(date(1969, 1, 1)), day_number(date(2200, 1, 1))), (0, 0));
    }
}
