//! Where a TIFF, of 32 or 64 bits, keeps its pages; and how to have a decoder read one page as if it were the first.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use tiff::tags::Tag;

/// The list of fields of one page.
pub(super) struct Directory<'a> {
    bytes: &'a [u8],
    /// Where the list starts in the file.
    pub(super) at: usize,
    /// Where its fields start.
    start: usize,
    fields: usize,
}

impl<'a> Directory<'a> {
    pub(super) fn first(bytes: &'a [u8]) -> Option<Self> {
        let (at, width) = offset(bytes);
        Self::of(bytes, number(bytes, at, width)?)
    }

    /// The list that starts `at` bytes into the file.
    pub(super) fn of(bytes: &'a [u8], at: usize) -> Option<Self> {
        let count = if is_big(bytes) { 8 } else { 2 };
        let fields = number(bytes, at, count)?;
        Some(Self { bytes, at, start: at + count, fields })
    }

    /// Where the next directory is; `None` if this one is the last.
    pub(super) fn next(&self) -> Option<usize> {
        number(self.bytes, self.end()?, offset(self.bytes).1).filter(|at| *at != 0)
    }

    /// Where it is said where the next one is.
    fn end(&self) -> Option<usize> {
        self.fields.checked_mul(self.field_bytes())?.checked_add(self.start)
    }

    /// Width times height, as far as they are said.
    pub(super) fn pixels(&self) -> Option<u64> {
        (self.number(Tag::ImageWidth)? as u64).checked_mul(self.number(Tag::ImageLength)? as u64)
    }

    /// The number of a field, or the first of two short ones; `None` if it has none in itself.
    pub(super) fn number(&self, tag: Tag) -> Option<usize> {
        let at = self.value(tag)?;
        let kind = number(self.bytes, at - if is_big(self.bytes) { 10 } else { 6 }, 2)?;
        // Of 16, 32 or 64 bits.
        number(self.bytes, at, [2, 4, 8][[3, 4, 16].iter().position(|known| *known == kind)?])
    }

    /// The two short numbers of a field.
    pub(super) fn pair(&self, tag: Tag) -> Option<[usize; 2]> {
        let at = self.value(tag)?;
        Some([number(self.bytes, at, 2)?, number(self.bytes, at + 2, 2)?])
    }

    /// Has `page` read a field as this one number; false if there is no such field.
    pub(super) fn set(&self, page: &mut Page<'a>, tag: Tag, value: u32) -> bool {
        const LONG: u64 = 4;
        let Some(at) = self.value(tag) else { return false };
        let count = offset(self.bytes).1;
        page.change(at - count - 2, LONG, 2);
        page.change(at - count, 1, count);
        page.change(at, value.into(), 4);
        true
    }

    /// What the samples are, and where that is said.
    pub(super) fn photometric(&self) -> Option<(usize, u16)> {
        let at = self.value(Tag::PhotometricInterpretation)?;
        Some((at, number(self.bytes, at, 2)? as u16))
    }

    /// True if the first channel beside the colours is an alpha by which they were multiplied.
    pub(super) fn is_multiplied(&self) -> bool {
        const ASSOCIATED: usize = 1;
        let first = || {
            let at = self.value(Tag::ExtraSamples)?;
            let width = offset(self.bytes).1;
            let count = number(self.bytes, at - width, width)?;
            // Numbers of 16 bits, which stand elsewhere if they have no room here.
            let at = if count > width / 2 { number(self.bytes, at, width)? } else { at };
            number(self.bytes, at, 2)
        };
        first() == Some(ASSOCIATED)
    }

    /// Where the value of a field is.
    fn value(&self, tag: Tag) -> Option<usize> {
        let tag = usize::from(tag.to_u16());
        let width = self.field_bytes();
        // No more fields than there are bytes.
        let fields = self.fields.min(self.bytes.len() / width);
        let at = (0..fields)
            .map(|field| self.start + width * field)
            .find(|at| number(self.bytes, *at, 2) == Some(tag))?;
        Some(at + if is_big(self.bytes) { 12 } else { 8 })
    }

    fn field_bytes(&self) -> usize {
        if is_big(self.bytes) { 20 } else { 12 }
    }
}

fn is_big(bytes: &[u8]) -> bool {
    bytes.get(2..4).is_some_and(|version| version.contains(&43))
}

/// Where the header says where the first directory is, and in how many bytes.
fn offset(bytes: &[u8]) -> (usize, usize) {
    if is_big(bytes) { (8, 8) } else { (4, 4) }
}

fn number(bytes: &[u8], at: usize, len: usize) -> Option<usize> {
    let field = bytes.get(at..at.checked_add(len)?)?;
    let fold = |sum: usize, byte: &u8| sum << 8 | usize::from(*byte);
    Some(if bytes[0] == b'I' { field.iter().rev().fold(0, fold) } else { field.iter().fold(0, fold) })
}

/// A file with another page as its first, and perhaps another kind of samples.
pub(super) struct Page<'a> {
    file: Cursor<&'a [u8]>,
    /// Where bytes are to be read as others.
    changes: Vec<(u64, Vec<u8>)>,
}

impl<'a> Page<'a> {
    pub(super) fn new(directory: &Directory<'a>) -> Self {
        let mut page = Self { file: Cursor::new(directory.bytes), changes: Vec::new() };
        let (at, width) = offset(directory.bytes);
        page.change(at, directory.at as u64, width);
        // Nothing follows: the decoder looks ahead, and gives up where pages follow one another in a circle.
        if let Some(end) = directory.end().filter(|end| *end < directory.bytes.len()) {
            page.change(end, 0, width);
        }
        page
    }

    /// Reads the number of `width` bytes at `at` as `value`.
    pub(super) fn change(&mut self, at: usize, value: u64, width: usize) {
        let bytes = if self.file.get_ref().starts_with(b"I") {
            value.to_le_bytes()[..width].to_vec()
        } else {
            value.to_be_bytes()[8 - width..].to_vec()
        };
        self.changes.push((at as u64, bytes));
    }
}

impl Read for Page<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let start = self.file.position();
        let len = self.file.read(out)?;
        for (at, bytes) in &self.changes {
            for (place, byte) in (*at..).zip(bytes) {
                if let Some(inside) = place.checked_sub(start).filter(|inside| *inside < len as u64) {
                    out[inside as usize] = *byte;
                }
            }
        }
        Ok(len)
    }
}

impl Seek for Page<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_with_its_changes_wherever_a_read_begins() {
        let bytes = b"II*\0\x08\0\0\0\x00\0\x08\0\0\0rest";
        let mut page = Page::new(&Directory::of(bytes, 8).unwrap());
        page.change(12, 0x0102, 2);
        let mut whole = bytes.to_vec();
        whole[10..14].fill(0);
        whole[12..14].copy_from_slice(&[2, 1]);
        for start in 0..bytes.len() {
            for len in 1..bytes.len() - start {
                let mut out = vec![0; len];
                page.seek(SeekFrom::Start(start as u64)).unwrap();
                page.read_exact(&mut out).unwrap();
                assert_eq!(out, whole[start..start + len]);
            }
        }
    }

    #[test]
    fn directories_of_64_bits_are_followed_and_impossible_ones_are_none() {
        let mut bytes = b"MM\0+\0\x08\0\0\0\0\0\0\0\0\0\x10".to_vec();
        bytes.extend([0, 0, 0, 0, 0, 0, 0, 2]);
        bytes.extend(b"\x01\x00\0\x04\0\0\0\0\0\0\0\x01\0\0\0\x07\0\0\0\0");
        bytes.extend(b"\x01\x01\0\x03\0\0\0\0\0\0\0\x01\0\x03\0\0\0\0\0\0");
        bytes.extend([0, 0, 0, 0, 0, 0, 0, 16]);
        let first = Directory::first(&bytes).unwrap();
        assert_eq!((first.at, first.pixels(), first.next()), (16, Some(21), Some(16)));
        for end in 0..bytes.len() - 8 {
            let cut = Directory::first(&bytes[..end]);
            assert!(cut.is_none_or(|directory| directory.next().is_none()), "cut at {end}");
        }
        bytes[16..24].fill(0xff);
        assert_eq!(Directory::first(&bytes).unwrap().next(), None);
    }
}
