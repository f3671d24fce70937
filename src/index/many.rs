//! Near search for many hashes together.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use super::codes::{Plan, Policy};
use super::error::{Fault, IndexError};
use super::live::{Live, Nearest};
use super::scope::Scope;
use super::snapshot::{EntryRef, Hit, Index, Near};
use crate::digest::{Perceptual, SignalKind};

/// Fewer queries than this are searched in the thread that asks: it may be one of a pool, with other work in hand.
const SPREAD_FROM: usize = 128;
/// Most queries that go through the bands together. Measured with 10 million random codes: of 256, 512 and 1,024 together
/// each takes 96, 79 and 67 µs of CPU, alone 160 to 200 beside the same other load.
const CHUNK: usize = 1024;

impl Index {
    /// [`Index::near`] of each of `queries`, in their order.
    ///
    /// Hashes are searched together, so that what they read of a large set is read in one direction and once for many: in a
    /// large set one costs a fraction of what it does alone. Equal ones are searched once. Uses the current rayon pool.
    /// Memory grows with the queries and with what `limit` lets through, and not with what is near.
    ///
    /// # Errors
    /// [`IndexError::File`] if any of the answers rests on a damaged part of a segment.
    pub fn near_many<Q: Perceptual + Sync>(
        &self,
        queries: &[Q],
        scope: &Scope,
        limit: usize,
    ) -> Result<Vec<Near>, IndexError> {
        self.near_many_by(queries, scope, limit, Policy::Cheapest)
    }

    pub(super) fn near_many_by<Q: Perceptual + Sync>(
        &self,
        queries: &[Q],
        scope: &Scope,
        limit: usize,
        policy: Policy,
    ) -> Result<Vec<Near>, IndexError> {
        let mut first = HashMap::with_capacity(queries.len());
        let mut distinct = Vec::with_capacity(queries.len());
        let mut places = Vec::with_capacity(queries.len());
        for query in queries {
            places.push(*first.entry((query.signal_kind(), query.code_bytes())).or_insert_with(|| {
                distinct.push(query);
                distinct.len() - 1
            }));
        }
        let nearest = |_| Nearest::new(limit);
        let found = self.fold(&distinct, scope, policy, nearest, |nearest, _, hit| {
            nearest.push(hit);
            Ok(())
        })?;
        let near = |(nearest, plan): (Nearest, Plan)| {
            let (hits, cut) = nearest.finish();
            Near { hits, cut, plan }
        };
        let near: Vec<Near> = found.into_iter().map(near).collect();
        if near.len() == places.len() {
            return Ok(near);
        }
        Ok(places.into_iter().map(|place| near[place].clone()).collect())
    }

    /// As [`Index::each_near`] for each of `queries`: `visit` is given the number of the query besides.
    ///
    /// What is near one query comes in the order of [`Index::each_near`], from one thread; the queries come in any order,
    /// from several threads of the current rayon pool, or from this one if they are fewer than 128. Searches as
    /// [`Index::near_many`] does, but for equal queries, which are searched each. Memory does not grow with the hits.
    ///
    /// # Errors
    /// [`IndexError::File`] if any of the answers rests on a damaged part of a segment.
    pub fn each_near_many<'a, Q: Perceptual + Sync>(
        &'a self,
        queries: &[Q],
        scope: &Scope,
        visit: impl Fn(usize, Hit, EntryRef<'a>) + Sync,
    ) -> Result<Vec<Plan>, IndexError> {
        let queries: Vec<&Q> = queries.iter().collect();
        let folded = self.fold(
            &queries,
            scope,
            Policy::Cheapest,
            |query| query,
            |query, live, hit| {
                visit(*query, hit, self.entry_in(live, hit.entry)?);
                Ok(())
            },
        )?;
        Ok(folded.into_iter().map(|(_, plan)| plan).collect())
    }

    /// Of each query a value that begins as `new` gives it for the query's number, and is given to `take` with one hit after
    /// the other.
    fn fold<'a, Q: Perceptual + Sync, S: Send>(
        &'a self,
        queries: &[&Q],
        scope: &Scope,
        policy: Policy,
        new: impl Fn(usize) -> S + Sync,
        take: impl Fn(&mut S, &'a Live, Hit) -> Result<(), Fault> + Sync,
    ) -> Result<Vec<(S, Plan)>, IndexError> {
        let of_chunk = |first: usize, queries: &[&Q]| {
            let values = (first..first + queries.len()).map(&new).collect();
            self.fold_chunk(queries, scope, policy, values, &take)
        };
        if queries.len() < SPREAD_FROM {
            return of_chunk(0, queries);
        }
        let chunk = queries.len().div_ceil(rayon::current_num_threads()).min(CHUNK);
        let of_part = |(part, queries)| of_chunk(part * chunk, queries);
        let folded: Vec<_> = queries.par_chunks(chunk).enumerate().map(of_part).collect::<Result<_, _>>()?;
        Ok(folded.into_iter().flatten().collect())
    }

    /// [`Index::fold`] for a chunk, in this thread: segment by segment, so that each query is given its entries in their
    /// order.
    fn fold_chunk<'a, Q: Perceptual, S>(
        &'a self,
        queries: &[&Q],
        scope: &Scope,
        policy: Policy,
        mut values: Vec<S>,
        take: &impl Fn(&mut S, &'a Live, Hit) -> Result<(), Fault>,
    ) -> Result<Vec<(S, Plan)>, IndexError> {
        let mut plans = vec![Plan::default(); queries.len()];
        let mut kinds = BTreeMap::<SignalKind, Vec<usize>>::new();
        for (number, query) in queries.iter().enumerate() {
            kinds.entry(query.signal_kind()).or_default().push(number);
        }
        for (number, live) in self.segments.iter().enumerate() {
            let Some((max, admitted)) = self.in_scope(live, scope)? else { continue };
            for (kind, members) in &kinds {
                let Some(codes) = live.segment.codes(*kind) else { continue };
                let asked: Vec<&[u8]> = members.iter().map(|&member| queries[member].code_bytes()).collect();
                let mut of_kind = vec![Plan::default(); members.len()];
                let emit =
                    |query: usize, at, distance| match live.near(number, &codes, at, distance, &admitted)? {
                        Some(hit) => take(&mut values[members[query]], live, hit),
                        None => Ok(()),
                    };
                let few = admitted.few(*kind);
                codes.near_many(&asked, max, few, policy, &mut of_kind, emit).map_err(live.fault())?;
                for (member, plan) in members.iter().zip(&of_kind) {
                    plans[*member] += *plan;
                }
                live.segment.sound().map_err(live.fault())?;
            }
        }
        Ok(values.into_iter().zip(plans).collect())
    }
}
