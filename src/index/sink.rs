//! Writes sections one behind the other, with their checksums, and then the table and the header in front of them.

use std::io::{self, Seek, SeekFrom, Write};

use rayon::prelude::*;

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

/// One section or several, and where their bytes come from.
pub(super) struct Part<'a> {
    /// What is known of each beforehand.
    pub(super) records: Vec<Record>,
    pub(super) fill: Fill<'a>,
}

/// Puts a column into the sink of its section.
pub(super) type Put<'a> = Box<dyn Fn(&mut Sink<'_>) -> io::Result<()> + Send + Sync + 'a>;

/// Where the bytes of sections come from.
pub(super) enum Fill<'a> {
    /// From a column that is there, piece by piece, for the one section.
    Put(Put<'a>),
    /// From much work: the bytes of each section, made on other threads while what came before is written.
    Made(Box<dyn Fn() -> Vec<Vec<u8>> + Send + Sync + 'a>),
}

impl Fill<'_> {
    fn make(&self) -> Option<Vec<Vec<u8>>> {
        match self {
            Self::Put(_) => None,
            Self::Made(make) => Some(make()),
        }
    }
}

/// Writes a whole segment of `entries` entries from `parts`.
///
/// Returns its content id and its length. Offset, length and checksum of each record are found here. As many parts as
/// there are threads are made ahead, in memory.
pub(super) fn write_segment(
    out: &mut (impl Write + Seek + Send),
    entries: u32,
    parts: &[Part<'_>],
) -> io::Result<(ContentId, u64)> {
    let sections = parts.iter().map(|part| part.records.len()).sum::<usize>();
    let table_end = HEADER_LEN + sections * RECORD_LEN;
    out.write_all(&vec![0; table_end])?;
    let mut writer = Writer { out, table: Vec::new(), end: table_end as u64 };
    let chunks: Vec<&[Part<'_>]> = parts.chunks(rayon::current_num_threads()).collect();
    let make = |chunk: &[Part<'_>]| -> Vec<_> { chunk.par_iter().map(|part| part.fill.make()).collect() };
    let mut made = chunks.first().map(|chunk| make(chunk)).unwrap_or_default();
    for (at, chunk) in chunks.iter().enumerate() {
        let write = || chunk.iter().zip(made).try_for_each(|(part, made)| writer.write(part, made));
        let ahead = || chunks.get(at + 1).map(|chunk| make(chunk)).unwrap_or_default();
        let (written, next) = rayon::join(write, ahead);
        written?;
        made = next;
    }
    let Writer { table, end, .. } = writer;
    let content_id = ContentId(checksum(&table));
    let section_count = sections as u32; // the builder makes a few dozen
    let header = Header { section_count, file_length: end, entry_count: entries, content_id };
    out.seek(SeekFrom::Start(0))?;
    out.write_all(&header.encode())?;
    out.write_all(&table)?;
    out.flush()?;
    Ok((content_id, end))
}

struct Writer<'a, W> {
    out: &'a mut W,
    table: Vec<u8>,
    end: u64,
}

impl<W: Write> Writer<'_, W> {
    fn write(&mut self, part: &Part<'_>, made: Option<Vec<Vec<u8>>>) -> io::Result<()> {
        for (at, record) in part.records.iter().enumerate() {
            let offset = self.end.next_multiple_of(ALIGNMENT);
            self.out.write_all(&[0; ALIGNMENT as usize][..(offset - self.end) as usize])?;
            let mut sink = Sink {
                out: self.out,
                buffer: Vec::with_capacity(BUFFER.min(record.elements as usize * 8)),
                hasher: blake3::Hasher::new(),
                length: 0,
            };
            match (&part.fill, &made) {
                (Fill::Put(put), _) => put(&mut sink)?,
                (Fill::Made(_), made) => {
                    let bytes = made.iter().flatten().nth(at);
                    sink.put(bytes.map_or(&[], Vec::as_slice))?;
                }
            }
            sink.flush()?;
            let (length, checksum) = (sink.length, cut(sink.hasher.finalize()));
            debug_assert_eq!(Some(length), record.elements.checked_mul(u64::from(record.element_size)));
            self.table.extend_from_slice(&Record { offset, length, checksum, ..*record }.encode());
            self.end = offset + length;
        }
        Ok(())
    }
}
