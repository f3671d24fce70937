//! As much of tar as a backup needs: files and folders, written so that every tar program reads them.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

const BLOCK: usize = 512;
/// Longer names stand in a header of their own.
const SHORT_NAME: usize = 100;
/// Larger files too: 8 GiB.
const MOST_OCTAL: u64 = 0o77_777_777_777;
/// Most bytes of such a header.
const MOST_EXTENDED: u64 = 1 << 16;

/// What stands before the content of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    /// With slashes between folders; a folder has none at its end.
    pub(super) name: String,
    pub(super) is_folder: bool,
    /// Permissions.
    pub(super) mode: u32,
    /// Bytes of the content; 0 for a folder.
    pub(super) len: u64,
    /// Seconds since 1970.
    pub(super) modified: u64,
}

/// Writes a file's header; `header.len` bytes and [`pad`] follow.
pub(super) fn put(header: &Header, out: &mut impl Write) -> io::Result<()> {
    let name = if header.is_folder { format!("{}/", header.name) } else { header.name.clone() };
    let mut extended = String::new();
    if name.len() > SHORT_NAME {
        extended += &record("path", &name);
    }
    if header.len > MOST_OCTAL {
        extended += &record("size", &header.len.to_string());
    }
    if !extended.is_empty() {
        out.write_all(&block(b"PaxHeader", 0o600, extended.len() as u64, 0, b'x'))?;
        out.write_all(extended.as_bytes())?;
        pad(extended.len() as u64, out)?;
    }
    let kind = if header.is_folder { b'5' } else { b'0' };
    let short = &name.as_bytes()[..name.len().min(SHORT_NAME)];
    out.write_all(&block(short, header.mode, header.len.min(MOST_OCTAL), header.modified, kind))
}

/// Fills up the last block of a content of `len` bytes.
pub(super) fn pad(len: u64, out: &mut impl Write) -> io::Result<()> {
    out.write_all(&[0; BLOCK][..padding(len)])
}

/// Ends the archive.
pub(super) fn end(out: &mut impl Write) -> io::Result<()> {
    out.write_all(&[0; 2 * BLOCK])
}

fn padding(len: u64) -> usize {
    (BLOCK - (len % BLOCK as u64) as usize) % BLOCK
}

/// A record of an extended header, which begins with its own length.
fn record(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let mut len = rest.len() + 1;
    while rest.len() + len.to_string().len() != len {
        len = rest.len() + len.to_string().len();
    }
    format!("{len}{rest}")
}

fn block(name: &[u8], mode: u32, len: u64, modified: u64, kind: u8) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let mut set = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
    set(0, name);
    set(100, format!("{:07o}\0", mode & 0o777).as_bytes());
    set(108, b"0000000\0");
    set(116, b"0000000\0");
    set(124, format!("{len:011o}\0").as_bytes());
    set(136, format!("{:011o}\0", modified.min(MOST_OCTAL)).as_bytes());
    set(148, b"        "); // of the checksum itself, blanks are summed
    set(156, &[kind]);
    set(257, b"ustar\x0000");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

/// The next header; `None` at the end of the archive.
///
/// # Errors
/// Of the kind `InvalidData` for what [`put`] does not write, with what that is.
pub(super) fn next(input: &mut impl Read) -> io::Result<Option<Header>> {
    let mut extended = BTreeMap::new();
    loop {
        let mut block = [0; BLOCK];
        input.read_exact(&mut block)?;
        if block == [0; BLOCK] {
            return Ok(None);
        }
        let mut summed = block;
        summed[148..156].fill(b' ');
        let sum: u64 = summed.iter().map(|byte| u64::from(*byte)).sum();
        if number(&block[148..156]) != Some(sum) {
            return Err(invalid("a header's checksum is wrong"));
        }
        let len = number(&block[124..136]).ok_or_else(|| invalid("a header has no length"))?;
        match block[156] {
            b'x' if extended.is_empty() && len <= MOST_EXTENDED => {
                let mut text = vec![0; len as usize + padding(len)];
                input.read_exact(&mut text)?;
                extended =
                    records(&text[..len as usize]).ok_or_else(|| invalid("a header cannot be read"))?;
            }
            kind @ (b'0' | b'5') => {
                let end = block[..SHORT_NAME].iter().position(|byte| *byte == 0).unwrap_or(SHORT_NAME);
                let name = match extended.remove("path") {
                    Some(name) => name,
                    None => {
                        String::from_utf8(block[..end].to_vec()).map_err(|_| invalid("a name is no text"))?
                    }
                };
                let len = match extended.remove("size") {
                    Some(digits) => digits.parse().map_err(|_| invalid("a header has no length"))?,
                    None => len,
                };
                let is_folder = kind == b'5';
                return Ok(Some(Header {
                    name: name.strip_suffix('/').unwrap_or(&name).to_owned(),
                    is_folder,
                    mode: number(&block[100..108]).unwrap_or_default() as u32 & 0o777,
                    len: if is_folder { 0 } else { len },
                    modified: number(&block[136..148]).unwrap_or_default(),
                }));
            }
            _ => return Err(invalid("it holds something else than files and folders")),
        }
    }
}

/// Reads past what fills up the last block of a content of `len` bytes.
pub(super) fn skip_padding(len: u64, input: &mut impl Read) -> io::Result<()> {
    let mut rest = [0; BLOCK];
    input.read_exact(&mut rest[..padding(len)])
}

fn number(field: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
    u64::from_str_radix(text, 8).ok()
}

fn records(mut text: &[u8]) -> Option<BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    while !text.is_empty() {
        let blank = text.iter().position(|byte| *byte == b' ')?;
        let len: usize = std::str::from_utf8(&text[..blank]).ok()?.parse().ok()?;
        let record = text.get(blank + 1..len)?.strip_suffix(b"\n")?;
        let (key, value) = std::str::from_utf8(record).ok()?.split_once('=')?;
        all.insert(key.to_owned(), value.to_owned());
        text = &text[len..];
    }
    Some(all)
}

fn invalid(cause: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str, len: u64) -> Header {
        Header { name: name.into(), is_folder: false, mode: 0o640, len, modified: 1_790_000_000 }
    }

    #[test]
    fn what_is_written_is_read_again_and_by_tar_too() {
        let long = format!("home/{}/{}", "a".repeat(90), "b".repeat(120));
        let folder = Header { is_folder: true, mode: 0o700, ..header("home", 0) };
        let all = [
            folder,
            header("home/x", 0),
            header("home/y", 513),
            header(&long, 512),
            header(&"n".repeat(100), 7),
        ];
        let mut archive = Vec::new();
        for one in &all {
            put(one, &mut archive).unwrap();
            archive.extend(vec![b'z'; one.len as usize]);
            pad(one.len, &mut archive).unwrap();
        }
        end(&mut archive).unwrap();
        let mut rest = &archive[..];
        for one in &all {
            assert_eq!(next(&mut rest).unwrap().as_ref(), Some(one));
            rest = &rest[one.len as usize..];
            skip_padding(one.len, &mut rest).unwrap();
        }
        assert_eq!(next(&mut rest).unwrap(), None);
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.tar"), &archive).unwrap();
        let told =
            std::process::Command::new("tar").arg("-tf").arg(dir.path().join("a.tar")).output().unwrap();
        assert!(told.status.success());
        let names: Vec<&str> = std::str::from_utf8(&told.stdout).unwrap().lines().collect();
        assert_eq!(names, ["home/", "home/x", "home/y", &long, &"n".repeat(100)]);
    }

    #[test]
    fn a_file_of_more_than_8_gib_keeps_its_length() {
        let mut archive = Vec::new();
        let large = header("large", (8 << 30) + 1);
        put(&large, &mut archive).unwrap();
        assert_eq!(next(&mut &archive[..]).unwrap(), Some(large));
        assert_eq!(record("size", "8589934593"), "19 size=8589934593\n");
        // The length counts its own digits, and so it may need one digit more.
        for len in 80..120 {
            let record = record("path", &"x".repeat(len));
            assert!(record.starts_with(&format!("{} ", record.len())), "{record}");
        }
    }

    #[test]
    fn what_is_no_such_archive_is_an_error_whatever_it_is() {
        let mut archive = Vec::new();
        put(&header("x", 0), &mut archive).unwrap();
        for at in 0..BLOCK {
            let mut changed = archive.clone();
            changed[at] ^= 0x15;
            assert!(next(&mut &changed[..]).is_err(), "byte {at}");
            assert!(next(&mut &archive[..at]).is_err(), "cut at {at}");
        }
        let mut link = block(b"x", 0o600, 0, 0, b'2');
        assert!(next(&mut &link[..]).unwrap_err().to_string().contains("something else"));
        link = block(b"PaxHeader", 0o600, u64::MAX >> 40, 0, b'x');
        assert!(next(&mut &link[..]).is_err(), "a header of 16 MB");
    }
}
