//! tar: ustar, GNU, pax and the unmarked kind of old, read once from front to end.
//!
//! Behind the zeros that end an archive another may follow, as `cat` leaves them; it is opened as well. Where a header
//! is damaged, or something else follows the end, the next block that is a header goes on, and the archive is damaged. Layout: POSIX.1-2017 `pax`, and the manual of GNU tar.

use std::io::{self, Read};

use super::out::{Out, Stop};
use super::source::Source;
use super::{Gap, PartName};

/// What a file with holes is called, whose map is not read.
pub(in crate::media) const SPARSE: &str = "a file with holes in a tar";

pub(super) const BLOCK: usize = 512;

/// Most bytes of a long name or of a pax record that are looked at.
const NAME_BYTES: u64 = 64 << 10;

/// True if a block is a header: its own checksum, of signed or unsigned bytes, is right.
pub(in crate::media) fn is_header(block: &[u8]) -> bool {
    let Some(block) = block.first_chunk::<BLOCK>() else { return false };
    let Some(told) = octal(&block[148..156]).filter(|told| *told > 0) else { return false };
    let of_field = 8 * u64::from(b' ');
    let rest = || block[..148].iter().chain(&block[156..]);
    let unsigned = rest().map(|byte| u64::from(*byte)).sum::<u64>() + of_field;
    let signed = rest().map(|byte| i64::from(byte.cast_signed())).sum::<i64>() + of_field.cast_signed();
    told == unsigned || told.cast_signed() == signed
}

pub(super) fn open(
    source: &mut Source<'_>,
    kind: &'static str,
    out: &mut Out<'_>,
) -> Result<Option<Gap>, Stop> {
    let mut ended = false;
    let mut damaged = false;
    let mut said = Said::default();
    loop {
        let mut block = [0; BLOCK];
        let had = match fill(source, &mut block) {
            Ok(had) => had,
            Err(_) => return Ok(Some(Gap::Damaged(kind))),
        };
        if had < BLOCK {
            let is_more = ended && block[..had].iter().any(|byte| *byte != 0);
            return Ok(match (damaged || is_more, ended) {
                (true, _) => Some(Gap::Damaged(kind)),
                (false, true) => None,
                (false, false) => Some(Gap::Truncated(kind)),
            });
        }
        if block == [0; BLOCK] {
            ended = true;
            continue;
        }
        if !is_header(&block) {
            damaged = true;
            continue;
        }
        ended = false;
        let size = size(&block);
        match block[156] {
            b'L' => said.name = Some(text(source, size)),
            b'x' | b'X' => said.read(&text(source, size)),
            b'K' | b'g' | b'V' => skip(source, size),
            // Links, devices and folders: what they say of a size, no data follow.
            b'1'..=b'6' => said = Said::default(),
            type_flag => {
                let Said { name: path, size: told, sparse } = std::mem::take(&mut said);
                let size = told.unwrap_or(size);
                let stored = path.unwrap_or_else(|| name(&block));
                if size == 0 && stored.ends_with(b"/") || type_flag == b'D' {
                    skip(source, size);
                    continue;
                }
                let name = PartName::of_bytes(&stored);
                if sparse || type_flag == b'S' {
                    out.unopened(&name, Gap::NoDecoder(SPARSE))?;
                    if type_flag == b'S' {
                        skip_maps(source, &block);
                    }
                    skip(source, size);
                    continue;
                }
                file(source, &name, size, kind, out)?;
            }
        }
    }
}

fn file(
    source: &mut Source<'_>,
    name: &PartName,
    size: u64,
    kind: &'static str,
    out: &mut Out<'_>,
) -> Result<(), Stop> {
    out.begin(name)?;
    let start = source.at();
    let gap = out.pour(&mut source.by_ref().take(size), kind)?;
    let had = source.at() - start;
    let cut = gap.is_none() && had < size;
    out.end(if cut { Some(Gap::Truncated(kind)) } else { gap })?;
    skip_to(source, start.saturating_add(padded(size)));
    Ok(())
}

/// What the records in front of a header say of the file behind it.
#[derive(Default)]
struct Said {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    sparse: bool,
}

impl Said {
    /// pax: `LEN KEY=VALUE` and a line end, LEN being that of all of it.
    fn read(&mut self, mut records: &[u8]) {
        while let Some(space) = records.iter().position(|byte| *byte == b' ') {
            let len = str::from_utf8(&records[..space]).ok().and_then(|len| len.parse::<usize>().ok());
            let Some(record) = len.and_then(|len| records.get(space + 1..len)) else { return };
            records = &records[space + 1 + record.len()..];
            let Some(equals) = record.iter().position(|byte| *byte == b'=') else { return };
            let (key, value) = (&record[..equals], record[equals + 1..].trim_ascii_end());
            match key {
                b"path" => self.name = Some(value.to_vec()),
                b"GNU.sparse.name" => {
                    self.name = Some(value.to_vec());
                    self.sparse = true;
                }
                b"size" => self.size = str::from_utf8(value).ok().and_then(|size| size.parse().ok()),
                key => self.sparse |= key.starts_with(b"GNU.sparse."),
            }
        }
    }
}

/// The name of the old kind: a prefix, where ustar has one, and up to a hundred bytes.
fn name(block: &[u8; BLOCK]) -> Vec<u8> {
    let up_to_nul = |bytes: &[u8]| bytes.split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
    let prefix = if block[257..].starts_with(b"ustar\0") { up_to_nul(&block[345..500]) } else { Vec::new() };
    let name = up_to_nul(&block[..100]);
    if prefix.is_empty() { name } else { [prefix, name].join(&b'/') }
}

/// Eleven octal digits, or a binary number of eight bytes.
fn size(block: &[u8; BLOCK]) -> u64 {
    match block[124] {
        0x80 => block[128..136].iter().fold(0, |size, byte| size << 8 | u64::from(*byte)),
        _ => octal(&block[124..136]).unwrap_or(0),
    }
}

fn octal(field: &[u8]) -> Option<u64> {
    let text = str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
    if text.is_empty() { Some(0) } else { u64::from_str_radix(text, 8).ok() }
}

/// The data of a long name or of records, as much as is looked at.
fn text(source: &mut Source<'_>, size: u64) -> Vec<u8> {
    let start = source.at();
    let mut text = Vec::new();
    // What cannot be read shows at the next header.
    let _ = source.by_ref().take(size.min(NAME_BYTES)).read_to_end(&mut text);
    skip_to(source, start.saturating_add(padded(size)));
    let end = text.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    text.truncate(end);
    text
}

fn skip(source: &mut Source<'_>, size: u64) {
    skip_to(source, source.at().saturating_add(padded(size)));
}

fn skip_to(source: &mut Source<'_>, to: u64) {
    // Behind the end there is nothing, which the next header shows.
    let _ = source.go(to.min(source.len()));
}

/// The maps of the old GNU kind that did not fit into the header: each block says whether another follows.
fn skip_maps(source: &mut Source<'_>, header: &[u8; BLOCK]) {
    let mut more = header[482] != 0;
    while more {
        let mut map = [0; BLOCK];
        more = matches!(fill(source, &mut map), Ok(BLOCK)) && map[504] != 0;
    }
}

fn padded(size: u64) -> u64 {
    size.div_ceil(BLOCK as u64).saturating_mul(BLOCK as u64)
}

/// As many bytes as there are.
fn fill(source: &mut Source<'_>, block: &mut [u8; BLOCK]) -> io::Result<usize> {
    let mut had = 0;
    while had < BLOCK {
        match source.read(&mut block[had..])? {
            0 => break,
            len => had += len,
        }
    }
    Ok(had)
}
