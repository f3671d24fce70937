//! One bare hash against all lists: what a service is asked most, without what many questions need together.

use super::found::{Answer, Found, Given};
use super::question::Looked;
use super::standing::Suppressed;
use super::{MatchError, Matcher, Verdict};
use crate::digest::{Perceptual, Signal, SignalKind, Transform};
use crate::index::{IndexError, Scope};
use crate::kernel::Distance;

impl Matcher {
    /// The verdict on a bare hash, as it is given, found in this thread. It is the one that [`Matcher::look_up_many`] gives.
    ///
    /// # Errors
    /// [`MatchError::Index`] if the index is damaged.
    pub fn look_up(&self, signal: &Signal) -> Result<Verdict, MatchError> {
        let standings = &self.lists.standings;
        let suppressed = self.overruled(signal)?;
        let quarantined = standings.quarantined();
        let given = |answer| {
            let Answer { entry, .. } = answer;
            Given { answer, standing: standings.of(&entry, suppressed.as_ref(), &quarantined) }
        };
        let mut found = Found::default();
        self.ask_one(signal, |answer| found.add(&given(answer)))?;
        if found.close() {
            // Of an entry that is kept, lines may have been passed over while it was not.
            self.ask_one(signal, |answer| found.complete(&given(answer)))?;
        }
        Ok(found.into_verdict(None))
    }

    /// The sets whose matches do not count, since `signal` is on a list of harmless files that overrules them.
    fn overruled(&self, signal: &Signal) -> Result<Option<Suppressed<'_>>, IndexError> {
        let Some(scope) = &self.scopes.suppressing else { return Ok(None) };
        // An MD5 overrules nothing: it can be forged.
        if !signal.kind().is_digest() || signal.kind() == SignalKind::Md5 {
            return Ok(None);
        }
        let mut suppressed = Suppressed::new();
        self.lists.index.each_exact_in(signal, scope, |_, entry| {
            for (set, by) in self.lists.standings.suppressed_by(entry.set()) {
                let first = suppressed.entry(set).or_insert(by);
                *first = (*first).min(by); // of several, always the same
            }
        })?;
        Ok(Some(suppressed))
    }

    /// Gives `take` every line of the lists that answers `signal`.
    fn ask_one<'a>(&'a self, signal: &Signal, mut take: impl FnMut(Answer<'a>)) -> Result<(), IndexError> {
        match *signal {
            Signal::Pdq(hash) => self.ask_near_one(hash, &self.scopes.scope, take),
            // A kind without a scope is in no list.
            Signal::Classic(code) => match self.scopes.classic_scopes.get(&code.kind()) {
                Some(scope) => self.ask_near_one(code, scope, take),
                None => Ok(()),
            },
            ref digest => self.lists.index.each_exact_in(digest, &self.scopes.equal, |hit, entry| {
                let (signal, distance, max_distance) =
                    (digest.kind().into(), hit.distance, Distance::ZERO);
                let (transform, form, video) = (None, None, None);
                take(Answer { entry, signal, distance, max_distance, transform, form, video });
            }),
        }
    }

    fn ask_near_one<'a, Q: Perceptual + Copy>(
        &'a self,
        hash: Q,
        scope: &Scope,
        mut take: impl FnMut(Answer<'a>),
    ) -> Result<(), IndexError> {
        let looked = Looked { item: 0, transform: Transform::Original, form: None, hash };
        self.lists.index.each_near(&hash, scope, |hit, entry| {
            if let Some(answer) = self.near_answer(&looked, scope, hit, entry) {
                take(answer);
            }
        })?;
        Ok(())
    }
}
