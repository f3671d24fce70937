//! The coded bits of a scan, without their stuffing, through a window that moves over the file.

/// Bytes of the window; a power of two, so that a masked index needs no check. Stays in the second cache.
const WINDOW: usize = 1 << 16;
/// No unit of a scan takes more: ten blocks of 64 symbols of 16 bits with 11 bits after them.
const UNIT_BYTES: usize = 2560;

/// Coded data from the start of a scan on, up to the marker that ends an interval.
pub(super) struct Stream<'a> {
    data: &'a [u8],
    /// The next byte of `data` that is not in the window yet.
    at: usize,
    window: Box<[u8; WINDOW + 8]>,
    filled: usize,
    /// True once the window holds all bytes before a marker.
    ended: bool,
}

/// Where reading stands, kept apart from the window so that it stays in registers.
#[derive(Clone, Copy)]
pub(super) struct Cursor {
    /// The next bits, the first of them highest. Below `count` bits are more of the stream or zeros.
    pub(super) bits: u64,
    count: u32,
    /// The byte of the window that holds the bit after the `count` ones.
    next: usize,
}

impl<'a> Stream<'a> {
    /// `data` begin with the first coded byte of a scan.
    pub(super) fn new(data: &'a [u8]) -> Option<(Self, Cursor)> {
        let mut stream = Self { data, at: 0, window: Box::new([0; WINDOW + 8]), filled: 0, ended: false };
        stream.fill()?;
        let cursor = stream.cursor(0);
        Some((stream, cursor))
    }

    /// A cursor at a bit of the window.
    fn cursor(&self, bit: usize) -> Cursor {
        let (byte, within) = (bit / 8, bit % 8);
        // Never 64 bits, so that all shifts stay below 64.
        Cursor { bits: self.load(byte) << within, count: 56 - within as u32, next: byte + 7 }
    }

    #[inline(always)]
    fn load(&self, byte: usize) -> u64 {
        let byte = byte & (WINDOW - 1);
        u64::from_be_bytes(self.window[byte..byte + 8].try_into().expect("eight bytes"))
    }

    /// Makes at least 56 bits available. Past the end of the data they are anything: `more` and `end` notice.
    #[inline(always)]
    pub(super) fn refill(&self, cursor: &mut Cursor) {
        cursor.bits |= self.load(cursor.next) >> cursor.count;
        cursor.next += ((63 - cursor.count) >> 3) as usize;
        cursor.count |= 56;
    }

    /// Before each unit: moves the window on if less than a unit may be left in it. `None` if the data have ended.
    #[inline(always)]
    pub(super) fn more(&mut self, cursor: &mut Cursor) -> Option<()> {
        if cursor.next + UNIT_BYTES > self.filled { self.move_on(cursor) } else { Some(()) }
    }

    #[cold]
    fn move_on(&mut self, cursor: &mut Cursor) -> Option<()> {
        let bit = cursor.bit();
        if bit > 8 * self.filled {
            return None;
        }
        if !self.ended {
            self.window.copy_within(bit / 8..self.filled, 0);
            self.filled -= bit / 8;
            self.fill()?;
            *cursor = self.cursor(bit % 8);
        }
        Some(())
    }

    /// Goes back by `len` bits.
    #[cold]
    pub(super) fn back(&self, cursor: &mut Cursor, len: u32) {
        *cursor = self.cursor(cursor.bit() - len as usize);
    }

    /// Takes bytes into the window up to a marker; `None` if the file ends without one.
    fn fill(&mut self) -> Option<()> {
        while self.filled < WINDOW {
            let rest = self.data.get(self.at..)?;
            let room = rest.len().min(WINDOW - self.filled);
            let plain = memchr::memchr(0xff, &rest[..room]);
            let len = plain.unwrap_or(room);
            self.window[self.filled..self.filled + len].copy_from_slice(&rest[..len]);
            self.at += len;
            self.filled += len;
            if plain.is_none() {
                if room == rest.len() {
                    return None;
                }
                continue;
            }
            if *rest.get(len + 1)? != 0 {
                self.ended = true;
                break;
            }
            self.window[self.filled] = 0xff;
            self.at += 2;
            self.filled += 1;
        }
        Some(())
    }

    /// The marker after the last unit of an interval, and what follows it; `None` unless all the data up to it have been
    /// read but the bits that fill the last byte.
    fn end(&mut self, cursor: &mut Cursor) -> Option<(u8, &'a [u8])> {
        self.move_on(cursor)?;
        let left = (8 * self.filled).checked_sub(cursor.bit())?;
        if !self.ended || left >= 8 {
            return None;
        }
        let rest = self.data.get(self.at..)?;
        let fill = rest.iter().position(|byte| *byte != 0xff)?;
        Some((rest[fill], &rest[fill + 1..]))
    }

    /// Goes past restart marker `number`.
    pub(super) fn restart(&mut self, cursor: &mut Cursor, number: usize) -> Option<()> {
        let (marker, after) = self.end(cursor)?;
        if usize::from(marker) != 0xd0 + number % 8 {
            return None;
        }
        self.at = self.data.len() - after.len();
        (self.filled, self.ended) = (0, false);
        self.fill()?;
        *cursor = self.cursor(0);
        Some(())
    }

    /// What follows the scan, from its marker on.
    pub(super) fn finish(mut self, mut cursor: Cursor) -> Option<&'a [u8]> {
        let (marker, _) = self.end(&mut cursor)?;
        if marker == 0 || (0xd0..=0xd7).contains(&marker) { None } else { self.data.get(self.at..) }
    }
}

impl Cursor {
    /// Where it stands in the window.
    fn bit(&self) -> usize {
        8 * self.next - self.count as usize
    }

    /// Takes the next `len` bits, of which only the lowest six bits count: at most 56, less what was taken since the
    /// last refill.
    #[inline(always)]
    pub(super) fn take(&mut self, len: u32) {
        self.bits = self.bits.wrapping_shl(len);
        self.count = self.count.wrapping_sub(len & 63);
    }

    /// The next `len` bits, at most 63, and 0 if there are none to take.
    #[inline(always)]
    pub(super) fn peek(&self, len: u32) -> u64 {
        self.bits >> 1 >> (63 - len)
    }
}

/// What follows coded data that nobody reads, from the marker after them on.
pub(super) fn jump(data: &[u8]) -> Option<&[u8]> {
    memchr::memchr_iter(0xff, data)
        .find(|at| data.get(at + 1).is_some_and(|next| !matches!(next, 0 | 0xd0..=0xd7 | 0xff)))
        .map(|at| &data[at..])
}
