//! What is said about one item. Near is never called known, and unchecked is never reported as unknown.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::matched::{Held, Match};
use crate::digest::SignalKind;
use crate::media::Gap;
use crate::vocabulary::{Code, verdict};

/// The answer in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// A digest is equal to one in a list.
    Known,
    /// A picture hash is close to one in a list; a person decides.
    Near,
    /// A digest is equal to one in a list of harmless files.
    Ignored,
    /// What matched is an entry in quarantine, or entries; a person decides.
    Quarantined,
    /// What matched is an entry that an analyst of this ward found not to be what its list says, or entries.
    Deconfirmed,
    /// Something could not be checked, and what could be checked matched nothing.
    Unchecked,
    /// Everything was checked, and matched nothing.
    Unknown,
}

impl Outcome {
    /// All, in the order of a summary.
    pub const ALL: [Self; 7] = [
        Self::Known,
        Self::Near,
        Self::Ignored,
        Self::Unknown,
        Self::Unchecked,
        Self::Quarantined,
        Self::Deconfirmed,
    ];

    /// The key of its word in a language's file.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Known => "operator-outcome-known",
            Self::Near => "operator-outcome-near",
            Self::Ignored => "operator-outcome-ignored",
            Self::Quarantined => "operator-outcome-quarantined",
            Self::Deconfirmed => "operator-outcome-deconfirmed",
            Self::Unchecked => "operator-outcome-unchecked",
            Self::Unknown => "operator-outcome-unknown",
        }
    }

    /// `known`, `near`, `ignored`, `quarantined`, `deconfirmed`, `unchecked`, `unknown`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Near => "near",
            Self::Ignored => "ignored",
            Self::Quarantined => "quarantined",
            Self::Deconfirmed => "deconfirmed",
            Self::Unchecked => "unchecked",
            Self::Unknown => "unknown",
        }
    }
}

/// What is said about one item, with its grounds.
#[derive(Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The answer.
    pub outcome: Outcome,
    /// What could not be checked; kept beside a match too.
    pub gap: Option<Gap>,
    /// What matched, the strongest first: digests, PDQ by distance, the classic family by its share of differing bits;
    /// then what is harmless, then what is held.
    pub matches: Vec<Match>,
    /// True if there were more matches than are listed. The outcome and its grounds are as if all were.
    pub matches_cut: bool,
    /// Why matches were held, those too that are not listed.
    pub held: BTreeSet<Held>,
    /// The verdict as the lists give it: as if the sets were not there whose matches may not be counted, and nothing was held
    /// by this ward's own doing. `None` if that makes no difference.
    pub(super) counted_as: Option<Box<Self>>,
}

impl Verdict {
    /// Most matches that are listed.
    pub const LIMIT: usize = 100;

    /// Draws the conclusion from what matched and what could not be checked, and lists the strongest matches.
    ///
    /// `matches_cut` says that some are left out of `matches` already; those must be weaker than [`Verdict::LIMIT`]
    /// matches that are there and count, are harmless or are held as they do.
    #[must_use]
    pub fn conclude(mut matches: Vec<Match>, mut matches_cut: bool, gap: Option<Gap>) -> Self {
        matches.sort_by(|a, b| a.rank().cmp(&b.rank()));
        // What this ward does in its own house changes no count: neither quarantine, nor decisions, nor what it lets lists of
        // harmless files overrule.
        let is_own = |found: &Match| found.held.is_some_and(|held| held != Held::Watched);
        let as_listed =
            |found: &Match| Match { held: found.held.filter(|_| !is_own(found)), ..found.clone() };
        let counted: Vec<Match> = matches.iter().filter(|found| found.derive).map(as_listed).collect();
        let counted_as = (counted.len() < matches.len() || matches.iter().any(is_own))
            .then(|| Box::new(Self::conclude(counted, matches_cut, gap.clone())));
        let held: BTreeSet<Held> = matches.iter().filter_map(|found| found.held).collect();
        let outcome = outcome(&matches, gap.is_some());
        let mut verdict = Self { outcome, gap, matches, matches_cut, held, counted_as };
        if verdict.matches.len() > Self::LIMIT {
            // What the outcome rests on may come after every look-alike; the last place is kept for it.
            let last = Self::LIMIT - 1;
            if let Some(at) = verdict.grounds_at().filter(|at| *at > last) {
                verdict.matches.swap(last, at);
            }
            verdict.matches.truncate(Self::LIMIT);
            matches_cut = true;
        }
        verdict.matches_cut = matches_cut;
        verdict
    }

    /// Leaves the `most` strongest matches, at least 1, with the one that the outcome rests on among them.
    pub fn keep_first(&mut self, most: usize) {
        let last = most.max(1) - 1;
        if self.matches.len() <= last + 1 {
            return;
        }
        if let Some(at) = self.grounds_at().filter(|at| *at > last) {
            self.matches.swap(last, at);
        }
        self.matches.truncate(last + 1);
        self.matches_cut = true;
        if let Some(counted) = &mut self.counted_as {
            counted.keep_first(most);
        }
    }

    /// The verdict that statistics are derived from: this one, or the one that there would be without the sets whose
    /// agreements do not allow it, and without quarantine, decisions and lists of harmless files that overrule others.
    #[must_use]
    pub fn counted(&self) -> &Self {
        self.counted_as.as_deref().unwrap_or(self)
    }

    /// The match that the outcome rests on.
    #[must_use]
    pub fn grounds(&self) -> Option<&Match> {
        self.grounds_at().map(|at| &self.matches[at])
    }

    fn grounds_at(&self) -> Option<usize> {
        let held = |held| self.matches.iter().position(|found| found.held == Some(held));
        match self.outcome {
            Outcome::Known | Outcome::Near => self.matches.iter().position(Match::counts),
            Outcome::Ignored => {
                self.matches.iter().position(|found| found.is_harmless() && found.signal.is_digest())
            }
            Outcome::Quarantined => held(Held::Quarantined),
            Outcome::Deconfirmed => held(Held::Deconfirmed),
            Outcome::Unchecked | Outcome::Unknown => None,
        }
    }

    /// The same when the entries that `is_out` names, by set and key, are in quarantine too.
    ///
    /// Unchanged if matches were left out: what is not listed might count.
    pub(super) fn without(&mut self, is_out: impl Fn(&str, &str) -> bool) {
        let is_out = |found: &Match| found.counts() && is_out(&found.set, &found.entry);
        if self.matches_cut || !self.matches.iter().any(is_out) {
            return;
        }
        let mut matches = std::mem::take(&mut self.matches);
        matches
            .iter_mut()
            .filter(|found| is_out(found))
            .for_each(|found| found.held = Some(Held::Quarantined));
        *self = Self::conclude(matches, false, self.gap.take());
    }

    /// The code under which the item is counted, and may be published.
    ///
    /// The tally asks it of [`Verdict::counted`], which knows neither quarantine nor decisions.
    #[must_use]
    pub fn code(&self) -> Code {
        match self.outcome {
            Outcome::Known => verdict::KNOWN,
            Outcome::Near => verdict::NEAR,
            Outcome::Ignored => verdict::IGNORED,
            Outcome::Quarantined | Outcome::Unchecked => verdict::UNCHECKED,
            Outcome::Deconfirmed if self.gap.is_some() => verdict::UNCHECKED,
            Outcome::Deconfirmed | Outcome::Unknown => verdict::UNKNOWN,
        }
    }

    /// What a person should know about the outcome; `None` if it speaks for itself.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        let speaks = |found: &&Match| match self.outcome {
            Outcome::Ignored => found.is_harmless(),
            _ => found.counts(),
        };
        let mut digests = self.matches.iter().filter(speaks).filter(|found| found.signal.is_digest());
        let md5_alone = matches!(self.outcome, Outcome::Known | Outcome::Ignored)
            && digests.all(|m| m.signal == SignalKind::Md5);
        match (md5_alone, &self.gap) {
            (true, _) => Some("equal by MD5 alone, which can be forged".into()),
            (false, Some(gap)) => Some(gap.to_string()),
            (false, None) => None,
        }
    }
}

/// The answer that follows from `matches`; `incomplete` says that not all could be checked.
fn outcome(matches: &[Match], incomplete: bool) -> Outcome {
    let digest = |which: fn(&Match) -> bool| {
        matches.iter().filter(move |found| found.signal.is_digest() && which(found))
    };
    let in_quarantine = |found: &Match| found.held == Some(Held::Quarantined);
    if digest(Match::counts).next().is_some() {
        return Outcome::Known;
    }
    // A flood must not turn a known file into a harmless one.
    if digest(Match::is_harmless).any(|found| found.signal != SignalKind::Md5)
        && digest(in_quarantine).next().is_none()
    {
        return Outcome::Ignored;
    }
    if matches.iter().any(Match::counts) {
        Outcome::Near
    } else if matches.iter().any(in_quarantine) {
        Outcome::Quarantined
    } else if digest(Match::is_harmless).next().is_some() {
        // By MD5 alone: enough to spare someone a look, not to overrule a look-alike, since it can be forged.
        Outcome::Ignored
    } else if matches.iter().any(|found| found.held == Some(Held::Deconfirmed)) {
        Outcome::Deconfirmed
    } else if incomplete {
        Outcome::Unchecked
    } else {
        Outcome::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hashset::Role;
    use crate::kernel::Distance;
    use crate::vocabulary::{list_class, severity};

    fn found(signal: SignalKind, distance: u16, harmless: bool) -> Match {
        Match {
            set: "DEMO".into(),
            entry: distance.to_string(),
            signal: signal.into(),
            distance: Distance::new(distance).unwrap(),
            max_distance: Distance::PDQ_DEFAULT,
            transform: None,
            form: None,
            video: None,
            labels: Vec::new(),
            categories: Vec::new(),
            conflicts: Vec::new(),
            role: if harmless { Role::Ignore } else { Role::Match },
            held: None,
            suppressed_by: None,
            confirmed: false,
            deconfirmed: false,
            list_class: list_class::UNKNOWN,
            nearest_severity: severity::UNKNOWN,
            derive: true,
        }
    }

    fn held(signal: SignalKind, distance: u16, held: Held) -> Match {
        Match { held: Some(held), ..found(signal, distance, false) }
    }

    #[test]
    fn what_is_held_never_counts_and_never_makes_a_file_harmless() {
        use Held::{Deconfirmed, Quarantined, Suppressed, Watched};
        use SignalKind::{Md5, Pdq, Sha256};
        let good = found(Sha256, 0, true);
        for (matches, gap, expected) in [
            (vec![held(Sha256, 0, Quarantined)], None, Outcome::Quarantined),
            (vec![held(Pdq, 3, Quarantined)], Some(Gap::MoreFrames), Outcome::Quarantined),
            (vec![held(Sha256, 0, Quarantined), good.clone()], None, Outcome::Quarantined),
            (vec![held(Pdq, 3, Quarantined), good.clone()], None, Outcome::Ignored),
            (vec![held(Pdq, 3, Quarantined), found(Md5, 0, true)], None, Outcome::Quarantined),
            (vec![held(Sha256, 0, Quarantined), found(Pdq, 9, false)], None, Outcome::Near),
            (vec![held(Sha256, 0, Quarantined), found(Md5, 0, false)], None, Outcome::Known),
            (vec![held(Sha256, 0, Deconfirmed)], None, Outcome::Deconfirmed),
            (vec![held(Sha256, 0, Deconfirmed), held(Pdq, 0, Quarantined)], None, Outcome::Quarantined),
            (vec![held(Sha256, 0, Deconfirmed), found(Pdq, 31, false)], None, Outcome::Near),
            (vec![held(Sha256, 0, Suppressed), good.clone()], None, Outcome::Ignored),
            (vec![held(Sha256, 0, Watched)], None, Outcome::Unknown),
            (vec![held(Pdq, 0, Watched)], Some(Gap::MoreFrames), Outcome::Unchecked),
            (vec![held(Sha256, 0, Watched), found(Pdq, 9, false)], None, Outcome::Near),
        ] {
            let verdict = Verdict::conclude(matches.clone(), false, gap.clone());
            assert_eq!(verdict.outcome, expected);
            let grounds = verdict.grounds().map(|found| (found.signal, found.held));
            assert_eq!(grounds.is_some(), !matches!(expected, Outcome::Unknown | Outcome::Unchecked));
            let reasons: BTreeSet<Held> = matches.iter().filter_map(|found| found.held).collect();
            assert_eq!(verdict.held, reasons);
            let counted = match expected {
                Outcome::Known => verdict::KNOWN,
                Outcome::Near => verdict::NEAR,
                Outcome::Ignored => verdict::IGNORED,
                Outcome::Quarantined | Outcome::Unchecked => verdict::UNCHECKED,
                Outcome::Deconfirmed | Outcome::Unknown => verdict::UNKNOWN,
            };
            assert_eq!(verdict.code(), counted);
            // What is held takes no place from what counts, and is listed after it.
            let order: Vec<_> = verdict.matches.iter().map(|found| found.held.is_some()).collect();
            assert!(order.is_sorted(), "{order:?}");
        }
    }

    #[test]
    fn an_entry_that_goes_out_of_service_changes_the_answer_only_where_all_is_known() {
        let all = vec![found(SignalKind::Sha256, 0, false), found(SignalKind::Pdq, 7, false)];
        let mut verdict = Verdict::conclude(all.clone(), false, None);
        verdict.without(|_, key| key == "0");
        assert_eq!((verdict.outcome, verdict.held.len()), (Outcome::Near, 1));
        verdict.without(|set, _| set == "DEMO");
        assert_eq!((verdict.outcome, verdict.matches.len()), (Outcome::Quarantined, 2));
        let mut cut = Verdict::conclude(all, true, None);
        cut.without(|_, _| true);
        assert_eq!(cut.outcome, Outcome::Known);
    }

    #[test]
    fn what_may_not_be_counted_is_found_and_leaves_the_count_as_if_it_were_not_there() {
        use SignalKind::{Md5, Pdq, Sha256};
        let quiet = |found: Match| Match { derive: false, ..found };
        let conclude = |matches: &[Match]| Verdict::conclude(matches.to_vec(), false, None);
        let verdict = conclude(&[quiet(found(Sha256, 0, false)), found(Pdq, 9, false)]);
        assert_eq!((verdict.outcome, verdict.counted().outcome), (Outcome::Known, Outcome::Near));
        assert_eq!(verdict.counted().grounds().unwrap().distance.bits(), 9);
        let verdict = conclude(&[quiet(found(Md5, 0, false))]);
        assert_eq!((verdict.outcome, verdict.counted().outcome), (Outcome::Known, Outcome::Unknown));
        let verdict = conclude(&[quiet(found(Sha256, 0, true)), found(Pdq, 9, false)]);
        assert_eq!((verdict.outcome, verdict.counted().outcome), (Outcome::Ignored, Outcome::Near));
        let verdict = conclude(&[quiet(held(Sha256, 0, Held::Watched))]);
        assert!(verdict.held.contains(&Held::Watched) && verdict.counted().held.is_empty());
        // However many there are of the others.
        let mut many: Vec<_> = (0..150).map(|bits| quiet(found(Pdq, bits, false))).collect();
        many.push(found(Pdq, 200, false));
        let verdict = conclude(&many);
        assert_eq!((verdict.matches.len(), verdict.counted().matches.len()), (100, 1));
        assert_eq!(verdict.counted().outcome, Outcome::Near);
    }

    #[test]
    fn the_outcome_follows_the_strongest_ground() {
        use SignalKind::{Md5, Pdq, Sha256};
        let outcome = |matches: &[Match], gap| Verdict::conclude(matches.to_vec(), false, gap).outcome;
        let near = found(Pdq, 4, false);
        let good = found(Sha256, 0, true);
        let bad = found(Md5, 0, false);
        assert_eq!(outcome(&[near.clone(), bad.clone(), good.clone()], None), Outcome::Known);
        assert_eq!(outcome(&[near.clone(), good.clone()], None), Outcome::Ignored);
        let forgeable = found(Md5, 0, true);
        assert_eq!(outcome(&[near.clone(), forgeable.clone()], None), Outcome::Near);
        assert_eq!(outcome(std::slice::from_ref(&forgeable), None), Outcome::Ignored);
        assert!(Verdict::conclude(vec![forgeable], false, None).reason().unwrap().contains("forged"));
        assert_eq!(outcome(std::slice::from_ref(&near), Some(Gap::MoreFrames)), Outcome::Near);
        assert_eq!(
            outcome(&[found(Pdq, 3, true)], None),
            Outcome::Unknown,
            "a look-alike of a harmless file is not harmless"
        );
        assert_eq!(outcome(&[], Some(Gap::Empty)), Outcome::Unchecked);
        assert_eq!(outcome(&[], None), Outcome::Unknown);
    }

    #[test]
    fn the_nearest_comes_first_and_md5_alone_is_marked() {
        use SignalKind::{Md5, Pdq, Sha256};
        let verdict = Verdict::conclude(
            vec![found(Pdq, 9, false), found(Md5, 0, false), found(Pdq, 2, false)],
            false,
            None,
        );
        assert_eq!(verdict.matches.iter().map(|m| m.distance.bits()).collect::<Vec<_>>(), [0, 2, 9]);
        assert!(verdict.reason().unwrap().contains("MD5"));
        let verdict = Verdict::conclude(vec![found(Md5, 0, false), found(Sha256, 0, false)], false, None);
        assert_eq!(verdict.reason(), None);
        assert_eq!(verdict.grounds().unwrap().signal, Sha256);
    }

    #[test]
    fn the_classic_family_comes_after_pdq_and_by_share_of_its_bits() {
        let classic = |name: &str| SignalKind::Classic(name.parse().unwrap());
        let all = vec![
            found(classic("gradient8"), 3, false), // 3 of 64
            found(SignalKind::Pdq, 31, false),
            found(classic("mean32"), 20, false), // 20 of 1,024
            found(SignalKind::Md5, 0, false),
            found(classic("double-gradient8"), 1, false), // 1 of 40
        ];
        let verdict = Verdict::conclude(all.clone(), false, None);
        assert_eq!(verdict.outcome, Outcome::Known);
        let order: Vec<_> = verdict.matches.iter().map(|m| m.signal.as_str()).collect();
        assert_eq!(order, ["md5", "pdq", "mean32", "double-gradient8", "gradient8"]);
        assert_eq!(Verdict::conclude(all[..1].to_vec(), false, None).outcome, Outcome::Near);
    }

    #[test]
    fn a_long_list_is_cut_behind_what_the_outcome_rests_on() {
        use SignalKind::{Md5, Pdq, Sha256};
        let close = |len: u16| (0..len).map(|bits| found(Pdq, bits, false)).collect::<Vec<_>>();
        for (more, outcome, expected) in [
            (vec![found(Md5, 0, true), found(Sha256, 0, true)], Outcome::Ignored, (Sha256, 0, true)),
            (vec![found(Sha256, 0, true), found(Md5, 0, false)], Outcome::Known, (Md5, 0, false)),
            (vec![found(Pdq, 200, false)], Outcome::Near, (Pdq, 0, false)),
        ] {
            let verdict = Verdict::conclude([close(150), more].concat(), false, None);
            assert_eq!((verdict.outcome, verdict.matches.len(), verdict.matches_cut), (outcome, 100, true));
            let grounds = verdict.grounds().map(|m| (m.signal, m.distance.bits(), m.is_harmless()));
            let (signal, distance, harmless) = expected;
            assert_eq!(grounds, Some((signal.into(), distance, harmless)));
        }
        let whole = Verdict::conclude(close(100), false, None);
        assert_eq!((whole.matches.len(), whole.matches_cut), (100, false));
    }
}
