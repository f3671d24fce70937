//! How items and cases are told from each other before they become pseudonyms.

/// How an item, a report or a web address is told from others: the stable key of the list entry that it matched, else the
/// BLAKE3 of its bytes, or what a case system calls it. Never printed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId(pub(super) [u8; 32]);

impl ItemId {
    /// The item that is entry `key` of set `set`, in whatever copies and edits it comes.
    #[must_use]
    pub fn of_entry(set: &str, key: &str) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("innerward 2026 item by list entry");
        hasher.update(&(set.len() as u64).to_le_bytes()).update(set.as_bytes()).update(key.as_bytes());
        Self(*hasher.finalize().as_bytes())
    }

    /// The item with these bytes.
    #[must_use]
    pub fn of_bytes(blake3: &[u8; 32]) -> Self {
        Self(blake3::derive_key("innerward 2026 item by content", blake3))
    }

    /// What a case system calls `id`: a report's number, a web address, an item's number.
    pub(super) fn of_case_system(id: &str) -> Self {
        Self(blake3::derive_key("innerward 2026 record of a case system", id.as_bytes()))
    }
}

/// A case, by the word that the ward has for it. Never printed, and written nowhere but as a pseudonym of the period.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseId(pub(super) [u8; 32]);

impl CaseId {
    /// Most bytes of a case's word.
    pub const LEN: usize = 256;

    /// The case that the ward calls `word`; `None` if that is no word: empty, longer than [`CaseId::LEN`] bytes, or with
    /// control characters. Spaces around it make no difference.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        let word = word.trim();
        let is_word = (1..=Self::LEN).contains(&word.len()) && !word.chars().any(char::is_control);
        is_word.then(|| Self(blake3::derive_key("innerward 2026 case", word.as_bytes())))
    }
}

/// Bytes of a pseudonym.
pub(super) type Pseudonym = [u8; 16];

/// How items and cases are called under a period's key.
#[derive(Clone)]
pub(super) struct Pseudonyms {
    items: [u8; 32],
    cases: [u8; 32],
    check: Pseudonym,
}

impl Pseudonyms {
    pub(super) fn under(key: &[u8; 32]) -> Self {
        let cases = blake3::keyed_hash(key, b"innerward 2026 key of cases");
        let check = blake3::keyed_hash(key, b"innerward 2026 key check");
        Self { items: *key, cases: *cases.as_bytes(), check: first_half(&check) }
    }

    /// What tells the key from any other.
    pub(super) const fn check(&self) -> Pseudonym {
        self.check
    }

    pub(super) fn item(&self, item: ItemId) -> Pseudonym {
        first_half(&blake3::keyed_hash(&self.items, &item.0))
    }

    pub(super) fn case(&self, case: CaseId) -> Pseudonym {
        first_half(&blake3::keyed_hash(&self.cases, &case.0))
    }
}

fn first_half(hash: &blake3::Hash) -> Pseudonym {
    std::array::from_fn(|at| hash.as_bytes()[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_a_word() {
        let case = |word: &str| CaseId::of(word).map(|case| case.0);
        assert_eq!(case(" 2026/17 "), case("2026/17"));
        assert_ne!(case("2026/17"), case("2026/18"));
        for bad in ["", "  ", "a\nb", "a\0", &"x".repeat(257)] {
            assert!(case(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn another_key_gives_other_pseudonyms_and_kinds_never_meet() {
        let (one, other) = (Pseudonyms::under(&[1; 32]), Pseudonyms::under(&[2; 32]));
        let id = ItemId::of_bytes(&[7; 32]);
        assert_ne!(one.item(id), other.item(id));
        assert_ne!(one.check(), other.check());
        assert_ne!(one.item(ItemId([9; 32])), one.case(CaseId([9; 32])));
        assert_ne!(ItemId::of_case_system("a").0, ItemId::of_entry("", "a").0);
    }
}
