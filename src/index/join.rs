//! Near search for many queries of one table together.
//!
//! One query alone waits for memory: the hundreds of buckets that it looks into lie in as many pages. So the buckets of
//! some hundreds of queries are put in the order in which their postings lie, band by band: neighbours share lines and
//! pages, and each band is walked through once, in one direction. Measured within 31 bits, in µs of CPU a query, alone and
//! of 10,000: a million codes 30 and 13 (skewed 33 and 15), ten million 156 and 66 (skewed 178 and 83).

use super::bands::{Sketch, ball, shares};
use super::codes::{CodeTable, Plan, Policy, SCAN_PER_BUCKET, SCAN_PER_CANDIDATE};
use super::error::Fault;
use super::format::SectionKind;
use super::layout::BandLayout;
use crate::kernel::lanes::Lanes;
use crate::kernel::sift::{Candidate, Found, Postings, Run, compare_many};
use crate::kernel::{Code256, Distance, Kernel};

/// Fewer queries are searched one by one. Eight together, the orientations of a picture, were measured to cost no more than
/// one by one; the gain comes with hundreds.
const TOGETHER: usize = 4;
/// Buckets are put in order by so many of the first bits of their numbers: a part of a directory and its postings then stay
/// in the inner caches, and within it any order will do.
const ORDER_BITS: u32 = 10;
/// Buckets of a band, of all queries together, that are put in order at a time.
const PROBES: usize = 1 << 18;
/// Buckets that are sifted at a time.
const RUNS: usize = 1024;
/// Postings in one bucket, and candidates at a time, beyond which more memory would be needed than many queries are worth:
/// a query that meets such a bucket is searched alone.
const CANDIDATES: usize = 1 << 15;
/// What may have been found before it is looked through for what was found twice, and for queries that find far more than
/// others.
const FOUND: usize = 1 << 21;
/// Queries and codes of a scan that are compared at a time: what is found is bounded by their product.
const SCANNED_QUERIES: usize = 256;
const SCANNED_CODES: usize = 4096;

/// Why a query left the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// Its bands cost more than a scan.
    ToScan,
    /// It needs more memory than its share.
    Alone,
}

/// A bucket of one query, and how many bits of the sketches in it may differ.
#[derive(Clone, Copy, Default)]
struct Probe {
    bucket: u32,
    query: u16,
    most: u16,
}

impl CodeTable<'_> {
    /// [`CodeTable::near`] for each of `queries`, up to 65,536 of them, each with its plan: `emit` is given the query's
    /// number besides. What one query is given is in the order of [`CodeTable::near`]; the queries are in any.
    ///
    /// Memory is bounded by constants, whatever the queries find.
    pub(super) fn near_many(
        &self,
        queries: &[&[u8]],
        max: Distance,
        few: Option<&[u32]>,
        policy: Policy,
        plans: &mut [Plan],
        mut emit: impl FnMut(usize, usize, Distance) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let asked: Option<Vec<Code256>> =
            queries.iter().map(|query| Some(Code256::from_bytes((*query).try_into().ok()?))).collect();
        let alone = match (asked, self.codes_of_256()) {
            (Some(asked), Some(codes)) if asked.len() >= TOGETHER && few.is_none() => {
                self.together(codes, &asked, max, policy, plans, &mut emit)?
            }
            _ => (0..queries.len()).collect(),
        };
        alone.into_iter().try_for_each(|number| {
            let emit = |at, distance| emit(number, at, distance);
            self.near(queries[number], max, few, policy, &mut plans[number], emit)
        })
    }

    /// [`CodeTable::near_many`] for all queries but those whose numbers it gives, which are better off alone.
    fn together(
        &self,
        codes: &[Code256],
        queries: &[Code256],
        max: Distance,
        policy: Policy,
        plans: &mut [Plan],
        emit: &mut impl FnMut(usize, usize, Distance) -> Result<(), Fault>,
    ) -> Result<Vec<usize>, Fault> {
        let (budget, of_each) = (self.budget(None, policy), self.budget_of_many(queries.len(), max, policy));
        let left = if self.expected_cost(max).is_some_and(|expected| expected <= of_each) {
            let mut join = Join::new(self, codes, queries, max, budget);
            join.run()?;
            join.tell(plans);
            join.found
                .iter()
                .try_for_each(|found| emit(found.query as usize, found.code as usize, found.distance))?;
            join.left
        } else {
            vec![Some(Left::ToScan); queries.len()]
        };
        let of = |why| (0..left.len()).filter(|&query| left[query] == Some(why)).collect::<Vec<_>>();
        self.scan_many(codes, queries, &of(Left::ToScan), max, plans, emit)?;
        Ok(of(Left::Alone))
    }

    /// Compares the queries with `numbers` with all codes, each block of which is read once for many of them.
    fn scan_many(
        &self,
        codes: &[Code256],
        queries: &[Code256],
        numbers: &[usize],
        max: Distance,
        plans: &mut [Plan],
        emit: &mut impl FnMut(usize, usize, Distance) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let kernel = Kernel::best();
        let mut found = vec![Vec::new(); numbers.len().min(SCANNED_QUERIES)];
        for numbers in numbers.chunks(SCANNED_QUERIES) {
            let asked: Vec<_> = numbers.iter().map(|&number| (queries[number], max)).collect();
            for (block, codes) in codes.chunks(SCANNED_CODES).enumerate() {
                kernel.find_within_many(codes, &asked, &mut found[..numbers.len()]);
                for (found, number) in found.iter_mut().zip(numbers) {
                    found
                        .drain(..)
                        .try_for_each(|(at, distance)| emit(*number, block * SCANNED_CODES + at, distance))?;
                }
            }
            for number in numbers {
                plans[*number].scanned_segments += 1;
                plans[*number].scanned += codes.len() as u64;
            }
        }
        Ok(())
    }
}

/// Queries on their way through the bands of one table.
struct Join<'t, 'a> {
    table: &'t CodeTable<'a>,
    codes: &'t [Code256],
    queries: &'t [Code256],
    max: Distance,
    budget: u64,
    left: Vec<Option<Left>>,
    plans: Vec<Plan>,
    found: Vec<Found>,
}

impl<'t, 'a> Join<'t, 'a> {
    fn new(
        table: &'t CodeTable<'a>,
        codes: &'t [Code256],
        queries: &'t [Code256],
        max: Distance,
        budget: u64,
    ) -> Self {
        let (left, plans) = (vec![None; queries.len()], vec![Plan::default(); queries.len()]);
        Self { table, codes, queries, max, budget, left, plans, found: Vec::new() }
    }

    /// Finds what is near each query that does not leave: in order, each once.
    fn run(&mut self) -> Result<(), Fault> {
        let bands = self.table.bands;
        let shares: Vec<u32> = shares(self.max, bands.len() as u32).collect();
        for (at, band) in bands.iter().enumerate().filter(|(at, _)| shares[*at] > 0) {
            let next = (at + 1) % bands.len();
            // A ring of one band has no next.
            let both = if next == at { u32::MAX } else { shares[at] + shares[next] - 1 };
            let sketch = Sketch::new(self.table.len(), band.postings.size(), bands[next].band);
            let sketches: Vec<u32> = self.queries.iter().map(|query| sketch.of(query.as_bytes())).collect();
            let flips: Vec<(u32, u16)> = ball(band.band.width, shares[at] - 1)
                .map(|flips| (flips, (both - flips.count_ones()).min(256) as u16))
                .collect();
            let mut probes = Vec::new();
            for first in (0..self.queries.len()).step_by((PROBES / flips.len()).max(1)) {
                let last = (first + (PROBES / flips.len()).max(1)).min(self.queries.len());
                self.in_order(first..last, band, &flips, &mut probes);
                self.look_into(band, sketch, &sketches, &probes)?;
            }
        }
        self.compact(0);
        Ok(())
    }

    /// Fills `probes` with the buckets of those of `queries` that have not left, roughly in their order.
    fn in_order(
        &mut self,
        queries: std::ops::Range<usize>,
        band: &BandLayout,
        flips: &[(u32, u16)],
        probes: &mut Vec<Probe>,
    ) {
        let shift = band.band.width.saturating_sub(ORDER_BITS);
        let here: Vec<(u16, u32)> = queries
            .filter(|query| self.left[*query].is_none())
            .map(|query| (query as u16, band.band.value(self.queries[query].as_bytes())))
            .collect();
        let mut places = vec![0_u32; (1 << (band.band.width - shift)) + 1];
        for (_, here) in &here {
            flips.iter().for_each(|(flips, _)| places[((here ^ flips) >> shift) as usize + 1] += 1);
        }
        for at in 1..places.len() {
            places[at] += places[at - 1];
        }
        probes.clear();
        probes.resize(here.len() * flips.len(), Probe::default());
        for (query, here) in here {
            self.plans[usize::from(query)].buckets += flips.len() as u64;
            for &(flips, most) in flips {
                let bucket = here ^ flips;
                let place = &mut places[(bucket >> shift) as usize];
                probes[*place as usize] = Probe { bucket, query, most };
                *place += 1;
            }
        }
    }

    /// Sifts the postings in the buckets of `probes` and compares what is left.
    fn look_into(
        &mut self,
        band: &BandLayout,
        sketch: Sketch,
        sketches: &[u32],
        probes: &[Probe],
    ) -> Result<(), Fault> {
        let directory = band.directory.numbers(self.table.file);
        let (mut runs, mut postings, mut candidates) = (Vec::with_capacity(RUNS), 0, Vec::new());
        for probe in probes {
            let query = usize::from(probe.query);
            if self.left[query].is_some() {
                continue;
            }
            let bucket = directory.bucket(probe.bucket as usize, self.table.len())?;
            if bucket.is_empty() {
                continue;
            }
            self.plans[query].postings += bucket.len() as u64;
            self.left[query] = match () {
                () if self.cost(query) > self.budget => Some(Left::ToScan),
                () if bucket.len() > CANDIDATES => Some(Left::Alone),
                () => None,
            };
            if self.left[query].is_some() {
                continue;
            }
            if runs.len() == RUNS || postings + bucket.len() > 2 * CANDIDATES {
                self.sift(band, sketch, sketches, &mut runs, &mut candidates);
                postings = 0;
                if candidates.len() >= CANDIDATES {
                    self.compare(band, &mut candidates)?;
                }
            }
            postings += bucket.len();
            let (start, end) = (bucket.start as u32, bucket.end as u32);
            runs.push((u32::from(probe.query), Run { start, end, most: u32::from(probe.most) }));
        }
        self.sift(band, sketch, sketches, &mut runs, &mut candidates);
        self.compare(band, &mut candidates)
    }

    fn sift(
        &self,
        band: &BandLayout,
        sketch: Sketch,
        sketches: &[u32],
        runs: &mut Vec<(u32, Run)>,
        candidates: &mut Vec<Candidate>,
    ) {
        if band.postings.id.is(SectionKind::BandPostings) {
            let postings = band.postings.numbers(self.table.file);
            for &(query, Run { start, end, .. }) in &*runs {
                candidates.extend(
                    (start..end).map(|at| Candidate { query, code: postings.at(at as usize) as u32 }),
                );
            }
        } else {
            let bytes = band.postings.bytes(self.table.file);
            let postings = Postings::new(bytes, band.postings.size(), sketch.id_bits);
            let postings = postings.expect("the layout has sizes of 4 and 5 only");
            postings.sift_many(Lanes::best(), runs, sketches, candidates);
        }
        runs.clear();
    }

    fn compare(&mut self, band: &BandLayout, candidates: &mut Vec<Candidate>) -> Result<(), Fault> {
        let limit = self.table.len();
        if let Some(wrong) = candidates.iter().find(|candidate| candidate.code as usize >= limit) {
            let (found, limit) = (u64::from(wrong.code), limit as u64);
            return Err(Fault::Reference { section: band.postings.id, at: 0, found, limit });
        }
        compare_many(Lanes::best(), self.codes, candidates, self.queries, self.max, &mut self.found);
        for candidate in candidates.drain(..) {
            self.plans[candidate.query as usize].candidates += 1;
        }
        if self.found.len() > FOUND {
            self.compact(FOUND / 2);
        }
        Ok(())
    }

    /// What the bands of `query` have cost so far, in codes scanned.
    fn cost(&self, query: usize) -> u64 {
        let Plan { buckets, postings, candidates, .. } = self.plans[query];
        buckets * SCAN_PER_BUCKET + postings + candidates * SCAN_PER_CANDIDATE
    }

    /// Puts what was found in order, without what was found twice or by queries that have left. If that is still more than
    /// `most`, queries with more than an equal share of it leave.
    fn compact(&mut self, most: usize) {
        self.found.sort_unstable();
        self.found.dedup();
        let share = most / self.queries.len();
        if self.found.len() > most && most > 0 {
            for of_one in self.found.chunk_by(|a, b| a.query == b.query).filter(|of_one| of_one.len() > share)
            {
                self.left[of_one[0].query as usize] = Some(Left::Alone);
            }
        }
        self.found.retain(|found| self.left[found.query as usize].is_none());
    }

    /// Adds what was done for each query that stayed to its plan.
    fn tell(&self, plans: &mut [Plan]) {
        let stayed = self.left.iter().zip(&self.plans).zip(plans).filter(|((left, _), _)| left.is_none());
        for ((_, done), plan) in stayed {
            plan.banded_segments += 1;
            plan.buckets += done.buckets;
            plan.postings += done.postings;
            plan.candidates += done.candidates;
        }
    }
}
