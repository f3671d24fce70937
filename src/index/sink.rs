//! Writes sections one behind the other, with their checksums, and then the table and the header in front of them.

use std::io::{self, Seek, SeekFrom, Write};

use super::format::{ALIGNMENT, ContentId, HEADER_LEN, Header, RECORD_LEN, Record, checksum, cut};

/// Bytes gathered before they are hashed and written.
const BUFFER: usize = 1 << 18;

/// Takes the bytes of one section.
pub(super) struct Sink<'a> {
    out: &'a mut dyn Write,
    buffer: Vec<u8>,
    hasher: blake3::Hasher,
    length: u64,
}

impl Sink<'_> {
    pub(super) fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.buffer.len() + bytes.len() > BUFFER {
            self.flush()?;
        }
        if bytes.len() >= BUFFER {
            return self.pass(bytes);
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    pub(super) fn put_u32s(&mut self, values: impl IntoIterator<Item = u32>) -> io::Result<()> {
        values.into_iter().try_for_each(|value| self.put(&value.to_le_bytes()))
    }

    fn flush(&mut self) -> io::Result<()> {
        let buffer = std::mem::take(&mut self.buffer);
        self.pass(&buffer)?;
        self.buffer = buffer;
        self.buffer.clear();
        Ok(())
    }

    fn pass(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.length += bytes.len() as u64;
        self.out.write_all(bytes)
    }
}

/// Writes the bytes of one section.
pub(super) type Fill<'a> = Box<dyn Fn(&mut Sink<'_>) -> io::Result<()> + 'a>;

/// Writes a whole segment of `entries` entries from `sections`: what a record says beforehand, and what fills it.
///
/// Returns its content id and its length. Offset, length and checksum of each record are found here.
pub(super) fn write_segment(
    out: &mut (impl Write + Seek),
    entries: u32,
    sections: &[(Record, Fill<'_>)],
) -> io::Result<(ContentId, u64)> {
    let table_end = HEADER_LEN + sections.len() * RECORD_LEN;
    out.write_all(&vec![0; table_end])?;
    let mut table = Vec::with_capacity(table_end - HEADER_LEN);
    let mut end = table_end as u64;
    for (record, fill) in sections {
        let offset = end.next_multiple_of(ALIGNMENT);
        out.write_all(&[0; ALIGNMENT as usize][..(offset - end) as usize])?;
        let mut sink = Sink {
            out,
            buffer: Vec::with_capacity(BUFFER.min(record.elements as usize * 8)),
            hasher: blake3::Hasher::new(),
            length: 0,
        };
        fill(&mut sink)?;
        sink.flush()?;
        let (length, checksum) = (sink.length, cut(sink.hasher.finalize()));
        debug_assert_eq!(Some(length), record.elements.checked_mul(u64::from(record.element_size)));
        table.extend_from_slice(&Record { offset, length, checksum, ..*record }.encode());
        end = offset + length;
    }
    let content_id = ContentId(checksum(&table));
    let section_count = sections.len() as u32; // the builder makes a few dozen
    let header = Header { section_count, file_length: end, entry_count: entries, content_id };
    out.seek(SeekFrom::Start(0))?;
    out.write_all(&header.encode())?;
    out.write_all(&table)?;
    out.flush()?;
    Ok((content_id, end))
}
