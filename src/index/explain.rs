//! How a near search is done, for whoever asks.

use std::time::Instant;

use roaring::RoaringBitmap;
use serde::Serialize;

use super::codes::{Plan, Policy};
use super::error::IndexError;
use super::live::Live;
use super::scope::Scope;
use super::snapshot::Index;
use crate::digest::{Perceptual, SignalKind};
use crate::kernel::Distance;

/// How one segment was searched for what is near.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Explained {
    /// The name of its set.
    pub set: String,
    /// The name of its file.
    pub file: String,
    /// Its codes of that kind.
    pub codes: u64,
    /// Entries that the filter admits by their labels, withdrawn ones included; `None` if it makes no difference here.
    pub admitted: Option<u64>,
    /// How many bits an entry of the set may differ.
    pub max_distance: Distance,
    /// Of each of its bands the width, and the most bits by which a bucket's number may differ; none if it has no bands.
    pub bands: Vec<(u32, Option<u32>)>,
    /// What was done.
    #[serde(flatten)]
    pub plan: Plan,
    /// How long it took, in microseconds.
    pub micros: f64,
}

impl Index {
    /// What a search for one code of `kind` in `scope` is expected to cost, in codes that a scan compares in the same time,
    /// if codes are random; labels make no difference to it. Searches nothing.
    #[must_use]
    pub fn expected_cost(&self, kind: SignalKind, scope: &Scope) -> u64 {
        let of = |live: &Live| {
            let (codes, max) = (live.segment.codes(kind)?, scope.bound(self.set_name(live))?);
            let all = codes.len() as u64;
            Some(codes.expected_cost(max).map_or(all, |banded| banded.min(all)))
        };
        self.segments.iter().filter_map(of).sum()
    }

    /// How [`Index::near`] looks for `query`, segment by segment: searches once, and gives what was done for the answer.
    /// What it takes to work out a filter for the first time is not in the time that is told.
    ///
    /// # Errors
    /// [`IndexError::File`] if the answer rests on a damaged part of a segment.
    pub fn explain(&self, query: &impl Perceptual, scope: &Scope) -> Result<Vec<Explained>, IndexError> {
        let mut explained = Vec::new();
        for live in &self.segments {
            let Some(codes) = live.segment.codes(query.signal_kind()) else { continue };
            let Some((max, admitted)) = self.in_scope(live, scope)? else { continue };
            let (mut plan, start) = (Plan::default(), Instant::now());
            let few = admitted.few(query.signal_kind());
            let nothing = |_, _| Ok(());
            codes
                .near(query.code_bytes(), max, few, Policy::Cheapest, &mut plan, nothing)
                .map_err(live.fault())?;
            explained.push(Explained {
                set: self.set_name(live).to_owned(),
                file: live.segment.content_id().file_name(),
                codes: codes.len() as u64,
                admitted: admitted.bitmap().map(RoaringBitmap::len),
                max_distance: max,
                bands: codes.shares(max),
                plan,
                micros: start.elapsed().as_secs_f64() * 1e6,
            });
        }
        Ok(explained)
    }
}
