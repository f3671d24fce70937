//! Lists that come packed, or in another encoding than UTF-8.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use innerward::hashset::{
    Cause, Entry, ListError, Packing, ReadOptions, ReadReport, SourceError, TextEncoding,
};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::{LONG, MD5, read_as, read_with};

/// `c0ffee00c0ffee00c0ffee00c0ffee00  name\n`, packed by others: `gzip -nc` 1.12, `zstd -c` 1.5.4, `zip -X` 3.0,
/// `zip -X - -` 3.0 (a stream: lengths behind the data, in 8 bytes), zipfile of CPython 3 into a stream.
const GZIP: &str = "1f8b08000000000000034b36484b4b4d353048c6412b28e425e6a6720100fedd8fec27000000";
const ZSTD: &str = "28b52ffd2427ad000078633066666565303020206e616d650a0100030b171070e343";
const ZIP: &str = "504b030414000000080000002164fedd8fec1400000027000000080000006c6973742e7478744b36484b4b4d353048c6\
    412b28e425e6a6720100504b01021e0314000000080000002164fedd8fec140000002700000008000000000000000100\
    0000a481000000006c6973742e747874504b05060000000001000100360000003a0000000000";
const ZIP_STREAM: &str = "504b03042d00080008002146765d00000000ffffffffffffffff010014002d0100100000000000000000000000000000\
    0000004b36484b4b4d353048c6412b28e425e6a6720100504b0708fedd8fec1400000000000000270000000000000050\
    4b01021e032d00080008002146765dfedd8fec14000000270000000100000000000000010000008011000000002d504b\
    050600000000010001002f0000005f0000000000";
const ZIP_PYTHON: &str = "504b03042d00080008000000216400000000ffffffffffffffff080014006c6973742e74787401001000000000000000\
    000000000000000000004b36484b4b4d353048c6412b28e425e6a6720100504b0708fedd8fec14000000000000002700\
    000000000000504b01022d032d000800080000002164fedd8fec14000000270000000800000000000000000000008001\
    000000006c6973742e747874504b0506000000000100010036000000660000000000";

/// A list of one entry as other tools packed it.
pub(super) fn golden() -> [(&'static str, Vec<u8>, Packing); 5] {
    let bytes = |hex: &str| hex::decode(hex).unwrap();
    [
        ("gzip", bytes(GZIP), Packing::Gzip),
        ("zstd", bytes(ZSTD), Packing::Zstd),
        ("zip", bytes(ZIP), Packing::Zip),
        ("zip -", bytes(ZIP_STREAM), Packing::Zip),
        ("zipfile", bytes(ZIP_PYTHON), Packing::Zip),
    ]
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(data).unwrap();
    packer.finish().unwrap()
}

/// A zip archive of these members, `deflate`d or stored.
fn zip(members: &[(&str, &[u8])], deflate: bool) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, data) in members {
        let mut packer = DeflateEncoder::new(Vec::new(), Compression::default());
        packer.write_all(data).unwrap();
        let packed = if deflate { packer.finish().unwrap() } else { data.to_vec() };
        let mut crc = flate2::Crc::new();
        crc.update(data);
        let mut common = vec![20, 0, 0, 0, if deflate { 8 } else { 0 }, 0, 0, 0, 0, 0];
        for number in [crc.sum(), packed.len() as u32, data.len() as u32] {
            common.extend(number.to_le_bytes());
        }
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend((out.len() as u32).to_le_bytes());
        directory.extend(name.as_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(packed);
    }
    let start = out.len() as u32;
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([members.len() as u8, 0, members.len() as u8, 0]);
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([2, 0, b'h', b'i']);
    out
}

/// The same but for the length and the digest of the file, which are those of what lies there.
fn assert_like(found: (Vec<Entry>, ReadReport), expected: &(Vec<Entry>, ReadReport), file: &[u8], how: &str) {
    let (entries, mut report) = found;
    assert_eq!(entries, expected.0, "{how}");
    assert_eq!(report.bytes, file.len() as u64, "{how}");
    assert_eq!(report.file_blake3.as_bytes(), blake3::hash(file).as_bytes(), "{how}");
    (report.bytes, report.file_blake3) = (expected.1.bytes, expected.1.file_blake3);
    assert_eq!(report, expected.1, "{how}");
}

#[test]
fn packed_twins_of_lists_are_read_as_the_lists_are() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("hashsets");
    let tx =
        format!("signal_type,signal_str,collab,category,tags\r\npdq,{LONG},Grüße,,SEV_A\r\nmd5,short,,,\r\n");
    let mut lists = vec![tx.into_bytes(), format!("{MD5}  \u{FEFF}name 名\n").into_bytes()];
    lists.extend(
        ["demo-hotline.csv", "demo-known-good.hashdeep"].map(|name| fs::read(dir.join(name)).unwrap()),
    );
    for list in &lists {
        let expected = read_as(None, list).unwrap();
        let text = std::str::from_utf8(list).unwrap();
        let utf16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            "\u{FEFF}".encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect()
        };
        let half = list.len() / 2;
        let skipped = [
            b"\x52\x2A\x4D\x18\x03\0\0\0abc",
            &compress_to_vec(&list[..half], CompressionLevel::Fastest)[..],
        ];
        for (how, file) in [
            ("gzip", gzip(list)),
            ("gzip, two members", [gzip(&list[..half]), gzip(&list[half..])].concat()),
            ("zstd", compress_to_vec(&list[..], CompressionLevel::Fastest)),
            (
                "zstd, three frames",
                [&skipped.concat(), &compress_to_vec(&list[half..], CompressionLevel::Fastest)[..]].concat(),
            ),
            ("zip", zip(&[("list", list)], true)),
            ("zip, stored", zip(&[("list", list)], false)),
            ("zip of macOS", zip(&[("a/", b""), ("a/list", list), ("__MACOSX/a/._list", b"\0\x05")], true)),
            ("UTF-8 with a mark", [b"\xEF\xBB\xBF", &list[..]].concat()),
            ("UTF-16LE", utf16(u16::to_le_bytes)),
            ("UTF-16BE", utf16(u16::to_be_bytes)),
            ("UTF-16LE in gzip", gzip(&utf16(u16::to_le_bytes))),
        ] {
            let found = read_as(None, &file).unwrap_or_else(|error| panic!("{how}: {error}"));
            assert_like(found, &expected, &file, how);
        }
    }
}

#[test]
fn what_other_tools_packed_is_read() {
    for (how, file, _) in golden() {
        let (entries, report) = read_as(None, &file).unwrap_or_else(|error| panic!("{how}: {error}"));
        let texts: Vec<_> = entries[0].hashes.iter().map(|signal| signal.to_text()).collect();
        assert_eq!((entries.len(), texts, report.lines), (1, vec![format!("md5:{MD5}")], 1), "{how}");
    }
}

#[test]
fn a_packed_list_that_is_cut_anywhere_is_an_error() {
    let list: String = (0..20_000).map(|n| format!("{n:032x}\n")).collect();
    let large = list.as_bytes();
    let mut files = golden().map(|(how, file, packing)| (how, file, packing, 1)).to_vec();
    files.push(("large gzip", gzip(large), Packing::Gzip, 7919));
    files.push(("large zstd", compress_to_vec(large, CompressionLevel::Fastest), Packing::Zstd, 7919));
    files.push(("large zip", zip(&[("list", large)], true), Packing::Zip, 7919));
    for (how, file, packing, step) in files {
        assert!(read_as(None, &file).is_ok(), "{how}");
        for len in (0..file.len()).step_by(step) {
            match read_as(None, &file[..len]) {
                Err(ListError::Source(SourceError::Truncated(found))) => {
                    assert_eq!(found, packing, "{how} {len}")
                }
                // Before its mark is whole, nothing tells what it is.
                Err(ListError::UnrecognisedForm) => assert!(len < 4, "{how} {len}"),
                other => panic!("{how} cut at {len}: {:?}", other.map(|found| found.1)),
            }
        }
    }
}

#[test]
fn a_packed_list_that_is_damaged_never_reads_otherwise() {
    for (how, file, _) in golden() {
        let expected = read_as(None, &file).unwrap().0;
        for bit in 0..8 * file.len() {
            let mut damaged = file.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            if let Ok((entries, _)) = read_as(None, &damaged) {
                assert_eq!(entries, expected, "{how}, bit {bit}");
            }
        }
    }
}

#[test]
fn zeros_behind_the_end_of_gzip_are_passed_over_and_anything_else_is_named() {
    let list = format!("{MD5}\n").into_bytes();
    let expected = read_as(None, &list).unwrap();
    let packed = gzip(&list);
    for zeros in [1, 8, 512, 1 << 20] {
        let padded = [&packed[..], &vec![0; zeros]].concat();
        assert_like(read_as(None, &padded).unwrap(), &expected, &padded, "padded");
    }
    let zstd = compress_to_vec(&list[..], CompressionLevel::Fastest);
    for (file, packing) in [(&packed, Packing::Gzip), (&zstd, Packing::Zstd)] {
        for behind in [&b"x"[..], b"<html>more than any header has</html>", b"\0\0x"] {
            let error = read_as(None, [&file[..], behind].concat()).unwrap_err();
            let is_named =
                matches!(error, ListError::Source(SourceError::Trailing(found)) if found == packing);
            assert!(is_named, "{error}");
        }
    }
    // The beginning of a further member is one that is cut.
    for len in 1..packed.len() {
        let error = read_as(None, [&packed[..], &packed[..len]].concat()).unwrap_err();
        let is_cut = matches!(error, ListError::Source(SourceError::Truncated(Packing::Gzip)));
        assert!(is_cut, "{len}: {error}");
    }
}

#[test]
fn bombs_are_refused_with_the_way_out() {
    // 128 MiB of blank lines: a thousandth of that when packed.
    let bomb = gzip(&vec![b'\n'; 128 << 20]);
    let error = read_as(None, bomb).unwrap_err();
    assert!(matches!(error, ListError::Source(SourceError::Ratio { packing: Packing::Gzip })), "{error}");
    assert!(error.to_string().contains("unpack it first"), "{error}");
    for twice in [gzip(&gzip(MD5.as_bytes())), zip(&[("a.gz", &gzip(MD5.as_bytes()))], true)] {
        assert!(matches!(read_as(None, twice), Err(ListError::Source(SourceError::Packed("twice")))));
    }
}

#[test]
fn a_zip_has_one_list_in_it() {
    let list = MD5.as_bytes();
    for (members, found) in [
        (vec![], 0),
        (vec![("folder/", &b""[..])], 0),
        (vec![("a", list), ("b", list)], 2),
        (vec![("a", list), ("b", list), ("__MACOSX/._a", list), ("c", list)], 3),
    ] {
        let error = read_as(None, zip(&members, true)).unwrap_err();
        assert!(
            matches!(error, ListError::Source(SourceError::Files { found: n }) if n == found),
            "{error} {found}"
        );
        assert!(error.to_string().starts_with(&format!("the zip archive holds {found} files")));
    }
    let mut encrypted = zip(&[("a", list)], true);
    encrypted[6] |= 1;
    assert!(matches!(read_as(None, encrypted), Err(ListError::Source(SourceError::Zip("encrypted")))));
    let hidden = [&zip(&[("a", list)], true)[..], b"more"].concat();
    assert!(matches!(read_as(None, hidden), Err(ListError::Source(SourceError::Trailing(Packing::Zip)))));
}

#[test]
fn frames_that_are_not_unpacked_here_say_why() {
    // A window of 2 GiB, and a dictionary by its number.
    for (frame, why) in
        [(&b"\x28\xB5\x2F\xFD\x00\xA8"[..], "window"), (b"\x28\xB5\x2F\xFD\x21\x07\x01", "dictionary")]
    {
        let error = read_as(None, [frame, &[0; 64]].concat()).unwrap_err();
        assert!(matches!(error, ListError::Source(SourceError::Packed(_))), "{error}");
        assert!(error.to_string().contains(why) && error.to_string().contains("unpack it first"), "{error}");
    }
}

#[test]
fn other_packers_are_named() {
    for (mark, name) in
        [(&b"\xFD7zXZ\0\0\x04"[..], "xz"), (b"BZh91AY&SY", "bzip2"), (b"7z\xBC\xAF\x27\x1C\0\x04", "7-Zip")]
    {
        let error = read_as(None, mark).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains("unpack it first"), "{error}");
    }
}

#[test]
fn a_declared_encoding_turns_bad_lines_into_names() {
    // "Grüße.jpg" in windows-1252, "Приве́т" without its accent in windows-1251, "表" in shift_jis, whose second byte is a backslash.
    for (name, encoding) in [
        (&b"Gr\xFC\xDFe.jpg"[..], "windows-1252"),
        (b"Gr\xFC\xDFe.jpg", "iso-8859-1"),
        (b"\xCF\xF0\xE8\xE2\xE5\xF2", "windows-1251"),
        (b"\x95\x5C.jpg", "shift_jis"),
    ] {
        let list = [MD5.as_bytes(), b"  ", name, b"\r\n"].concat();
        let spoiled = read_as(None, &list).unwrap_err();
        assert!(matches!(spoiled, ListError::UnrecognisedForm), "{spoiled}");
        let encoding = Some(encoding.parse::<TextEncoding>().unwrap());
        let options = ReadOptions { encoding, ..Default::default() };
        for file in [list.clone(), gzip(&list)] {
            let (entries, report) = read_with(&options, &file).unwrap();
            assert_eq!((entries.len(), report.bad_total), (1, 0));
            assert_eq!(report.file_blake3.as_bytes(), blake3::hash(&file).as_bytes());
        }
        // The list itself knows better than who declares.
        let marked: Vec<u8> =
            "\u{FEFF}".encode_utf16().chain(MD5.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(read_with(&options, marked).unwrap().0.len(), 1);
    }
    let list = [format!("{MD5}\n").as_bytes(), MD5.as_bytes(), b"  \xFC\n"].concat();
    let (_, report) = read_as(None, list).unwrap();
    assert_eq!(report.bad[0].cause, Cause::NotUtf8);
    assert!(report.bad[0].to_string().contains("--encoding"));
    assert!("klingon".parse::<TextEncoding>().is_err() && "replacement".parse::<TextEncoding>().is_err());
}

/// Hands out one byte at a time, with interruptions, and fails where the file ends if told to.
struct Drip<'a>(&'a [u8], bool, bool);

impl Read for Drip<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.2 = !self.2;
        match self {
            Self(_, _, true) => Err(io::ErrorKind::Interrupted.into()),
            Self([], true, _) => Err(io::Error::from_raw_os_error(5)),
            _ => {
                let n = out.len().min(1);
                self.0.read(&mut out[..n])
            }
        }
    }
}

#[test]
fn bytes_may_come_one_at_a_time_and_faults_of_the_disk_are_told_as_such() {
    for (how, file, _) in golden() {
        let read = |fails| {
            let mut input = Drip(&file, fails, false);
            innerward::hashset::read_list(&mut input, &ReadOptions::default(), &mut |_| {
                Ok::<(), std::convert::Infallible>(())
            })
        };
        let report = read(false).unwrap_or_else(|error| panic!("{how}: {error}"));
        assert_eq!(report.file_blake3.as_bytes(), blake3::hash(&file).as_bytes(), "{how}");
        assert!(matches!(read(true), Err(ListError::Io(error)) if error.raw_os_error() == Some(5)), "{how}");
    }
}
