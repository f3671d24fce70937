//! Segments that name kinds of hash themselves: every field of that, broken.

use super::SegmentBuilder;
use super::damage_tests::{MD5, NARROW, PDQ, WIDE, record_at, small, with};
use super::error::Fault;
use super::format::*;
use super::testing::*;
use crate::digest::Signal;
use crate::hashset::{Entry, Hashes};

#[test]
fn each_field_of_a_named_signal_has_its_own_error() {
    use SectionKind as K;
    let name = SectionId::signal(K::SignalName, NARROW);
    let codes = SectionId::signal(K::Codes, NARROW);
    let wide_codes = SectionId::signal(K::Codes, WIDE);
    let wide_entries = SectionId::signal(K::CodeEntries, WIDE);
    let set = |id, at, value: u32| with(record_at(id) + at, &value.to_le_bytes());
    let renamed = |text: &[u8]| {
        let at = u64_at(&small(), record_at(name) + 24) as usize;
        with(at, text)
    };
    // A section goes missing.
    assert_eq!(set(name, 0, 99), Err(Fault::Absent { section: name }));
    assert_eq!(set(codes, 0, 99), Err(Fault::Absent { section: codes }));
    assert_eq!(set(wide_codes, 0, 99), Err(Fault::Absent { section: wide_codes }));
    assert_eq!(set(wide_entries, 0, 99), Err(Fault::Absent { section: wide_entries }));
    // The number: of no kind that may be named, of another kind, of none that is named.
    for number in [0, 5, 63] {
        assert!(
            matches!(set(name, 4, number), Err(Fault::Descriptor { field: "signal", found, .. }) if found == number)
        );
    }
    let second = SectionId::signal(K::SignalName, WIDE);
    assert_eq!(set(name, 4, WIDE), Err(Fault::Twice { section: second }));
    let unnamed = SectionId::signal(K::SignalName, 77);
    assert_eq!(set(codes, 4, 77), Err(Fault::Absent { section: unnamed }));
    assert!(matches!(set(codes, 4, PDQ), Err(Fault::Descriptor { field: "code width", found: 64, .. })));
    let digests = SectionId::signal(K::DigestValues, MD5);
    assert!(matches!(set(digests, 4, NARROW), Err(Fault::Descriptor { field: "signal", found: NARROW, .. })));
    // Widths.
    for width in [0, 63, 65, 1025, u32::MAX] {
        for section in [name, codes] {
            let found = set(section, 8, width);
            assert!(
                matches!(found, Err(Fault::Descriptor { field: "code width", found, .. }) if found == width)
            );
        }
    }
    assert!(matches!(set(codes, 12, 7), Err(Fault::ElementSize { found: 7, .. })));
    assert!(matches!(set(name, 12, 2), Err(Fault::ElementSize { found: 2, .. })));
    assert!(matches!(set(name, 40, 1), Err(Fault::Descriptor { field: "bit offset", .. })));
    assert!(matches!(set(name, 44, 1), Err(Fault::Descriptor { field: "bit width", .. })));
    assert!(matches!(set(name, 32, 0), Err(Fault::Count { found: 0, expected: 1, .. })));
    assert!(matches!(set(name, 32, 8), Err(Fault::Size { length: 8, .. })));
    // The name: not text, another kind of another width, another of the same width, one that nobody knows.
    for text in [b"gradi\xffnt8", b"gradient\n", b"gradi nt8"] {
        assert_eq!(renamed(text), Err(Fault::Text { section: name, at: 0 }));
    }
    assert_eq!(renamed(b"blockhas8"), Ok(()), "a kind that a newer build searches");
    let mut two = SegmentBuilder::new();
    let mut hashes = Hashes::from(Signal::from(classic_code("mean8".parse().unwrap(), 2)));
    hashes.set(classic_code("mean16".parse().unwrap(), 2).into());
    hashes.set(classic_code("mean32".parse().unwrap(), 2).into());
    two.push(&Entry::bare(hashes)).unwrap();
    let sound = bytes_of(two);
    let at = |text: &[u8]| sound.windows(text.len()).position(|here| here == text).unwrap();
    let exchange = |old: &[u8], new: &[u8]| {
        let mut bytes = sound.clone();
        let place = at(old);
        bytes[place..place + new.len()].copy_from_slice(new);
        seal(&mut bytes);
        open(bytes).map(|segment| segment.kinds().count())
    };
    assert!(matches!(
        exchange(b"mean16", b"mean32"),
        Err(Fault::Descriptor { field: "code width", found: 256, .. })
    ));
    assert_eq!(exchange(b"mean8", b"mean9"), Ok(2), "a kind that is not known is passed over");
}
