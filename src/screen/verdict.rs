//! What is said about one item. Near is never called known, and unchecked is never reported as unknown.

use std::cmp::Reverse;

use serde::Serialize;

use crate::digest::{SignalKind, Transform};
use crate::index::Key;
use crate::kernel::Distance;
use crate::media::{Form, Gap};
use crate::vocabulary::{Code, Dimension, severity, verdict};

/// The answer in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// A digest is equal to one in a list.
    Known,
    /// A picture hash is close to one in a list; a person decides.
    Near,
    /// A digest is equal to one in a list of harmless files.
    Ignored,
    /// Something could not be checked, and what could be checked matched nothing.
    Unchecked,
    /// Everything was checked, and matched nothing.
    Unknown,
}

impl Outcome {
    /// All, in the order of a summary.
    pub const ALL: [Self; 5] = [Self::Known, Self::Near, Self::Ignored, Self::Unknown, Self::Unchecked];

    /// `known`, `near`, `ignored`, `unchecked`, `unknown`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Near => "near",
            Self::Ignored => "ignored",
            Self::Unchecked => "unchecked",
            Self::Unknown => "unknown",
        }
    }

    /// Its code in the vocabulary.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::Known => verdict::KNOWN,
            Self::Near => verdict::NEAR,
            Self::Ignored => verdict::IGNORED,
            Self::Unchecked => verdict::UNCHECKED,
            Self::Unknown => verdict::UNKNOWN,
        }
    }
}

/// One list entry that the item matched. To be shown to the ward's own people only.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Match {
    /// The set's name.
    pub set: String,
    /// The entry's key in the set.
    pub entry: String,
    /// The kind of hash that matched.
    pub signal: SignalKind,
    /// Differing bits; 0 for a digest.
    pub distance: Distance,
    /// The bound that was used; 0 for a digest.
    pub max_distance: Distance,
    /// How the item had to be turned; `null` for a digest, and always `original` for the classic family.
    pub transform: Option<Transform>,
    /// Which reading of the file matched; `null` for a digest and for a bare hash.
    pub form: Option<Form>,
    /// The entry's labels.
    pub labels: Vec<Code>,
    /// The class of the set.
    #[serde(skip)]
    pub list_class: Code,
    /// True for a set of harmless files.
    #[serde(skip)]
    pub harmless: bool,
    /// False if the agreement about the set does not allow statistics to be derived from what it matches.
    #[serde(skip)]
    pub counted: bool,
}

impl Match {
    /// The most severe category among its labels.
    #[must_use]
    pub fn severity(&self) -> Code {
        most_severe(self.labels.iter().copied())
    }

    fn rank(&self) -> Rank<'_> {
        let Self { harmless, signal, distance, .. } = *self;
        Rank::new(harmless, signal, distance, self.severity(), &self.set, Key::from(&*self.entry))
    }
}

/// The most severe category among `labels`.
pub(super) fn most_severe(labels: impl Iterator<Item = Code>) -> Code {
    labels.filter(|label| label.dimension() == Dimension::Severity).min().unwrap_or(severity::UNKNOWN)
}

/// The order of matches, the strongest first. Of equally strong ones the most severe counts; after that, an order that
/// never changes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank<'a> {
    harmless: bool,
    strength: u8,
    /// Differing bits as a share of the width, in 65,536ths: bits of codes of different widths cannot be compared.
    apart: u32,
    severity: Code,
    signal: Reverse<SignalKind>,
    set: &'a str,
    entry: Key<'a>,
}

impl<'a> Rank<'a> {
    pub(super) fn new(
        harmless: bool,
        signal: SignalKind,
        distance: Distance,
        severity: Code,
        set: &'a str,
        entry: Key<'a>,
    ) -> Self {
        // A digest that cannot be forged, an MD5, a PDQ hash, one of the older and coarser family.
        let strength = match signal {
            SignalKind::Md5 => 1,
            SignalKind::Classic(_) => 3,
            signal if signal.is_digest() => 0,
            _ => 2,
        };
        let apart = (u32::from(distance.bits()) << 16) / (signal.len_bytes() as u32 * 8);
        Self { harmless, strength, apart, severity, signal: Reverse(signal), set, entry }
    }
}

/// What is said about one item, with its grounds.
#[derive(Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The answer.
    pub outcome: Outcome,
    /// What could not be checked; kept beside a match too.
    pub gap: Option<Gap>,
    /// What matched, the strongest first: digests, PDQ by distance, the classic family by its share of differing bits.
    pub matches: Vec<Match>,
    /// True if there were more matches than are listed. The outcome and its grounds are as if all were.
    pub matches_cut: bool,
    /// The verdict as if the sets were not there whose matches may not be counted; `None` if it has no such match.
    counted_as: Option<Box<Self>>,
}

impl Verdict {
    /// Most matches that are listed.
    pub const LIMIT: usize = 100;

    /// Draws the conclusion from what matched and what could not be checked, and lists the strongest matches.
    ///
    /// `matches_cut` says that some are left out of `matches` already; those must be weaker than [`Verdict::LIMIT`]
    /// matches of the same harmlessness that are there.
    #[must_use]
    pub fn conclude(mut matches: Vec<Match>, mut matches_cut: bool, gap: Option<Gap>) -> Self {
        matches.sort_by(|a, b| a.rank().cmp(&b.rank()));
        let counted: Vec<Match> = matches.iter().filter(|m| m.counted).cloned().collect();
        let counted_as = (counted.len() < matches.len())
            .then(|| Box::new(Self::conclude(counted, matches_cut, gap.clone())));
        let digest =
            |harmless| matches.iter().filter(move |m| m.signal.is_digest() && m.harmless == harmless);
        let outcome = if digest(false).next().is_some() {
            Outcome::Known
        } else if digest(true).any(|m| m.signal != SignalKind::Md5) {
            Outcome::Ignored
        } else if matches.iter().any(|m| !m.harmless) {
            Outcome::Near
        } else if digest(true).next().is_some() {
            // By MD5 alone: enough to spare someone a look, not to overrule a look-alike, since it can be forged.
            Outcome::Ignored
        } else if gap.is_some() {
            Outcome::Unchecked
        } else {
            Outcome::Unknown
        };
        if matches.len() > Self::LIMIT {
            // What `ignored` rests on comes after every look-alike; the last place is kept for it.
            let last = Self::LIMIT - 1;
            if outcome == Outcome::Ignored
                && let Some(grounds) = matches.iter().position(|m| m.harmless && m.signal.is_digest())
                && grounds > last
            {
                matches.swap(last, grounds);
            }
            matches.truncate(Self::LIMIT);
            matches_cut = true;
        }
        Self { outcome, gap, matches, matches_cut, counted_as }
    }

    /// The verdict that statistics may be derived from: this one, or the one that there would be without the sets whose
    /// agreements do not allow it.
    #[must_use]
    pub fn counted(&self) -> &Self {
        self.counted_as.as_deref().unwrap_or(self)
    }

    /// The match that the outcome rests on.
    #[must_use]
    pub fn grounds(&self) -> Option<&Match> {
        match self.outcome {
            Outcome::Known | Outcome::Near => self.matches.iter().find(|m| !m.harmless),
            Outcome::Ignored => self.matches.iter().find(|m| m.harmless && m.signal.is_digest()),
            Outcome::Unchecked | Outcome::Unknown => None,
        }
    }

    /// What a person should know about the outcome; `None` if it speaks for itself.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        let harmless = self.outcome == Outcome::Ignored;
        let mut digests = self.matches.iter().filter(|m| m.signal.is_digest() && m.harmless == harmless);
        let md5_alone = matches!(self.outcome, Outcome::Known | Outcome::Ignored)
            && digests.all(|m| m.signal == SignalKind::Md5);
        match (md5_alone, &self.gap) {
            (true, _) => Some("equal by MD5 alone, which can be forged".into()),
            (false, Some(gap)) => Some(gap.to_string()),
            (false, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::list_class;

    fn found(signal: SignalKind, distance: u16, harmless: bool) -> Match {
        Match {
            set: "DEMO".into(),
            entry: distance.to_string(),
            signal,
            distance: Distance::new(distance).unwrap(),
            max_distance: Distance::PDQ_DEFAULT,
            transform: None,
            form: None,
            labels: Vec::new(),
            list_class: list_class::UNKNOWN,
            harmless,
            counted: true,
        }
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
    fn what_may_not_be_counted_is_found_and_leaves_the_count_as_if_it_were_not_there() {
        use SignalKind::{Md5, Pdq, Sha256};
        let private = |found: Match| Match { counted: false, ..found };
        let conclude = |matches: &[Match]| Verdict::conclude(matches.to_vec(), false, None);
        let verdict = conclude(&[private(found(Sha256, 0, false)), found(Pdq, 9, false)]);
        assert_eq!((verdict.outcome, verdict.counted().outcome), (Outcome::Known, Outcome::Near));
        assert_eq!(verdict.counted().grounds().unwrap().distance.bits(), 9);
        let verdict = conclude(&[private(found(Md5, 0, false))]);
        assert_eq!((verdict.outcome, verdict.counted().outcome), (Outcome::Known, Outcome::Unknown));
        let verdict = conclude(&[private(found(Sha256, 0, true)), found(Pdq, 9, false)]);
        assert_eq!((verdict.outcome, verdict.counted().outcome), (Outcome::Ignored, Outcome::Near));
        let verdict = conclude(&[found(Sha256, 0, false)]);
        assert_eq!(verdict.counted().outcome, Outcome::Known);
        // However many there are of the others.
        let mut many: Vec<_> = (0..150).map(|bits| private(found(Pdq, bits, false))).collect();
        many.push(found(Pdq, 200, false));
        let verdict = conclude(&many);
        assert_eq!((verdict.matches.len(), verdict.counted().matches.len()), (100, 1));
        assert_eq!(verdict.counted().outcome, Outcome::Near);
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
            let grounds = verdict.grounds().map(|m| (m.signal, m.distance.bits(), m.harmless));
            assert_eq!(grounds, Some(expected));
        }
        let whole = Verdict::conclude(close(100), false, None);
        assert_eq!((whole.matches.len(), whole.matches_cut), (100, false));
    }
}
