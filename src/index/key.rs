//! How the key of an entry is stored: as it is, or in less where it was drawn from hashes.
//!
//! A list without ids gives its entries keys of 16 hexadecimal digits, [drawn from their hashes](EntryKey::derived). Eight
//! bytes say as much, and where the entry has nothing but a PDQ hash, none need be stored. A list that numbers its entries
//! gives them keys that four bytes say.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use super::error::Fault;
use super::layout::KeyPlaces;
use super::segment::Segment;
use super::{format::KEYS_A_START, format::SectionId, format::SectionKind};
use crate::digest::{Pdq, Signal, SignalKind};
use crate::hashset::{Entry, EntryKey, Hashes};
use crate::kernel::Code256;

/// In place of a length: the key is a number of 5 to 10 digits, and four bytes in the text, the lowest first.
pub(super) const NUMBER: u8 = 253;
/// In place of a length: the key is 16 hexadecimal digits in lower case, and eight bytes in the text.
pub(super) const HEX: u8 = 254;
/// In place of a length: the key is drawn from the entry's PDQ hash, its only one, and not in the text.
pub(super) const OF_PDQ: u8 = 255;

/// Bytes that a key takes in the text.
pub(super) const fn stored(length: u8) -> usize {
    match length {
        NUMBER => 4,
        HEX => 8,
        OF_PDQ => 0,
        length => length as usize,
    }
}

/// The key of an entry of an index.
#[derive(Clone, Copy)]
pub struct Key<'a>(Text<'a>);

#[derive(Clone, Copy)]
enum Text<'a> {
    Stored(&'a str),
    /// So many of these digits.
    Digits(u8, [u8; 16]),
}

impl Key<'_> {
    fn hex(bytes: &[u8]) -> Option<Self> {
        let mut digits = [0; 16];
        hex::encode_to_slice(bytes, &mut digits).ok()?;
        Some(Self(Text::Digits(16, digits)))
    }

    /// The key of the digits of these bytes.
    pub(super) fn of_sixteen_digits(bytes: [u8; 8]) -> Self {
        Self::hex(&bytes).expect("eight bytes are sixteen digits")
    }

    fn number(bytes: &[u8]) -> Option<Self> {
        let mut number = u32::from_le_bytes(bytes.try_into().ok()?);
        if number < 10_000 {
            return None; // shorter as it is
        }
        let len = number.ilog10() as usize + 1;
        let mut digits = [0; 16];
        for digit in digits[..len].iter_mut().rev() {
            *digit = b'0' + (number % 10) as u8;
            number /= 10;
        }
        Some(Self(Text::Digits(len as u8, digits)))
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Stored(text) => text,
            Text::Digits(len, digits) => {
                std::str::from_utf8(&digits[..usize::from(*len)]).expect("digits are ASCII")
            }
        }
    }
}

impl<'a> From<&'a str> for Key<'a> {
    fn from(text: &'a str) -> Self {
        Self(Text::Stored(text))
    }
}

impl Deref for Key<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

/// Not printed by accident.
impl fmt::Debug for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

impl PartialEq for Key<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Key<'_> {}

impl PartialOrd for Key<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Key<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

/// Adds the key of `entry` to the text of all keys, and gives what stands in place of its length.
pub(super) fn store(entry: &Entry, text: &mut Vec<u8>) -> u8 {
    let key = entry.key.as_str().as_bytes();
    let digits = |key: &[u8]| key.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if key.len() == 16 && digits(key) {
        if is_only_pdq(&entry.hashes) && entry.key == EntryKey::derived(&entry.hashes) {
            return OF_PDQ;
        }
        let mut bytes = [0; 8];
        hex::decode_to_slice(key, &mut bytes).expect("sixteen digits are eight bytes");
        text.extend_from_slice(&bytes);
        return HEX;
    }
    if key.len() > 4
        && let Ok(number) = entry.key.as_str().parse::<u32>()
        && key[0].is_ascii_digit()
        && key[0] != b'0'
    {
        text.extend_from_slice(&number.to_le_bytes());
        return NUMBER;
    }
    text.extend_from_slice(key);
    key.len() as u8 // a key has 200 bytes at most
}

fn is_only_pdq(hashes: &Hashes) -> bool {
    let mut kinds = hashes.iter().map(|signal| signal.kind());
    kinds.next() == Some(SignalKind::Pdq) && kinds.next().is_none()
}

impl Segment {
    /// The key of `entry`.
    pub(super) fn key(&self, entry: u32) -> Result<Key<'_>, Fault> {
        let text = &self.layout().key_text;
        match &self.layout().keys {
            KeyPlaces::Offsets(offsets) => {
                self.text(offsets, text, entry as usize).map(|key| Key(Text::Stored(key)))
            }
            KeyPlaces::Lengths { lengths, starts } => {
                let first = entry as usize / KEYS_A_START * KEYS_A_START;
                let starts = starts.numbers(self.bytes());
                let start = starts.below(entry as usize / KEYS_A_START, text.len() + 1)?;
                let lengths = lengths.bytes(self.bytes()).get(first..=entry as usize).unwrap_or_default();
                let (own, before) = lengths.split_last().unwrap_or((&0, &[]));
                self.key_at(entry, *own, start + before.iter().map(|length| stored(*length)).sum::<usize>())
            }
        }
    }

    /// The key of `entry`, of which this stands in place of a length, and which begins at `start` in the text if it is there.
    pub(super) fn key_at(&self, entry: u32, length: u8, start: usize) -> Result<Key<'_>, Fault> {
        let column = &self.layout().key_text;
        let fault = || Fault::Text { section: column.id, at: u64::from(entry) };
        if length == OF_PDQ {
            return self.key_of_pdq(entry);
        }
        let bytes = column.bytes(self.bytes()).get(start..start + stored(length)).ok_or_else(fault)?;
        if let HEX | NUMBER = length {
            let key = if length == HEX { Key::hex(bytes) } else { Key::number(bytes) };
            return key.ok_or_else(fault);
        }
        std::str::from_utf8(bytes).map(|text| Key(Text::Stored(text))).map_err(|_| fault())
    }

    fn key_of_pdq(&self, entry: u32) -> Result<Key<'_>, Fault> {
        let fault = || Fault::Text { section: SectionId::of(SectionKind::KeyLengths), at: u64::from(entry) };
        let code = self.codes(SignalKind::Pdq).and_then(|codes| codes.code_of(entry)).ok_or_else(fault)?;
        let code = Code256::from_bytes(code.try_into().map_err(|_| fault())?);
        let bytes = EntryKey::derived_bytes([Signal::Pdq(Pdq::new(code))].into_iter());
        Key::hex(&bytes).ok_or_else(fault)
    }
}

#[cfg(test)]
mod tests {
    use crate::digest::Md5;

    use super::super::keys::KeySet;
    use super::super::testing::*;
    use super::super::verify::check_segment;
    use super::super::{SegmentBuilder, layout::records};
    use super::*;

    /// Entries whose keys are given, sixteen digits that are given, drawn from several hashes, and from PDQ alone.
    fn mixed(seed: u64) -> Entry {
        let bare = Entry::bare(entry(seed).hashes);
        match seed % 7 {
            5 => Entry { key: EntryKey::new((seed * 4_300_000).to_string()).unwrap(), ..bare },
            6 => {
                let odd =
                    ["012345", "+12345", "4294967296", "4294967295", "1234", "12345 ", "٣٣٣٣٣", "00000"];
                Entry { key: EntryKey::new(odd[seed as usize / 7 % odd.len()]).unwrap(), ..bare }
            }
            0 => Entry { key: EntryKey::new(format!("{seed:016x}")).unwrap(), ..bare },
            1 => Entry { key: EntryKey::new(format!("{seed:016X}Z")).unwrap(), ..bare },
            2 => Entry { key: EntryKey::new("é".repeat(1 + seed as usize % 99)).unwrap(), ..bare },
            3 => bare,
            _ => Entry::bare(Hashes::from(Signal::Pdq(pdq(seed)))),
        }
    }

    fn number(number: u64) -> EntryKey {
        EntryKey::new(number.to_string()).unwrap()
    }

    fn digest(seed: u64) -> Signal {
        Signal::Md5(Md5::from_bytes(noise(seed)))
    }

    #[test]
    fn keys_are_read_as_they_were_given_and_found() {
        let entries: Vec<Entry> = (0..1000).map(mixed).collect();
        let mut builder = SegmentBuilder::new();
        for entry in &entries {
            builder.push(entry).unwrap();
        }
        let segment = open(bytes_of(builder)).unwrap();
        assert_eq!(check_segment(&segment), []);
        let wanted = KeySet::new(entries.iter().map(|entry| &entry.key));
        let found = segment.find_keys(&wanted).unwrap();
        assert!(found.len() >= entries.len());
        for (number, entry) in (0..).zip(&entries) {
            assert_eq!(segment.key(number).unwrap().as_str(), entry.key.as_str());
            assert!(found.contains(&(number, wanted.number(&entry.key).unwrap())));
        }
    }

    #[test]
    fn keys_that_are_drawn_from_hashes_take_no_room() {
        let len = |make: fn(u64) -> Entry| {
            let mut builder = SegmentBuilder::new();
            (0..640).for_each(|seed| {
                builder.push(&make(seed)).unwrap();
            });
            let segment = open(bytes_of(builder)).unwrap();
            let text = |record: &super::super::format::Record| record.id.is(SectionKind::KeyText);
            records(segment.bytes(), &segment.layout().header).find(text).unwrap().elements
        };
        assert_eq!(len(|seed| Entry::bare(Hashes::from(Signal::Pdq(pdq(seed))))), 0);
        assert_eq!(len(|seed| Entry::bare(Hashes::from(digest(seed)))), 640 * 8);
        assert_eq!(
            len(|seed| Entry { key: number(12_345_678 + seed), ..Entry::bare(Hashes::from(digest(seed))) }),
            640 * 4
        );
    }

    #[test]
    fn a_key_drawn_from_a_hash_that_is_not_there_is_a_fault() {
        let mut builder = SegmentBuilder::new();
        builder.push(&Entry::bare(Hashes::from(Signal::Pdq(pdq(1))))).unwrap();
        builder
            .push(&Entry { key: EntryKey::new("k").unwrap(), ..Entry::bare(Hashes::from(digest(2))) })
            .unwrap();
        let mut bytes = bytes_of(builder);
        let segment = open(bytes.clone()).unwrap();
        let lengths = records(segment.bytes(), &segment.layout().header)
            .find(|record| record.id.is(SectionKind::KeyLengths))
            .unwrap();
        bytes[lengths.offset as usize + 1] = OF_PDQ;
        seal(&mut bytes);
        let segment = open(bytes).unwrap();
        assert!(matches!(segment.key(1), Err(Fault::Text { at: 1, .. })));
        assert_ne!(check_segment(&segment), []);
    }

    #[test]
    fn short_forms_that_no_writer_uses_are_faults() {
        let own = |key: &str, hashes| Entry { key: EntryKey::new(key).unwrap(), ..Entry::bare(hashes) };
        let mut both = Hashes::from(Signal::Pdq(pdq(2)));
        both.set(digest(2));
        let bytes = |entry: &Entry| {
            let mut builder = SegmentBuilder::new();
            builder.push(entry).unwrap();
            bytes_of(builder)
        };
        let place = |bytes: &[u8], kind| {
            let segment = open(bytes.to_vec()).unwrap();
            let found = records(segment.bytes(), &segment.layout().header).find(|record| record.id.is(kind));
            found.unwrap().offset as usize
        };
        let faults = |mut bytes: Vec<u8>| {
            seal(&mut bytes);
            check_segment(&open(bytes).unwrap())
        };
        let number = bytes(&own("12345", Hashes::from(digest(1))));
        assert_eq!(faults(number.clone()), []);
        let mut small = number;
        let at = place(&small, SectionKind::KeyText);
        small[at..at + 4].copy_from_slice(&9999_u32.to_le_bytes());
        assert!(matches!(faults(small)[..], [Fault::Text { at: 0, .. }]));
        // A text of no bytes: only the mark is wrong.
        let mut drawn = bytes(&own("x", both));
        let (length, text) = (place(&drawn, SectionKind::KeyLengths), place(&drawn, SectionKind::KeyText));
        assert_ne!(length, text);
        drawn[length] = OF_PDQ;
        assert!(faults(drawn).iter().any(|fault| matches!(fault, Fault::Text { at: 0, .. })));
    }

    #[test]
    fn a_key_is_ordered_and_shown_as_its_text() {
        let given = Key::from("00000000000000ff");
        let packed = Key::hex(&[0, 0, 0, 0, 0, 0, 0, 255]).unwrap();
        assert_eq!(given, packed);
        assert!(Key::from("00000000000000fe") < packed && packed < Key::from("01"));
        assert_eq!(format!("{packed} {packed:?}"), "00000000000000ff Key(..)");
    }
}
