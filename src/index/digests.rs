//! Exact look-up: sorted digests, and a directory that leads to the few places where one can be.
//!
//! A look-up waits for memory, not for the CPU: once for the directory, once for the digests. So many digests are looked up
//! together, stage by stage, and what a stage needs is asked for in the one before it.

use std::ops::Range;

use super::directory::{Directory, Place, head};
use super::error::Fault;
use super::layout::{DigestLayout, Numbers};
use crate::kernel::lanes::{Lanes, Level, Wide};

/// Digests looked up together: enough that one stage has begun to answer before the next one asks.
pub(super) const TOGETHER: usize = 128;
/// So few digests are gone through from the beginning; more, which only crowds of nearly equal beginnings make, are searched
/// by halves.
const SHORT: usize = 16;
/// Bytes of the digests that are asked for from memory.
const ASKED_FOR: usize = 128;
const CACHE_LINE: usize = 64;

/// The table of one kind of digest.
#[derive(Clone, Copy)]
pub(super) struct DigestTable<'a> {
    values: &'a [u8],
    size: usize,
    len: usize,
    entries: Numbers<'a>,
    directory: Directory<'a>,
}

impl<'a> DigestTable<'a> {
    pub(super) fn new(file: &'a [u8], layout: &DigestLayout) -> Self {
        Self {
            values: layout.values.bytes(file),
            size: layout.values.size(),
            len: layout.values.len(),
            entries: layout.entries.numbers(file),
            directory: Directory::new(file, &layout.directory),
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    pub(super) const fn entries(&self) -> Numbers<'a> {
        self.entries
    }

    pub(super) const fn directory(&self) -> Directory<'a> {
        self.directory
    }

    #[inline(always)]
    pub(super) fn value(&self, at: usize) -> &'a [u8] {
        self.values.get(at * self.size..(at + 1) * self.size).unwrap_or_default()
    }

    /// The first bytes of digest `at`, as a number that orders as they do.
    #[inline(always)]
    fn head(&self, at: usize) -> u64 {
        let bytes = self.values.get(at * self.size..).and_then(|value| value.first_chunk());
        bytes.map_or(0, |bytes| u64::from_be_bytes(*bytes))
    }

    /// The positions at which `digest` can be.
    #[inline(always)]
    pub(super) fn positions(&self, digest: &[u8]) -> Result<Range<usize>, Fault> {
        self.directory.positions(self.directory.place(digest), self.len())
    }

    /// The entries that have `digest`, in order, duplicates kept.
    pub(super) fn find<'d>(
        &self,
        digest: &'d [u8],
    ) -> Result<impl Iterator<Item = u32> + use<'a, 'd>, Fault> {
        let positions = self.positions(digest)?;
        Ok(self.equal(self.first(positions.clone(), digest, head(digest))..positions.end, digest))
    }

    /// True if `entry` has `digest`. Costs a logarithm, however many entries have it: equal digests ascend by entry.
    pub(super) fn has(&self, digest: &[u8], entry: u32) -> Result<bool, Fault> {
        let Range { start: mut low, end } = self.positions(digest)?;
        let mut high = end;
        while low < high {
            let middle = low + (high - low) / 2;
            if (self.value(middle), self.entries.at(middle)) < (digest, u64::from(entry)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low < end && self.value(low) == digest && self.entries.at(low) == u64::from(entry))
    }

    /// The entries of the digests from the beginning of `positions` on, as long as they equal `digest`.
    fn equal<'d>(
        &self,
        positions: Range<usize>,
        digest: &'d [u8],
    ) -> impl Iterator<Item = u32> + use<'a, 'd> {
        let table = *self;
        let equal = positions.take_while(move |at| table.value(*at) == digest);
        equal.map(move |at| table.entries.at(at) as u32)
    }

    /// Where in `positions` the first digest equal to `digest` is; anywhere if there is none.
    ///
    /// A list of digests with equal beginnings costs its logarithm, not its length. Of few the CPU guesses right
    /// that a digest is not the one, but not whether it comes before it.
    #[inline(always)]
    fn first(&self, positions: Range<usize>, digest: &[u8], head: u64) -> usize {
        let Range { start: mut low, end: mut high } = positions;
        if high - low <= SHORT {
            let equal = |at: &usize| self.head(*at) == head && self.value(*at) == digest;
            return positions.clone().find(equal).unwrap_or(high);
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if self.value(middle) < digest { low = middle + 1 } else { high = middle }
        }
        low
    }
}

/// A digest to be found in a table.
pub(super) struct Probe<'t, 'a, 'd> {
    table: &'t DigestTable<'a>,
    digest: &'d [u8],
    head: u64,
    place: Place,
    positions: Range<usize>,
}

impl<'t, 'a, 'd> Probe<'t, 'a, 'd> {
    /// The digest has the length of those in the table.
    pub(super) fn new(table: &'t DigestTable<'a>, digest: &'d [u8]) -> Self {
        Self { table, digest, head: head(digest), place: table.directory.place(digest), positions: 0..0 }
    }

    pub(super) const fn table(&self) -> &'t DigestTable<'a> {
        self.table
    }

    /// Once it was looked up: true if it is surely not there.
    pub(super) fn is_missed(&self) -> bool {
        self.positions.is_empty()
    }

    /// Once it was looked up: the entries that have the digest, in order, duplicates kept.
    pub(super) fn found(&self) -> impl Iterator<Item = u32> + use<'a, 'd> {
        self.table.equal(self.positions.clone(), self.digest)
    }
}

/// Looks up all of `probes`, best [`TOGETHER`] of them. A fault comes with the number of its probe.
pub(super) fn look_up(probes: &mut [Probe<'_, '_, '_>]) -> Result<(), (usize, Fault)> {
    probes.chunks_mut(TOGETHER).enumerate().try_for_each(|(chunk, probes)| {
        Lanes::best().run(LookUp { probes }).map_err(|(number, fault)| (chunk * TOGETHER + number, fault))
    })
}

/// The numbers of some of the probes.
struct Places {
    numbers: [u8; TOGETHER],
    len: usize,
}

impl Default for Places {
    fn default() -> Self {
        Self { numbers: [0; TOGETHER], len: 0 }
    }
}

impl Places {
    /// Without a branch, of which the CPU could only guess the way.
    #[inline(always)]
    fn keep_if(&mut self, number: usize, keep: bool) {
        if let Some(place) = self.numbers.get_mut(self.len) {
            *place = number as u8;
            self.len += usize::from(keep);
        }
    }

    #[inline(always)]
    fn numbers(&self) -> &[u8] {
        &self.numbers[..self.len]
    }

    #[inline(always)]
    fn of<'s, T>(&'s self, probes: &'s [T]) -> impl Iterator<Item = &'s T> {
        self.numbers().iter().filter_map(|number| probes.get(usize::from(*number)))
    }
}

/// At most [`TOGETHER`].
struct LookUp<'p, 't, 'a, 'd> {
    probes: &'p mut [Probe<'t, 'a, 'd>],
}

impl Wide for LookUp<'_, '_, '_, '_> {
    type Output = Result<(), (usize, Fault)>;

    #[inline(always)]
    fn run<L: Level>(self, level: L) -> Self::Output {
        for probe in &*self.probes {
            if let Some(byte) = probe.table.directory.byte_of(probe.place) {
                level.prefetch(byte);
            }
        }
        // Each stage is a loop of its own, as short as can be: what is asked for holds up what comes behind it until the CPU
        // knows where in memory it is, and so the more is asked for at once the less comes between.
        let mut asked = Places::default();
        for (number, probe) in self.probes.iter_mut().enumerate() {
            let table = probe.table;
            let positions = table.directory.positions(probe.place, table.len());
            probe.positions = positions.map_err(|fault| (number, fault))?;
            asked.keep_if(number, !probe.positions.is_empty());
        }
        for probe in asked.of(self.probes) {
            let table = probe.table;
            let bytes = probe.positions.start * table.size..probe.positions.end * table.size;
            let bytes = table.values.get(bytes).unwrap_or_default();
            for at in (0..bytes.len().min(ASKED_FOR)).step_by(CACHE_LINE) {
                level.prefetch(&bytes[at]);
            }
            if let Some(last) = bytes.last() {
                level.prefetch(last);
            }
        }
        let mut found = Places::default();
        for &number in asked.numbers() {
            let probe = &mut self.probes[usize::from(number)];
            let first = probe.table.first(probe.positions.clone(), probe.digest, probe.head);
            probe.positions.start = first;
            found.keep_if(usize::from(number), !probe.positions.is_empty());
        }
        for probe in found.of(self.probes) {
            if let Some(byte) = probe.table.entries.byte_of(probe.positions.start) {
                level.prefetch(byte);
            }
        }
        Ok(())
    }
}
