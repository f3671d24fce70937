//! What the entries of one list say of the same item, and whether it can be true together.

use std::hash::{BuildHasher, RandomState};

use super::prints::ByPrint;
use super::{Entry, Opinion};
use crate::vocabulary::{Code, Dimension};

/// Remembers what was said under each key and of each hash. Entries that say neither a severity nor an opinion take no
/// room; of others, key and hashes take about 20 bytes each.
#[derive(Default)]
pub(super) struct Claims {
    hasher: RandomState,
    said: ByPrint<u8>,
}

const SEV_A: u8 = 1;
const SEV_B: u8 = 1 << 1;
const SEV_AB: u8 = 1 << 2;
const SEV_C: u8 = 1 << 3;
const SEV_X: u8 = 1 << 4;
const SEV_N: u8 = 1 << 5;
const POSITIVE: u8 = 1 << 6;
const NEGATIVE: u8 = 1 << 7;

/// Severities that may hold together: A and B are kinds of "A or B".
const TOGETHER: [u8; 6] = [SEV_A | SEV_AB, SEV_B | SEV_AB, SEV_AB, SEV_C, SEV_X, SEV_N];

impl Claims {
    /// Remembers what `entry` says; true if it cannot hold together with what was said before under its key or of one of
    /// its hashes, or is at odds with itself: another severity, or positive where that was negative.
    pub(super) fn contradict(&mut self, entry: &Entry) -> bool {
        let claim = claim(entry);
        if claim == 0 {
            return false;
        }
        let key = self.hasher.hash_one(&entry.key);
        let hashes = entry.hashes.iter().map(|signal| self.hasher.hash_one(signal));
        let names: Vec<u64> = std::iter::once(key).chain(hashes).collect();
        let mut found = false;
        for name in names {
            let said = self.said.entry(name).or_default();
            *said |= claim;
            found |= !holds(*said);
        }
        found
    }
}

fn claim(entry: &Entry) -> u8 {
    let opinion = match entry.opinion {
        Opinion::Positive => POSITIVE,
        Opinion::Negative => NEGATIVE,
        Opinion::Investigate | Opinion::Disputed => 0,
    };
    entry.labels.as_slice().iter().fold(opinion, |claim, code| claim | severity(*code))
}

/// Nothing for codes that say nothing certain.
fn severity(code: Code) -> u8 {
    match (code.dimension(), code.as_str()) {
        (Dimension::Severity, "SEV_A") => SEV_A,
        (Dimension::Severity, "SEV_B") => SEV_B,
        (Dimension::Severity, "SEV_AB") => SEV_AB,
        (Dimension::Severity, "SEV_C") => SEV_C,
        (Dimension::Severity, "SEV_X") => SEV_X,
        (Dimension::Severity, "SEV_N") => SEV_N,
        _ => 0,
    }
}

fn holds(said: u8) -> bool {
    let severities = said & !(POSITIVE | NEGATIVE);
    let opinions = said & (POSITIVE | NEGATIVE);
    opinions != POSITIVE | NEGATIVE && TOGETHER.iter().any(|together| severities & !together == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Signal;
    use crate::hashset::{EntryKey, Labels};

    fn entry(key: &str, digit: &str, severity: &str, opinion: Opinion) -> Entry {
        let hash: Signal = format!("md5:{}", digit.repeat(32)).parse().unwrap();
        let code = (!severity.is_empty()).then(|| Dimension::Severity.code(severity).unwrap());
        let labels = code.into_iter().collect::<Labels>();
        Entry { key: EntryKey::new(key).unwrap(), labels, opinion, ..Entry::bare(hash.into()) }
    }

    #[test]
    fn two_severities_or_opinions_of_one_hash_or_key_are_at_odds() {
        use Opinion::{Disputed, Investigate, Negative, Positive};
        for (first, second, expected) in [
            (("a", "1", "SEV_A", Positive), ("b", "1", "SEV_C", Positive), true),
            (("a", "1", "SEV_A", Positive), ("a", "2", "SEV_C", Positive), true),
            (("a", "1", "SEV_A", Positive), ("b", "2", "SEV_C", Negative), false),
            (("a", "1", "SEV_A", Positive), ("b", "1", "SEV_AB", Investigate), false),
            (("a", "1", "SEV_A", Positive), ("b", "1", "SEV_U", Disputed), false),
            (("a", "1", "", Positive), ("b", "1", "", Negative), true),
            (("a", "1", "", Investigate), ("b", "1", "", Negative), false),
            (("a", "1", "SEV_N", Investigate), ("b", "1", "SEV_A", Investigate), true),
        ] {
            let mut claims = Claims::default();
            assert!(!claims.contradict(&entry(first.0, first.1, first.2, first.3)));
            let second = entry(second.0, second.1, second.2, second.3);
            assert_eq!(claims.contradict(&second), expected, "{first:?}");
        }
        let mut claims = Claims::default();
        for severity in ["SEV_A", "SEV_AB"] {
            assert!(!claims.contradict(&entry("a", "1", severity, Positive)));
        }
        assert!(claims.contradict(&entry("a", "1", "SEV_B", Positive)), "A and B are not one");
    }
}
