//! One bare hash against all lists: what a service is asked most, without what many questions need together.

use super::found::{Answer, Found, Given};
use super::matcher::gap_of;
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
        Ok(found.into_verdict(gap_of(signal)))
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
                let (signal, distance, max_distance) = (digest.kind().into(), hit.distance, Distance::ZERO);
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

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::digest::Pdq;
    use crate::hashset::{
        Annotation, Bounds, Decided, Decision, EntryKey, Local, Made, ReadOptions, Role, SetName, SetUpdate,
    };
    use crate::home::{Clock, Home};
    use crate::index::{ImportOptions, Synthetic, bring};
    use crate::screen::Selection;

    /// Sets with near-duplicates, entries that several lists have, labels, decisions, quarantine and a list that overrules.
    fn home(dir: &std::path::Path) -> (Home, Vec<Signal>) {
        let home = Home::create(&dir.join("ward"), false).unwrap();
        let made = Synthetic::like_photographs();
        let pdq = made.codes(3000);
        let signal = |at: usize| -> Signal {
            match at % 3 {
                0 => Signal::Pdq(Pdq::new(pdq[at])),
                1 => format!("sha256:{at:064x}").parse().unwrap(),
                _ => format!("md5:{at:032x}").parse().unwrap(),
            }
        };
        let line = |at: usize, label: &str| {
            let (kind, value) = (signal(at).kind(), hex::encode(signal(at).as_bytes()));
            format!("{kind},{value},X,POSITIVE_CLASS,{label}\n")
        };
        let head = "signal_type,signal_str,collab,category,tags\n".to_owned();
        let plain = |at: usize| format!("{}:{}\n", signal(at).kind(), hex::encode(signal(at).as_bytes()));
        let lists: [(&str, Role, String); 4] = [
            ("ONE", Role::Match, (0..2000).map(|at| line(at, ["SEV_A", "SEV_B", ""][at % 7 % 3])).collect()),
            // The same entries twice, with other labels.
            (
                "TWO",
                Role::Match,
                (1500..3000).flat_map(|at| [line(at, "SEV_U"), line(at, "SEV_A")]).collect(),
            ),
            ("SEEN", Role::Watch, (100..200).map(|at| line(at, "")).collect()),
            ("GOOD", Role::Ignore, (150..400).map(plain).collect()),
        ];
        for (name, role, lines) in lists {
            let lock = home.lock().unwrap();
            let update = SetUpdate { role: Some(role), ..SetUpdate::default() };
            let options = ImportOptions {
                agreed: true,
                ..ImportOptions::new(
                    ReadOptions::default(),
                    update,
                    Made { at: Clock::system().now(), by: None },
                )
            };
            let mut list =
                Cursor::new(if role == Role::Ignore { lines } else { head.clone() + &lines }.into_bytes());
            bring(&home, &lock, &name.parse().unwrap(), &mut list, &options).unwrap();
        }
        let mut local = Local::open(&home).unwrap();
        let one: SetName = "ONE".parse().unwrap();
        local.set_suppresses(&"GOOD".parse().unwrap(), &[one.clone()].into()).unwrap();
        let matcher = Matcher::open(&home, Bounds::default()).unwrap();
        let off = Annotation { off_until: Some(None), ..Annotation::default() };
        for (at, decision) in [(4, Decision::Confirm), (7, Decision::Deconfirm), (10, Decision::Unsure)] {
            let found = &matcher.look_up_many(&[signal(at)]).unwrap()[0].matches;
            let found = found.iter().find(|found| found.set == "ONE").unwrap();
            let key = EntryKey::new(found.entry.clone()).unwrap();
            if decision == Decision::Unsure {
                local.annotate(&one, &key, &off).unwrap();
            }
            let set = one.clone();
            let at = Clock::system().now();
            local.decide(&[Decided { set, key, decision, at, by: None, reason: None, revision: 1 }]).unwrap();
        }
        let queries = made.queries(pdq.len(), 600, Distance::PDQ_DEFAULT);
        let mut signals: Vec<Signal> =
            queries.iter().map(|query| Signal::Pdq(Pdq::new(query.code))).collect();
        signals.extend(
            (0..3100)
                .map(|at| if at < 3000 { signal(at) } else { format!("sha256:{at:064x}").parse().unwrap() }),
        );
        (home, signals)
    }

    #[test]
    fn one_alone_is_answered_as_among_many() {
        let dir = tempfile::tempdir().unwrap();
        let (home, signals) = home(dir.path());
        // Within 90 bits a hash has more matches than a verdict lists, so that some are passed over.
        for bounds in ["31", "0", "90", "128"] {
            let bounds: Bounds = bounds.parse().unwrap();
            let matcher = Matcher::open(&home, bounds.clone()).unwrap();
            let narrow = Selection { sets: vec!["TWO".parse().unwrap()], ..Selection::default() };
            for matcher in [&matcher, &matcher.asking(&bounds, &narrow).unwrap()] {
                let many = matcher.look_up_many(&signals).unwrap();
                for (signal, of_many) in signals.iter().zip(&many).step_by(3) {
                    assert!(&matcher.look_up(signal).unwrap() == of_many, "within {bounds:?}");
                }
                assert!(many.iter().any(|verdict| !verdict.matches.is_empty()));
            }
        }
    }
}
