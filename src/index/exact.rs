//! Exact search for many digests together.

use super::digests::{DigestTable, Probe, TOGETHER, look_up};
use super::error::{Fault, IndexError};
use super::filter::Admitted;
use super::live::Live;
use super::scope::Scope;
use super::snapshot::{EntryRef, Hit, Index};
use crate::digest::{Signal, SignalKind};
use crate::kernel::Distance;

impl Index {
    /// [`Index::exact`] of each of `signals`, in their order.
    ///
    /// Digests are looked up many together, in all segments, so that the waits for memory overlap: in a large set one costs
    /// about a fifth of what it does alone. Memory grows with the queries and the hits.
    ///
    /// # Errors
    /// [`IndexError::File`] if any of the answers rests on a damaged part of a segment.
    ///
    /// # Examples
    /// ```
    /// # use innerward::{digest::Signal, home::Home, index::Index};
    /// # let folder = tempfile::tempdir()?;
    /// # let home = Home::create(&folder.path().join("ward"), false)?;
    /// let index = Index::open(&home.index_dir())?;
    /// let signals: [Signal; 2] = [
    ///     "md5:5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e".parse()?,
    ///     "sha1:5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e".parse()?,
    /// ];
    /// let hits = index.exact_many(&signals)?;
    /// assert_eq!(hits, [vec![], vec![]]); // nothing is in an index without sets
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn exact_many(&self, signals: &[Signal]) -> Result<Vec<Vec<Hit>>, IndexError> {
        self.exact_many_in(signals, &Scope::within(Distance::ZERO))
    }

    /// [`Index::exact_in`] of each of `signals`, in their order, as [`Index::exact_many`] does it.
    ///
    /// # Errors
    /// [`IndexError::File`] if any of the answers rests on a damaged part of a segment.
    pub fn exact_many_in(&self, signals: &[Signal], scope: &Scope) -> Result<Vec<Vec<Hit>>, IndexError> {
        let mut found = vec![Vec::new(); signals.len()];
        for (signal, found) in signals.iter().zip(&mut found) {
            if !signal.kind().is_digest() {
                *found = self.exact_in(signal, scope)?;
            }
        }
        self.visit_digests(signals, scope, |signal, _, hit| {
            found[signal].push(hit);
            Ok(())
        })?;
        Ok(found)
    }

    /// As [`Index::exact_many_in`] for those of `signals` that are digests, one hit at a time with the number of the signal
    /// and what its set says of it: memory does not grow with the hits. Those of one signal come in their order.
    ///
    /// # Errors
    /// [`IndexError::File`] if any of the answers rests on a damaged part of a segment.
    pub fn each_exact_many_in<'a>(
        &'a self,
        signals: &[Signal],
        scope: &Scope,
        mut visit: impl FnMut(usize, Hit, EntryRef<'a>),
    ) -> Result<(), IndexError> {
        self.visit_digests(signals, scope, |signal, live, hit| {
            visit(signal, hit, self.entry_in(live, hit.entry)?);
            Ok(())
        })
    }

    fn visit_digests<'a>(
        &'a self,
        signals: &[Signal],
        scope: &Scope,
        mut visit: impl FnMut(usize, &'a Live, Hit) -> Result<(), Fault>,
    ) -> Result<(), IndexError> {
        let mut segments: Vec<(usize, Tables<'_>, Admitted)> = Vec::new();
        for (number, live) in self.segments.iter().enumerate() {
            if let Some((_, admitted)) = self.in_scope(live, scope)? {
                segments.push((number, live.segment.all_digests().collect(), admitted));
            }
        }
        let mut group = Group::default();
        for (segment, tables, admitted) in &segments {
            for (signal, query) in signals.iter().enumerate() {
                let kind = query.kind();
                let Some((_, table)) = tables.iter().find(|(other, _)| *other == kind) else { continue };
                group.probes.push(Probe::new(table, query.as_bytes()));
                group.origins.push((*segment, signal, admitted));
                if group.probes.len() == TOGETHER {
                    group.look_up(self, &mut visit)?;
                }
            }
        }
        group.look_up(self, &mut visit)?;
        for (segment, ..) in &segments {
            let live = &self.segments[*segment];
            live.segment.sound().map_err(live.fault())?;
        }
        Ok(())
    }
}

/// The tables of one segment.
type Tables<'a> = Vec<(SignalKind, DigestTable<'a>)>;

/// Digests that are looked up together.
#[derive(Default)]
struct Group<'t, 'a, 'd> {
    probes: Vec<Probe<'t, 'a, 'd>>,
    /// Of each, the number of the segment that its table is in, and of the signal; and what is asked for of the segment.
    origins: Vec<(usize, usize, &'t Admitted)>,
}

impl Group<'_, '_, '_> {
    /// Looks up what is there, gives `visit` the hits of each signal, and leaves nothing.
    fn look_up<'i>(
        &mut self,
        index: &'i Index,
        visit: &mut impl FnMut(usize, &'i Live, Hit) -> Result<(), Fault>,
    ) -> Result<(), IndexError> {
        let live = |segment: usize| &index.segments[segment];
        look_up(&mut self.probes).map_err(|(probe, fault)| live(self.origins[probe].0).fault()(fault))?;
        let origins = self.origins.drain(..);
        for (probe, (segment, signal, admitted)) in
            self.probes.drain(..).zip(origins).filter(|(p, _)| !p.is_missed())
        {
            let live = live(segment);
            for entry in probe.found() {
                let hit = live.equal(segment, probe.table(), entry, admitted).map_err(live.fault())?;
                hit.map_or(Ok(()), |hit| visit(signal, live, hit)).map_err(live.fault())?;
            }
        }
        Ok(())
    }
}
