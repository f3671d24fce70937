//! HMA names a content by a number, we an entry by its key: the number follows from the key alone, so that it is the same on
//! every machine and after every restart, and no table is needed.

/// What an entry that came from HMA is called: `hma:17` was the content 17.
const PREFIX: &str = "hma:";

/// The numbers of HMA end here, and ours begin. Its own have 31 bits.
const FIRST: u64 = 1 << 32;

/// Beyond this, programs that take a number for a double lose digits.
const END: u64 = 1 << 53;

/// The number of the entry with `key`: HMA's own for a key `hma:N`, else one of 2^32 to 2^53 drawn from the key.
///
/// Two of a million keys share a number once in about 18,000 such sets.
pub(in crate::serve) fn number_of(key: &str) -> u64 {
    if let Some(number) = key.strip_prefix(PREFIX).and_then(own_number) {
        return number;
    }
    let mut hasher = blake3::Hasher::new_derive_key("innerward 2026 hma content id");
    hasher.update(key.as_bytes());
    let mut first = [0; 8];
    hasher.finalize_xof().fill(&mut first);
    FIRST + u64::from_le_bytes(first) % (END - FIRST)
}

/// The key that alone can have `number`; `None` if any may.
pub(super) fn only_key(number: u64) -> Option<String> {
    (number < FIRST).then(|| format!("{PREFIX}{number}"))
}

/// `text` as a number of HMA's, in the one way in which numbers are written.
fn own_number(text: &str) -> Option<u64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|number| is_plain && *number < FIRST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_never_change() {
        // Clients keep them: a change here would point all of those at other entries, or at none.
        let expected = include_str!("../../../testdata/hma/numbers.csv");
        let rows: Vec<(&str, u64)> = expected
            .lines()
            .skip(1)
            .map(|line| line.rsplit_once(',').map(|(key, number)| (key, number.parse().unwrap())).unwrap())
            .collect();
        assert!(rows.len() >= 10);
        for (key, number) in rows {
            assert_eq!(number_of(key), number, "{key}");
        }
    }

    #[test]
    fn those_of_hma_are_kept_and_ours_lie_beyond_them() {
        for number in [0, 1, 17, 2_147_483_647, FIRST - 1] {
            let key = only_key(number).unwrap();
            assert_eq!(number_of(&key), number);
        }
        for key in ["hma:", "hma:01", "hma:+1", "hma:4294967296", "hma:99999999999999999999", "HMA:1", "x"] {
            assert!((FIRST..END).contains(&number_of(key)), "{key}");
        }
        assert_eq!(only_key(FIRST), None);
    }

    #[test]
    fn they_are_spread_evenly() {
        let numbers: std::collections::BTreeSet<u64> =
            (0..20_000).map(|number| number_of(&format!("key-{number}"))).collect();
        assert_eq!(numbers.len(), 20_000);
        let upper = numbers.iter().filter(|number| **number >= (FIRST + END) / 2).count();
        assert!((9_500..10_500).contains(&upper), "{upper}");
    }
}
