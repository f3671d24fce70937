//! A tar that is read once, from front to end.

use std::io::Read;

use super::*;

/// Gives a few bytes at a time, and cannot go back.
struct Trickle<'a>(&'a [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let len = into.len().min(self.0.len()).min(777);
        self.0.read(&mut into[..len])
    }
}

fn streamed(bytes: &[u8], bounds: &PartBounds) -> (Option<Gap>, Vec<Part>) {
    let content = Content::of(&bytes[..bytes.len().min(Content::HEAD_BYTES)]);
    let mut taken = Taken { keeps: 1 << 20, ..Taken::default() };
    let gap = open_stream(Trickle(bytes), content, bounds, &mut taken).unwrap();
    assert!(taken.parts.iter().all(|part| part.ended), "every part ends");
    (gap, taken.parts)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use flate2::write::GzEncoder;
    let mut out = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    io::Write::write_all(&mut out, bytes).unwrap();
    out.finish().unwrap()
}

#[test]
fn a_stream_gives_what_a_file_gives() {
    for name in ["ustar.tar", "gnu.tar", "pax.tar", "v7.tar", "holes-gnu.tar", "holes-pax.tar"] {
        let plain = seed(name);
        for bytes in [plain.clone(), gzip(&plain), [&plain[..], &plain[..]].concat()] {
            let content = Content::of(&bytes[..Content::HEAD_BYTES.min(bytes.len())]);
            assert!(begins_tar(&bytes, content, &PartBounds::default()), "{name}");
            assert_eq!(streamed(&bytes, &PartBounds::default()), opened(&bytes), "{name}");
            // Cut anywhere, too.
            for len in (512..bytes.len()).step_by(333) {
                assert_eq!(
                    streamed(&bytes[..len], &PartBounds::default()),
                    opened(&bytes[..len]),
                    "{name}: {len}"
                );
            }
        }
    }
}

#[test]
fn what_is_no_tar_is_none_however_it_is_packed() {
    for bytes in [seed("line.gz"), seed("line.bz2"), seed("line.xz"), seed("line.zst"), seed("methods.zip")] {
        let content = Content::of(&bytes[..Content::HEAD_BYTES.min(bytes.len())]);
        assert!(!begins_tar(&bytes, content, &PartBounds::default()), "{}", content.name);
    }
}

#[test]
fn of_a_stream_neither_parts_nor_bytes_are_bounded_but_their_ratio_to_what_came_is() {
    let plain = seed("ustar.tar");
    let many: Vec<u8> = plain.repeat(20);
    let bounds = PartBounds { parts: 2, bytes: 10, part_bytes: 5, ..PartBounds::default() };
    let (gap, parts) = streamed(&many, &bounds);
    assert_eq!((gap, parts.len()), (None, 20 * opened(&plain).1.len()));
    assert_eq!(parts[..parts.len() / 20], opened(&plain).1);
    // A file of zeros, far longer than it is packed.
    let mut header = [0_u8; 512];
    header[..5].copy_from_slice(b"zeros");
    let len: u64 = PartBounds::UNRATED_BYTES + (8 << 20);
    header[124..135].copy_from_slice(format!("{len:011o}").as_bytes());
    header[148..156].fill(b' ');
    let sum: u64 = header.iter().map(|byte| u64::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut bomb = header.to_vec();
    bomb.resize(512 + len as usize + 1024, 0);
    let packed = gzip(&bomb);
    let tight = PartBounds { ratio: 20, ..PartBounds::default() };
    let (gap, parts) = streamed(&packed, &tight);
    let expected = Some(Gap::Bound(Bound::Ratio, 20));
    assert_eq!((&gap, &parts[0].gap, parts.len()), (&expected, &expected, 1));
    assert!(parts[0].len >= PartBounds::UNRATED_BYTES && parts[0].len < len);
    let (gap, parts) = streamed(&packed, &PartBounds::default());
    assert_eq!((gap, parts[0].len), (None, len));
}

#[test]
fn who_takes_the_parts_or_gives_the_bytes_may_fail() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("gone"))
        }
    }
    let tar = Content::named("tar").unwrap();
    let broken = open_stream(Broken, tar, &PartBounds::default(), &mut Taken::default());
    assert_eq!(broken.unwrap_err().to_string(), "gone");
}
