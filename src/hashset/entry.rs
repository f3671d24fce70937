//! One known item in a shared list, with all its hashes together.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use blake3::hazmat::{ContextKey, HasherExt, hash_derive_key_context};
use serde::{Deserialize, Serialize};

use crate::digest::{Blake3, Classic, ClassicCode, Md5, Pdq, Quality, Sha1, Sha256, Signal, SignalKind};
use crate::vocabulary::{Category, Code, Profiles, facets};

/// The stable name of an entry inside its set: (member, id) where the list has them, else derived from the hashes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryKey(String);

/// Text that cannot be a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an entry's key has 1 to {} printable characters", EntryKey::MAX_LEN)]
pub struct EntryKeyError;

impl EntryKey {
    /// Most bytes that a key may have.
    pub const MAX_LEN: usize = 200;

    /// A key spelled `text`.
    ///
    /// # Errors
    /// [`EntryKeyError`] if it is empty, longer than [`EntryKey::MAX_LEN`] bytes or holds control characters.
    pub fn new(text: impl Into<String>) -> Result<Self, EntryKeyError> {
        let text = text.into();
        let fine = (1..=Self::MAX_LEN).contains(&text.len()) && !text.chars().any(char::is_control);
        if fine { Ok(Self(text)) } else { Err(EntryKeyError) }
    }

    /// A key for an entry of a list without ids: 16 hexadecimal digits drawn from its hashes, the same on every import.
    ///
    /// One-way, but whoever holds the hash can make it again: it stays inside the ward.
    #[must_use]
    pub fn derived(hashes: &Hashes) -> Self {
        let mut digits = [0; 16];
        hex::encode_to_slice(Self::derived_bytes(hashes.iter()), &mut digits)
            .expect("eight bytes are 16 digits");
        Self(str::from_utf8(&digits).expect("digits are ASCII").to_owned())
    }

    /// What a [derived](EntryKey::derived) key spells, of hashes in the order of [`Hashes::iter`].
    pub(crate) fn derived_bytes(hashes: impl Iterator<Item = Signal>) -> [u8; 8] {
        // Hashed once: lists have millions of entries.
        static CONTEXT: LazyLock<ContextKey> =
            LazyLock::new(|| hash_derive_key_context("innerward 2026 entry key from hashes"));
        let mut hasher = blake3::Hasher::new_from_context_key(&CONTEXT);
        for signal in hashes {
            // Numbers that keys were made with from the first day on; a name begins with none of them.
            match signal {
                Signal::Md5(_) => hasher.update(&[0]),
                Signal::Sha1(_) => hasher.update(&[1]),
                Signal::Sha256(_) => hasher.update(&[2]),
                Signal::Blake3(_) => hasher.update(&[3]),
                Signal::Pdq(_) => hasher.update(&[4]),
                Signal::Classic(code) => hasher.update(code.kind().as_str().as_bytes()).update(&[0]),
            };
            hasher.update(signal.as_bytes());
        }
        *hasher.finalize().as_bytes().first_chunk().expect("a hash has 32 bytes")
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EntryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A PDQ hash in a list, with its quality where the list tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PdqEntry {
    /// The hash.
    pub hash: Pdq,
    /// Its quality; `None` if the list does not say.
    pub quality: Option<Quality>,
}

/// All hashes that a list gives for one item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hashes {
    /// MD5 of the file.
    pub md5: Option<Md5>,
    /// SHA-1 of the file.
    pub sha1: Option<Sha1>,
    /// SHA-256 of the file.
    pub sha256: Option<Sha256>,
    /// BLAKE3 of the file.
    pub blake3: Option<Blake3>,
    /// PDQ of the picture.
    pub pdq: Option<PdqEntry>,
    /// The classic family: by kind, each kind once.
    classics: Vec<ClassicCode>,
}

impl Hashes {
    /// Adds one hash; a hash of the same kind is replaced.
    pub fn set(&mut self, signal: Signal) {
        match signal {
            Signal::Md5(value) => self.md5 = Some(value),
            Signal::Sha1(value) => self.sha1 = Some(value),
            Signal::Sha256(value) => self.sha256 = Some(value),
            Signal::Blake3(value) => self.blake3 = Some(value),
            Signal::Pdq(hash) => self.pdq = Some(PdqEntry { hash, quality: None }),
            Signal::Classic(code) => {
                match self.classics.binary_search_by_key(&code.kind(), ClassicCode::kind) {
                    Ok(at) => self.classics[at] = code,
                    Err(at) => self.classics.insert(at, code),
                }
            }
        }
    }

    /// Takes the hash of this kind away.
    pub(super) fn remove(&mut self, kind: SignalKind) {
        match kind {
            SignalKind::Md5 => self.md5 = None,
            SignalKind::Sha1 => self.sha1 = None,
            SignalKind::Sha256 => self.sha256 = None,
            SignalKind::Blake3 => self.blake3 = None,
            SignalKind::Pdq => self.pdq = None,
            SignalKind::Classic(kind) => self.classics.retain(|code| code.kind() != kind),
        }
    }

    /// The hashes of the classic family, by kind.
    #[must_use]
    pub fn classics(&self) -> &[ClassicCode] {
        &self.classics
    }

    /// The hash of this kind.
    #[must_use]
    pub fn classic(&self, kind: Classic) -> Option<&ClassicCode> {
        self.classics.iter().find(|code| code.kind() == kind)
    }

    /// Every hash, in the order of `SignalKind::ALL`.
    pub fn iter(&self) -> impl Iterator<Item = Signal> {
        // One after another, as they are asked for: lists have millions of entries, and a signal has room for the longest.
        let digests = self.md5.map(Signal::Md5).into_iter().chain(self.sha1.map(Signal::Sha1));
        let digests = digests.chain(self.sha256.map(Signal::Sha256)).chain(self.blake3.map(Signal::Blake3));
        let pictures = self.pdq.map(|pdq| Signal::Pdq(pdq.hash));
        digests.chain(pictures).chain(self.classics.iter().copied().map(Signal::Classic))
    }

    /// True without any hash.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { md5, sha1, sha256, blake3, pdq, classics } = self;
        md5.is_none()
            && sha1.is_none()
            && sha256.is_none()
            && blake3.is_none()
            && pdq.is_none()
            && classics.is_empty()
    }
}

impl From<Signal> for Hashes {
    fn from(signal: Signal) -> Self {
        let mut hashes = Self::default();
        hashes.set(signal);
        hashes
    }
}

/// What a list says of an entry: facets in our codes, and the source's own categories as it gave them.
///
/// Both sorted, each once. Facets are what searches and counts go by; categories are kept so that nothing of what the source
/// said is lost.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Labels {
    codes: Vec<Code>,
    categories: Vec<Category>,
}

impl Labels {
    /// The codes, sorted.
    #[must_use]
    pub fn as_slice(&self) -> &[Code] {
        &self.codes
    }

    /// The source's categories, sorted.
    #[must_use]
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    /// The same with one more of the source's categories, and no facet of it.
    #[must_use]
    pub fn with_category(self, category: Category) -> Self {
        self.with_categories([category])
    }

    /// The same with more of the source's categories, and no facets of them.
    #[must_use]
    pub fn with_categories(mut self, categories: impl IntoIterator<Item = Category>) -> Self {
        self.categories.extend(categories);
        self.categories.sort_unstable();
        self.categories.dedup();
        self
    }

    /// The same with one more of the source's categories, and the [facets] that follow from it.
    ///
    /// Facets of several categories stand beside each other, even of one dimension: which one counts, whoever asks
    /// decides.
    #[must_use]
    pub fn with_crosswalk(self, category: Category) -> Self {
        let codes = self.codes.into_iter().chain(facets(&category)).collect::<Self>().codes;
        Self { codes, ..self }.with_category(category)
    }

    /// The same with the facets that its categories have by profiles which the ward has loaded.
    #[must_use]
    pub fn with_profiles(self, profiles: &Profiles) -> Self {
        let found: Vec<Code> =
            self.categories.iter().flat_map(|category| profiles.facets(category)).collect();
        if found.is_empty() {
            return self;
        }
        let codes = self.codes.into_iter().chain(found).collect::<Self>().codes;
        Self { codes, ..self }
    }
}

impl FromIterator<Code> for Labels {
    fn from_iter<I: IntoIterator<Item = Code>>(codes: I) -> Self {
        let mut codes: Vec<Code> = codes.into_iter().collect();
        codes.sort_unstable();
        codes.dedup();
        Self { codes, categories: Vec::new() }
    }
}

/// What the list's members hold of an entry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Opinion {
    /// Somebody says that it is not what the list is about; it never matches.
    Negative = 0,
    /// Worth a look; the value for lists without opinions.
    #[default]
    Investigate = 1,
    /// Confirmed.
    Positive = 2,
    /// Members disagree.
    Disputed = 3,
}

impl Opinion {
    /// The opinion stored as `byte`.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Negative),
            1 => Some(Self::Investigate),
            2 => Some(Self::Positive),
            3 => Some(Self::Disputed),
            _ => None,
        }
    }
}

/// One known item of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its stable name.
    pub key: EntryKey,
    /// All its hashes; never empty.
    pub hashes: Hashes,
    /// Its facets.
    pub labels: Labels,
    /// What the members hold of it.
    pub opinion: Opinion,
    /// When the list last changed it, in seconds since 1970; `None` if it does not say. Of two records with one key the
    /// later holds, in whichever order they come.
    pub updated: Option<u32>,
}

impl Entry {
    /// An entry of a list that says nothing but hashes: its key is [derived](EntryKey::derived), without labels.
    #[must_use]
    pub fn bare(hashes: Hashes) -> Self {
        Self {
            key: EntryKey::derived(&hashes),
            hashes,
            labels: Labels::default(),
            opinion: Opinion::default(),
            updated: None,
        }
    }
}

/// What a set is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// An equal digest is `known`, a close picture `near`.
    #[default]
    Match,
    /// Known good: an equal digest is `ignored`, unless a set that matches has the very same digest.
    Ignore,
    /// Looked into and counted, and never shown as known or near.
    Watch,
}

impl Role {
    /// `match`, `ignore`, `watch`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Ignore => "ignore",
            Self::Watch => "watch",
        }
    }
}

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, RoleError> {
        let all = [Self::Match, Self::Ignore, Self::Watch];
        all.into_iter().find(|role| role.as_str() == text).ok_or(RoleError)
    }
}

/// Text that is not a role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a set's role is match, ignore or watch")]
pub struct RoleError;

#[cfg(test)]
mod tests {
    use super::*;
    fn hashes(hex: &str) -> Hashes {
        SignalKind::Md5.parse(&hex.repeat(16)).unwrap().into()
    }

    #[test]
    fn a_derived_key_depends_on_the_hashes_alone() {
        assert_eq!(EntryKey::derived(&hashes("c0")), EntryKey::derived(&hashes("c0")));
        assert_ne!(EntryKey::derived(&hashes("c0")), EntryKey::derived(&hashes("c1")));
        assert!(!EntryKey::derived(&hashes("c0")).as_str().contains("c0c0"));
    }

    #[test]
    fn keys_are_those_that_earlier_imports_derived() {
        // A change here would lose every withdrawal of an entry whose list has no ids.
        let mut hashes = hashes("c0");
        assert_eq!(EntryKey::derived(&hashes).as_str(), "a4c9489700fca29c");
        hashes.set(SignalKind::Pdq.parse(&"5c".repeat(32)).unwrap());
        assert_eq!(EntryKey::derived(&hashes).as_str(), "d44350e756880069");
        let keys: std::collections::BTreeSet<_> = ["gradient8", "mean8", "gradient8-dct"]
            .map(|kind| {
                let signal = format!("{kind}:{}", "5c".repeat(8)).parse::<Signal>().unwrap();
                EntryKey::derived(&signal.into())
            })
            .into();
        assert_eq!(keys.len(), 3, "the kind is a part of it");
    }

    #[test]
    fn an_entry_has_each_classic_kind_once() {
        let code = |text: &str| text.parse::<Signal>().unwrap();
        let mut hashes = Hashes::default();
        for text in ["mean8:5c5c5c5c5c5c5c5c", "gradient8:0102030405060708", "mean8:1c5c5c5c5c5c5c5c"] {
            hashes.set(code(text));
        }
        let texts: Vec<_> = hashes.iter().map(|signal| signal.to_text()).collect();
        assert_eq!(texts, ["mean8:1c5c5c5c5c5c5c5c", "gradient8:0102030405060708"]);
        assert!(!hashes.is_empty());
    }

    #[test]
    fn labels_keep_the_source_s_category_beside_what_follows_from_it() {
        let category = |text: &str| text.parse::<Category>().unwrap();
        let codes =
            |labels: &Labels| labels.as_slice().iter().map(|code| format!("{code:?}")).collect::<Vec<_>>();
        let labels =
            Labels::default().with_crosswalk(category("VICS/US:2")).with_crosswalk(category("NCMEC:A1"));
        assert_eq!(labels.categories(), ["NCMEC:A1", "VICS/US:2"].map(category));
        assert_eq!(
            codes(&labels),
            ["severity:SEV_AB", "severity:SEV_X", "maturity:PREPUB", "maturity:AGE_DIFFICULT"]
        );
        assert_eq!(labels.clone().with_crosswalk(category("NCMEC:A1")), labels, "each once");
        let other_way =
            Labels::default().with_crosswalk(category("NCMEC:A1")).with_crosswalk(category("VICS/US:2"));
        assert_eq!(other_way, labels, "in whichever order they come");

        let kept = Labels::default().with_category(category("NCMEC:A1"));
        assert_eq!((codes(&kept).len(), kept.categories().len()), (0, 1));
        let unknown = Labels::default().with_crosswalk(category("NEW/XX:7"));
        assert_eq!((codes(&unknown).len(), unknown.categories()), (0, &[category("NEW/XX:7")][..]));
    }

    #[test]
    fn keys_are_bounded_and_printable() {
        assert!(EntryKey::new("7-demo-1").is_ok());
        for bad in [String::new(), "a\nb".into(), "x".repeat(201)] {
            assert_eq!(EntryKey::new(bad), Err(EntryKeyError));
        }
    }
}
