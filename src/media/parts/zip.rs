//! ZIP: members in the order of the central directory, or as their own headers come where there is none.
//!
//! The directory is walked entry by entry and never held, so its size costs no memory; names may come twice, and
//! members may lie within each other. Layout: PKWARE's APPNOTE 6.3.10.

use std::io::{self, Read};

use memchr::memmem;

use super::out::{Out, Stop};
use super::source::Source;
use super::zip_member::{self, Member, number};
use super::{Gap, PartName};

const LOCAL: u32 = 0x0403_4b50;
const ENTRY: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const LOCATOR_64: u32 = 0x0706_4b50;
const DESCRIPTOR: u32 = 0x0807_4b50;

/// Bytes of an entry of the directory before its name, and of a member's own header.
const ENTRY_BYTES: usize = 46;
const LOCAL_BYTES: usize = 30;

/// Entries that are held at a time.
const AT_ONCE: usize = 256;

/// Where the directory lies, and by how much all offsets are off for what was put in front of the archive.
struct Directory {
    at: u64,
    end: u64,
    shift: u64,
}

pub(super) fn open(
    source: &mut Source<'_>,
    kind: &'static str,
    out: &mut Out<'_>,
) -> Result<Option<Gap>, Stop> {
    let walk = &mut Walk { source, kind, out };
    let Ok(Some(directory)) = walk.directory() else {
        let members = walk.scan(0)?;
        return Ok(Some(if members > 0 { Gap::Truncated(kind) } else { Gap::Damaged(kind) }));
    };
    walk.follow(&directory)
}

struct Walk<'a, 'b, 'c> {
    source: &'a mut Source<'b>,
    kind: &'static str,
    out: &'a mut Out<'c>,
}

impl Walk<'_, '_, '_> {
    /// Finds the directory by the record at the end of the file; `None` if no record leads to an entry.
    fn directory(&mut self) -> io::Result<Option<Directory>> {
        const END_BYTES: u64 = 22;
        let len = self.source.len();
        let from = len.saturating_sub(END_BYTES + u64::from(u16::MAX));
        self.source.go(from)?;
        let mut tail = Vec::new();
        self.source.take(len - from).read_to_end(&mut tail)?;
        for at in memmem::rfind_iter(&tail, &END.to_le_bytes()) {
            let Some(record) = tail[at..].first_chunk::<{ END_BYTES as usize }>() else { continue };
            let size = u64::from(number::<4>(record, 12));
            let offset = u64::from(number::<4>(record, 16));
            let end = from + at as u64;
            let of_64 = self.directory_64(end)?;
            if size == 0 && of_64.is_none() {
                return Ok(Some(Directory { at: end, end, shift: 0 }));
            }
            let (end, size, offset) = of_64.unwrap_or((end, size, offset));
            // Behind what was put in front, the directory ends where its record begins; else it is where it says.
            for at in [end.checked_sub(size), Some(offset)].into_iter().flatten() {
                if at < end
                    && matches!(self.source.peek::<4>(at)?, (head, 4) if number::<4>(&head, 0) == ENTRY)
                {
                    return Ok(Some(Directory { at, end, shift: at.saturating_sub(offset) }));
                }
            }
        }
        Ok(None)
    }

    /// End, size and offset from the record of the 64-bit form, which a locator before `end` points to.
    fn directory_64(&mut self, end: u64) -> io::Result<Option<(u64, u64, u64)>> {
        let Some(at) = end.checked_sub(20) else { return Ok(None) };
        let (locator, had) = self.source.peek::<20>(at)?;
        if had < 20 || number::<4>(&locator, 0) != LOCATOR_64 {
            return Ok(None);
        }
        // It lies just before the locator, unless it has been extended.
        for at in [at.checked_sub(56), Some(long(&locator, 8))].into_iter().flatten() {
            let (record, had) = self.source.peek::<56>(at)?;
            if had == 56 && number::<4>(&record, 0) == END_64 {
                return Ok(Some((at, long(&record, 40), long(&record, 48))));
            }
        }
        Ok(None)
    }

    fn follow(&mut self, directory: &Directory) -> Result<Option<Gap>, Stop> {
        let mut at = directory.at;
        let mut reached = 0;
        let mut broken = false;
        while at < directory.end && !broken {
            // Some entries at a time: directory and members lie far from each other.
            let mut members = Vec::new();
            while at < directory.end && members.len() < AT_ONCE && !broken {
                match self.entry(at) {
                    Ok(Some((member, next))) => {
                        at = next;
                        members.push(member);
                    }
                    _ => broken = true,
                }
            }
            for member in members.into_iter().filter(|member| !member.is_no_file()) {
                match self.data_at(member.local.saturating_add(directory.shift)) {
                    Some(data) => {
                        self.hand_out(&member, data)?;
                        reached = reached.max(data.saturating_add(member.packed));
                    }
                    None => self.out.unopened(&member.name, Gap::Damaged(self.kind))?,
                }
            }
        }
        // A signature of the directory is no entry, and the last thing in it.
        let signature = |(head, had): ([u8; 4], usize)| had == 4 && head == *b"PK\x05\x05";
        if !broken || at > directory.at && self.source.peek(at).is_ok_and(signature) {
            return Ok(None);
        }
        self.scan(reached)?;
        Ok(Some(Gap::Damaged(self.kind)))
    }

    /// The entry at `at`, and where the next one is.
    fn entry(&mut self, at: u64) -> io::Result<Option<(Member, u64)>> {
        let (head, had) = self.source.peek::<ENTRY_BYTES>(at)?;
        if had < ENTRY_BYTES || number::<4>(&head, 0) != ENTRY {
            return Ok(None);
        }
        let lengths = [number::<2>(&head, 28), number::<2>(&head, 30), number::<2>(&head, 32)];
        let name = self.vec(lengths[0])?;
        let extra = self.vec(lengths[1])?;
        let next = at + ENTRY_BYTES as u64 + lengths.iter().map(|len| u64::from(*len)).sum::<u64>();
        Ok(Some((Member::of_entry(&head, &name, &extra), next)))
    }

    /// Where the data of the member begin whose own header is at `at`.
    fn data_at(&mut self, at: u64) -> Option<u64> {
        let (head, had) = self.source.peek::<LOCAL_BYTES>(at).ok()?;
        let lengths = u64::from(number::<2>(&head, 26)) + u64::from(number::<2>(&head, 28));
        (had == LOCAL_BYTES && number::<4>(&head, 0) == LOCAL).then(|| at + LOCAL_BYTES as u64 + lengths)
    }

    /// Exactly so many bytes from here.
    fn vec(&mut self, len: u32) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; len as usize];
        self.source.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn hand_out(&mut self, member: &Member, data: u64) -> Result<(), Stop> {
        if member.is_encrypted() {
            return self.out.unopened(&member.name, Gap::Encrypted);
        }
        self.out.begin(&member.name)?;
        let gap = match self.source.go(data) {
            Ok(()) => zip_member::unpack(member, &mut self.source.take(member.packed), self.kind, self.out)?,
            Err(_) => Some(Gap::Damaged(self.kind)),
        };
        self.out.end(gap)
    }

    /// Hands out all members from `at` on that have a header of their own, and counts them. Every byte is searched or
    /// unpacked once.
    fn scan(&mut self, mut at: u64) -> Result<u64, Stop> {
        let mut members = 0;
        while let Ok(Some(found)) = self.find(at, &[LOCAL]) {
            at = found + 4;
            let Ok((member, data)) = self.local(found) else { continue };
            members += 1;
            let end = data.saturating_add(member.packed);
            if member.is_no_file() {
                at = data;
            } else if member.is_streamed() {
                at = self.hand_out_streamed(&member, data)?;
            } else {
                self.hand_out(&member, data)?;
                // A size that leads nowhere may be a lie; the data were read, and are not searched again.
                at = if end <= self.source.len() { end } else { self.source.at().max(data) };
            }
        }
        Ok(members)
    }

    /// The member whose own header is at `at`, and where its data begin.
    fn local(&mut self, at: u64) -> io::Result<(Member, u64)> {
        let (head, _) = self.source.peek::<LOCAL_BYTES>(at)?;
        let name = self.vec(number::<2>(&head, 26))?;
        let extra = self.vec(number::<2>(&head, 28))?;
        let member = Member::of_local(&head, &name, &extra);
        Ok((member, self.source.at()))
    }

    /// A member whose length only follows its data: up to where its stream ends by itself, or else to the next mark.
    /// The answer is where to search on.
    fn hand_out_streamed(&mut self, member: &Member, data: u64) -> Result<u64, Stop> {
        let ends_itself = !member.is_encrypted() && member.ends_itself();
        let marks = [DESCRIPTOR, LOCAL, ENTRY];
        let len = self.source.len();
        let mark = if ends_itself { None } else { self.find(data, &marks).ok().flatten() };
        let end = mark.unwrap_or(len);
        let mut member = member.clone();
        // Without a mark at its end it goes on behind that of the file.
        member.packed = mark.unwrap_or(len + 1).saturating_sub(data);
        self.hand_out(&member, data)?;
        Ok(if ends_itself { self.source.at().max(data) } else { end })
    }

    /// The first place from `at` on where one of `marks` stands.
    fn find(&mut self, at: u64, marks: &[u32]) -> io::Result<Option<u64>> {
        self.source.find(at, b"PK", |bytes| marks.contains(&u32::from_le_bytes(*bytes)))
    }
}

fn long(bytes: &[u8], at: usize) -> u64 {
    u64::from(number::<4>(bytes, at)) | u64::from(number::<4>(bytes, at + 4)) << 32
}

/// The name a member is known by: in its own field for UTF-8 if there is one that belongs to this name.
pub(super) fn member_name(stored: &[u8], utf8: bool, extra: &[u8]) -> PartName {
    let unicode = zip_member::field(extra, 0x7075).filter(|field| {
        let mut crc = flate2::Crc::new();
        crc.update(stored);
        field.len() > 5 && field[0] == 1 && number::<4>(field, 1) == crc.sum()
    });
    match unicode {
        Some(field) => PartName::of_bytes(&field[5..]),
        None if utf8 => PartName::of_bytes(stored),
        None => PartName::of_dos_bytes(stored),
    }
}
