//! What is found is counted by the flood guard, and what that takes out does not count.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::flood::Hit;
use super::{MatchError, Matcher, Tripped, Verdict};

impl Matcher {
    /// Counts what `verdicts` found, in their order, where the operator set a bound on it. Verdicts that rest on entries
    /// with too many hits are changed to say so, from the first hit beyond the bound on, whichever call counted that; later
    /// ones of this matcher say so by themselves, those of other matchers once they are opened anew. Gives the entries that
    /// went beyond it just now.
    ///
    /// In a service it waits for no disk. What cannot be written is kept and tried again; [`Matcher::close_guard`] tells of
    /// it, and `Live::guard_fault`.
    pub fn guard<'v>(&self, verdicts: impl IntoIterator<Item = &'v mut Verdict>) -> Vec<Tripped> {
        let mut tripped = Vec::new();
        let Some(guard) = &self.lists.guard else { return tripped };
        // What found nothing counts nothing.
        let mut verdicts = verdicts.into_iter().filter(|verdict| !verdict.matches.is_empty()).peekable();
        if verdicts.peek().is_none() {
            return tripped;
        }
        let now = Timestamp::now();
        guard.begin(now);
        for verdict in verdicts {
            // Also what other threads, which share the guard, took out since this verdict was found.
            let quarantined = self.lists.standings.quarantined();
            verdict.without(|set, key| quarantined.get(set).is_some_and(|keys| keys.contains(key)));
            drop(quarantined);
            let entries: BTreeSet<_> = verdict
                .matches
                .iter()
                .filter(|found| found.counts())
                .map(|found| (&*found.set, &*found.entry))
                .collect();
            let (mut beyond, mut known) = (Vec::new(), Vec::new());
            for (set, key) in entries {
                let out = || Tripped { set: set.to_owned(), key: key.to_owned() };
                match guard.hit(set, key, now) {
                    Hit::Within => {}
                    Hit::Trips => beyond.push(out()),
                    Hit::Out => known.push(out()),
                }
            }
            beyond.extend(guard.write_if_due(now));
            if beyond.is_empty() && known.is_empty() {
                continue;
            }
            let out = || beyond.iter().chain(&known);
            out().for_each(|out| self.lists.standings.quarantine(&out.set, &out.key));
            verdict.without(|set, key| out().any(|out| (&*out.set, &*out.key) == (set, key)));
            tripped.append(&mut beyond);
        }
        tripped
    }

    /// Writes down the hits that were counted, for other processes and later ones. Gives the entries that together with
    /// theirs went beyond the bound.
    ///
    /// # Errors
    /// [`MatchError::Local`] if they cannot be written.
    pub fn close_guard(&self) -> Result<Vec<Tripped>, MatchError> {
        let Some(guard) = &self.lists.guard else { return Ok(Vec::new()) };
        let tripped = guard.write_all(Timestamp::now())?;
        tripped.iter().for_each(|out| self.lists.standings.quarantine(&out.set, &out.key));
        Ok(tripped)
    }
}
