//! Microsoft's compound file ([MS-CFB]): storages and streams, as in a file system of its own.
//!
//! Each stream is a part. What is special about Office documents and messages of Outlook is told apart by the streams
//! they have. Streams that no storage leads to, such as deleted ones, are parts as well.

use std::io::{self, ErrorKind, Read};

use super::out::{Out, Stop};
use super::source::Source;
use super::{Gap, PartName, ole_pictures, outlook};
use crate::media::gap::Bound;

/// The tables of a compound file: which sector follows which, and what the streams are.
pub(super) struct Compound {
    fat: Vec<u32>,
    mini_fat: Vec<u32>,
    /// Where the sectors lie in which the small streams are.
    mini_places: Vec<u64>,
    shift: u32,
    pub(super) entries: Vec<Entry>,
    /// True if there are more entries than are looked at.
    more: bool,
}

pub(super) struct Entry {
    pub(super) name: String,
    pub(super) kind: EntryKind,
    /// The storage it is in; `None` if nothing leads to it.
    pub(super) parent: Option<u32>,
    links: [u32; 3],
    start: u32,
    pub(super) len: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryKind {
    Storage,
    Stream,
    Root,
    Nothing,
}

const ROOT: u32 = 0;
/// From here on numbers of sectors mean something else: the end of a chain, a free sector.
const LAST_SECTOR: u32 = 0xffff_fff9;
const ENTRY_BYTES: usize = 128;
/// Streams below this length lie in the small sectors, of this many bits.
const MINI_CUTOFF: u64 = 4_096;
const MINI_SHIFT: u32 = 6;
/// Most storages within each other that a name tells.
const MOST_DEEP: usize = 32;

pub(super) fn open(
    source: &mut Source<'_>,
    kind: &'static str,
    out: &mut Out<'_>,
) -> Result<Option<Gap>, Stop> {
    let file = match Compound::read(source, out.bounds().memory_bytes) {
        Ok(file) => file,
        Err(error) => return Ok(Some(out.fault(&error, kind))),
    };
    let gap = if file.child(ROOT, "__properties_version1.0").is_some() {
        outlook::open(&file, source, kind, out)?
    } else {
        ole_pictures::open(&file, source, kind, out)?
    };
    let more = file.more.then_some(Gap::Bound(Bound::Memory, out.bounds().memory_bytes));
    Ok(gap.or(more))
}

impl Compound {
    fn read(source: &mut Source<'_>, memory: u64) -> io::Result<Self> {
        let (head, had) = source.peek::<512>(0)?;
        if had < 512 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let shift = u32::from(u16::from_le_bytes([head[30], head[31]]));
        if shift != 9 && shift != 12 {
            return Err(ErrorKind::InvalidData.into());
        }
        let mut file = Self {
            fat: Vec::new(),
            mini_fat: Vec::new(),
            mini_places: Vec::new(),
            shift,
            entries: Vec::new(),
            more: false,
        };
        file.read_fat(source, &head, memory)?;
        file.read_entries(source, word(&head, 48), memory)?;
        let (mini, mut bytes) = (word(&head, 60), Vec::new());
        // A table that is cut short serves for what it has.
        let _ = file.chain(source, mini, u64::MAX).take(memory / 4).read_to_end(&mut bytes);
        file.mini_fat = words(&bytes);
        let root = file.entries.first().ok_or(ErrorKind::InvalidData)?;
        let most = root.len.div_ceil(1 << shift);
        let mut sector = root.start;
        while (sector as usize) < file.fat.len()
            && (file.mini_places.len() as u64) < most.min(file.fat.len() as u64)
        {
            file.mini_places.push(file.place(sector));
            sector = file.fat[sector as usize];
        }
        file.find_parents();
        Ok(file)
    }

    /// The table of sectors, whose own sectors are listed in the header and, for large files, in more sectors.
    fn read_fat(&mut self, source: &mut Source<'_>, head: &[u8; 512], memory: u64) -> io::Result<()> {
        let per_sector = (1_usize << self.shift) / 4;
        // No more than one entry for each sector there can be, whatever is claimed.
        let sectors = (source.len() >> self.shift) as usize;
        if sectors as u64 * 8 > memory {
            return Err(ErrorKind::OutOfMemory.into());
        }
        let most = sectors.div_ceil(per_sector) + 1;
        let mut listed = words(&head[76..]);
        let mut next = word(head, 68);
        let mut steps = 0;
        while next < LAST_SECTOR && listed.len() < most && steps < most {
            let mut list = self.sector(source, next)?;
            next = list.pop().unwrap_or(u32::MAX);
            listed.append(&mut list);
            steps += 1;
        }
        for sector in listed.into_iter().filter(|sector| *sector < LAST_SECTOR).take(most) {
            match self.sector(source, sector) {
                Ok(mut part) => self.fat.append(&mut part),
                // The file is cut short; what is left may be enough.
                Err(_) => break,
            }
        }
        Ok(())
    }

    fn sector(&self, source: &mut Source<'_>, sector: u32) -> io::Result<Vec<u32>> {
        let mut bytes = vec![0; 1 << self.shift];
        source.go(self.place(sector))?;
        source.read_exact(&mut bytes)?;
        Ok(words(&bytes))
    }

    fn place(&self, sector: u32) -> u64 {
        (u64::from(sector) + 1) << self.shift
    }

    fn read_entries(&mut self, source: &mut Source<'_>, start: u32, memory: u64) -> io::Result<()> {
        let most = memory / (2 * ENTRY_BYTES as u64);
        let mut entries = Vec::new();
        let mut chain = self.chain(source, start, u64::MAX);
        let mut bytes = [0; ENTRY_BYTES];
        let mut more = false;
        while chain.read_exact(&mut bytes).is_ok() {
            if entries.len() as u64 >= most {
                more = true;
                break;
            }
            entries.push(Entry::of(&bytes));
        }
        (self.entries, self.more) = (entries, more);
        Ok(())
    }

    /// Follows the trees of names: each storage has one, of left and right links.
    fn find_parents(&mut self) {
        let mut seen = vec![false; self.entries.len()];
        let Some(first) = self.entries.first().map(|root| root.links[2]) else { return };
        seen[0] = true;
        let mut stack = vec![(first, ROOT)];
        while let Some((at, parent)) = stack.pop() {
            let Some(entry) = self.entries.get_mut(at as usize) else { continue };
            if std::mem::replace(&mut seen[at as usize], true) {
                continue;
            }
            entry.parent = Some(parent);
            let [left, right, child] = entry.links;
            stack.extend([(left, parent), (right, parent)]);
            if entry.kind == EntryKind::Storage {
                stack.push((child, at));
            }
        }
    }

    /// The number of the entry of this name in a storage. Reads all entries.
    pub(super) fn child(&self, parent: u32, name: &str) -> Option<u32> {
        let is = |entry: &Entry| entry.parent == Some(parent) && entry.name == name;
        self.entries.iter().position(is).map(|at| at as u32)
    }

    /// The streams, in the order of the directory.
    pub(super) fn streams(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.kind == EntryKind::Stream)
    }

    /// The names of the storages around an entry, the innermost first.
    pub(super) fn around<'a>(&'a self, entry: &'a Entry) -> impl Iterator<Item = (u32, &'a Entry)> {
        let up = |at: u32| (at != ROOT).then(|| (at, &self.entries[at as usize]));
        let first = entry.parent.and_then(up);
        std::iter::successors(first, move |(_, entry)| entry.parent.and_then(up)).take(MOST_DEEP)
    }

    /// Its name with those of the storages around it.
    pub(super) fn path(&self, entry: &Entry) -> String {
        let mut names: Vec<_> = self.around(entry).map(|(_, entry)| entry.name.as_str()).collect();
        names.reverse();
        names.push(&entry.name);
        names.join("/")
    }

    /// The bytes of a stream.
    pub(super) fn stream<'a, 'b>(&'a self, source: &'a mut Source<'b>, entry: &Entry) -> Chain<'a, 'b> {
        if entry.len < MINI_CUTOFF {
            let places = Places::Mini(&self.mini_places, self.shift);
            return Chain::new(source, &self.mini_fat, MINI_SHIFT, places, entry.start, entry.len);
        }
        self.chain(source, entry.start, entry.len)
    }

    fn chain<'a, 'b>(&'a self, source: &'a mut Source<'b>, start: u32, len: u64) -> Chain<'a, 'b> {
        Chain::new(source, &self.fat, self.shift, Places::Plain, start, len)
    }

    /// As many of the first bytes of a stream as there are.
    pub(super) fn head(&self, source: &mut Source<'_>, entry: &Entry, most: u64) -> Vec<u8> {
        let mut head = Vec::new();
        // What cannot be read is missing at the end.
        let _ = self.stream(source, entry).take(most).read_to_end(&mut head);
        head
    }

    /// Hands out a stream as it is.
    pub(super) fn hand_out(
        &self,
        source: &mut Source<'_>,
        entry: &Entry,
        name: &PartName,
        kind: &'static str,
        out: &mut Out<'_>,
    ) -> Result<(), Stop> {
        out.part(name, &mut self.stream(source, entry), kind)
    }
}

impl Entry {
    fn of(bytes: &[u8; ENTRY_BYTES]) -> Self {
        let len = usize::from(u16::from_le_bytes([bytes[64], bytes[65]]));
        // The length counts the NUL at the end.
        let units =
            bytes[..len.saturating_sub(2).min(62)].as_chunks().0.iter().map(|pair| u16::from_le_bytes(*pair));
        let name = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        let kind = match bytes[66] {
            1 => EntryKind::Storage,
            2 => EntryKind::Stream,
            5 => EntryKind::Root,
            _ => EntryKind::Nothing,
        };
        Self {
            name,
            kind,
            parent: None,
            links: [word(bytes, 68), word(bytes, 72), word(bytes, 76)],
            start: word(bytes, 116),
            len: u64::from(word(bytes, 120)) | u64::from(word(bytes, 124)) << 32,
        }
    }
}

/// A stream's sectors, followed one by one. One that leads nowhere, or around, is cut short.
pub(super) struct Chain<'a, 'b> {
    source: &'a mut Source<'b>,
    table: &'a [u32],
    shift: u32,
    places: Places<'a>,
    sector: u32,
    /// Bytes of the sector that were read.
    within: u64,
    left: u64,
    steps: usize,
    /// The length is unknown: the chain ends where it ends.
    open_ended: bool,
}

enum Places<'a> {
    Plain,
    /// Where the sectors of the stream are that holds the small ones, and their bits.
    Mini(&'a [u64], u32),
}

impl<'a, 'b> Chain<'a, 'b> {
    fn new(
        source: &'a mut Source<'b>,
        table: &'a [u32],
        shift: u32,
        places: Places<'a>,
        sector: u32,
        len: u64,
    ) -> Self {
        let open_ended = len == u64::MAX;
        Self { source, table, shift, places, sector, within: 0, left: len, steps: 0, open_ended }
    }

    fn place(&self) -> Option<u64> {
        match self.places {
            Places::Plain => Some((u64::from(self.sector) + 1) << self.shift),
            Places::Mini(places, shift) => {
                let at = u64::from(self.sector) << self.shift;
                places.get((at >> shift) as usize).map(|place| place + at % (1 << shift))
            }
        }
    }
}

impl Read for Chain<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.within == 1 << self.shift {
            self.sector = self.table.get(self.sector as usize).copied().unwrap_or(u32::MAX);
            self.within = 0;
            self.steps += 1;
        }
        if self.left == 0 || out.is_empty() {
            return Ok(0);
        }
        let valid = (self.sector as usize) < self.table.len() && self.steps < self.table.len();
        let Some(place) = self.place().filter(|_| valid) else {
            return if self.open_ended { Ok(0) } else { Err(ErrorKind::UnexpectedEof.into()) };
        };
        let len = (out.len() as u64).min((1 << self.shift) - self.within).min(self.left);
        self.source.go(place + self.within)?;
        let had = self.source.read(&mut out[..len as usize])?;
        if had == 0 && !self.open_ended {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.within += had as u64;
        self.left -= had as u64;
        Ok(had)
    }
}

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect()
}

/// A number of four bytes, low byte first.
pub(super) fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
