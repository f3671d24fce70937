//! What a JPEG file holds, by its markers, and how much of its picture the coded data reach.
//!
//! The decoder fills what is missing with grey and says nothing, and a hash of grey matches nothing.

use std::borrow::Cow;

use super::jpeg_colour::{Colour, Signs, adobe_transform};

/// The markers of a file, up to its end-of-image marker.
#[derive(Default)]
pub(super) struct Structure<'a> {
    /// Where the end-of-image marker is missing, so is an unknown part of the picture.
    pub(super) ends: bool,
    /// Scans of coded data; 2 or more mean that the picture comes in layers.
    pub(super) scans: usize,
    progressive: bool,
    signs: Signs,
    /// The names of the components.
    names: Vec<u8>,
    /// Blocks of each component in a unit, across and down.
    sampling: Vec<[u8; 2]>,
    /// The first EXIF before the first scan, as browsers take it.
    pub(super) exif: Option<&'a [u8]>,
    /// True if there is a segment of Adobe's.
    adobe: bool,
    /// Segments since the last scan, and the most of them between two scans.
    since: usize,
    between: usize,
    /// Sequential frame: width, height, and for each component its name and its blocks across and down.
    frame: Option<(usize, usize, Vec<[u8; 3]>)>,
    restart: usize,
    /// The segments of Huffman tables before the first scan.
    tables: Vec<&'a [u8]>,
    /// Header and coded data of the only scan, and the tables as they were.
    scan: Option<(&'a [u8], &'a [u8])>,
}

impl<'a> Structure<'a> {
    /// Walks over the markers of `bytes`.
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        let mut found = Self::default();
        found.ends = walk(bytes, |marker, at, body| found.note(marker, body, &bytes[at + body.len()..]));
        found
    }

    /// What the components of the picture are.
    pub(super) fn colour(&self) -> Colour {
        self.signs.colour(&self.names)
    }

    /// True if some component has blocks by threes.
    pub(super) fn is_in_thirds(&self) -> bool {
        self.sampling.as_flattened().contains(&3)
    }

    /// True if the components of a picture in colour have blocks by threes, or the first one not the most.
    pub(super) fn is_sampled_oddly(&self) -> bool {
        let [[across, down], others @ ..] = &self.sampling[..] else { return false };
        let finer = others.iter().any(|of| of[0] > *across || of[1] > *down);
        finer || (!others.is_empty() && self.is_in_thirds())
    }

    /// `bytes`, whose structure this is, in terms by which the decoder comes to the same colour: it knows nothing of JFIF,
    /// takes the names R, G and B to be above Adobe's segment, and Adobe's segment after the first scan to count.
    pub(super) fn in_plain_terms(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let colour = self.colour();
        let rename = colour == Colour::YCbCr && self.names == *b"RGB";
        let transform = match colour {
            Colour::Rgb | Colour::Cmyk => Some(0),
            Colour::YCbCr => Some(1),
            Colour::Ycck => Some(2),
            Colour::Grey | Colour::Unknown => None,
        };
        let crowded = !self.progressive && self.between > MOST_BETWEEN;
        let mut plain = if crowded { Cow::Owned(without_remarks(bytes)) } else { Cow::Borrowed(bytes) };
        if !rename && !self.adobe {
            return plain;
        }
        let mut changes = Vec::new();
        let mut in_front = true;
        walk(&plain, |marker, at, body| {
            let mut name = |place: usize| {
                if let Some(found) = b"RGB".iter().position(|name| body.get(place) == Some(name)) {
                    changes.push((at + place, found as u8 + 1));
                }
            };
            match marker {
                0xc0..=0xc2 if rename => (6..body.len()).step_by(3).for_each(name),
                0xda if rename => {
                    let count = body.first().map_or(0, |count| usize::from(*count));
                    (0..count).for_each(|component| name(1 + 2 * component));
                }
                0xee if body.starts_with(b"Adobe") => {
                    match (adobe_transform(body), transform.filter(|_| in_front)) {
                        (Some(said), Some(meant)) if said == meant => {}
                        (Some(_), Some(meant)) => changes.push((at + 11, meant)),
                        // By another name it is passed over.
                        _ => changes.push((at, b'a')),
                    }
                }
                _ => {}
            }
            in_front &= marker != 0xda;
        });
        for (at, byte) in changes {
            plain.to_mut()[at] = byte;
        }
        plain
    }

    /// True if the picture comes in layers of ever finer detail.
    pub(super) fn is_progressive(&self) -> bool {
        self.progressive
    }

    fn note(&mut self, marker: u8, body: &'a [u8], after: &'a [u8]) {
        if marker == 0xda {
            self.between = self.between.max(self.since);
        }
        self.since = if marker == 0xda || self.scans == 0 { 0 } else { self.since + 1 };
        if self.scans == 0 {
            self.signs.note(marker, body);
        }
        if let 0xc0..=0xc2 = marker {
            let components = body.get(6..).unwrap_or_default().chunks_exact(3);
            (self.names, self.sampling) = components.map(|of| (of[0], [of[1] >> 4, of[1] & 15])).unzip();
        }
        match marker {
            0xc0 | 0xc1 => {
                let two =
                    |at: usize| Some(usize::from(u16::from_be_bytes([*body.get(at)?, *body.get(at + 1)?])));
                let components = body.get(6..).unwrap_or_default().chunks_exact(3);
                let components = components.map(|of| [of[0], of[1] >> 4, of[1] & 15]).collect();
                self.frame = two(3).zip(two(1)).map(|(width, height)| (width, height, components));
            }
            0xc2 => self.progressive = true,
            0xc4 if self.scans == 0 => self.tables.push(body),
            0xdd if self.scans == 0 => {
                self.restart =
                    body.get(..2).map_or(0, |two| usize::from(u16::from_be_bytes([two[0], two[1]])));
            }
            0xda => {
                self.scans += 1;
                self.scan = (self.scans == 1).then_some((body, after));
            }
            0xe1 if self.scans == 0 => self.exif = self.exif.or_else(|| exif(body)),
            0xee => self.adobe |= body.starts_with(b"Adobe"),
            _ => {}
        }
    }

    /// The Huffman codes, classes 0 and 1 of tables 0 to 3; of two with one name the later.
    fn codes(&self) -> [Option<Code>; 8] {
        let mut codes = [const { None }; 8];
        for mut body in self.tables.iter().copied() {
            while let Some((&[name, ref counts @ ..], rest)) = body.split_first_chunk::<17>() {
                let len = counts.iter().map(|count| usize::from(*count)).sum();
                let Some((symbols, rest)) = rest.split_at_checked(len) else { break };
                if let Some(slot) = codes.get_mut(usize::from(name >> 4 << 2 | name & 3)) {
                    *slot = Some(Code::new(counts, symbols));
                }
                body = rest;
            }
        }
        codes
    }

    /// Units of coded data in a row of the picture, and rows of units.
    fn units(&self) -> Option<(usize, usize)> {
        let (width, height, components) = self.frame.as_ref()?;
        let most = |at: usize| components.iter().map(|component| usize::from(component[at])).max();
        let (across, down) = if components.len() == 1 { (1, 1) } else { (most(1)?, most(2)?) };
        Some((width.div_ceil(8 * across.max(1)), height.div_ceil(8 * down.max(1))))
    }

    /// True if the decoded picture, of `channels` samples a pixel, ends as one does whose data end early: the decoder reads
    /// zeros on and on, so that unit after unit is the same, but for a step in brightness or colour.
    ///
    /// It tells at once of most whole files that they are whole, which [`Structure::is_cut_short`] then need not do.
    pub(super) fn may_be_cut_short(&self, width: usize, channels: usize, samples: &[u8]) -> bool {
        let Some((across, rows)) = self.units() else { return true };
        // What is missing of a 64th of all units lies in the last row of units, as far as it has so many. The first is
        // compared with none, and the second may take colour from what came before the end.
        let Some(missing) = (across * rows / 64).min(across).checked_sub(2) else { return true };
        let step = width.div_ceil(across) * channels;
        let row = samples.len().saturating_sub(width * channels);
        let Some(start) = (row + (width * channels) / step * step).checked_sub(missing * step) else {
            return true;
        };
        (start..samples.len()).step_by(step).all(|at| {
            let unit = &samples[at..samples.len().min(at + step)];
            let before = &samples[at.saturating_sub(step)..];
            (0..channels).all(|channel| is_a_step(unit, before, channel, channels))
        })
    }

    /// True if the picture is kept in coefficients until all its layers have come.
    pub(super) fn is_layered(&self) -> bool {
        let components = self.frame.as_ref().map_or(0, |(.., components)| components.len());
        let first = self.scan.and_then(|(header, _)| header.first()).copied().unwrap_or(0);
        self.progressive || self.scans != 1 || usize::from(first) != components
    }

    /// True if it is certain that more than a 64th of the picture, a row of what is hashed, has no data.
    ///
    /// Walks through the codes of a picture in one scan; anything unusual about them proves nothing.
    pub(super) fn is_cut_short(&self) -> bool {
        !self.is_layered() && self.missing().is_some_and(|(missing, all)| missing * 64 > all)
    }

    /// How many units of how many have no data; `None` if that cannot be told.
    fn missing(&self) -> Option<(usize, usize)> {
        let (.., components) = self.frame.as_ref()?;
        let (header, data) = self.scan?;
        let (across, down) = self.units()?;
        let units = across * down;
        let codes = self.codes();
        // For each block of a unit, its two codes.
        let mut blocks = Vec::new();
        for component in components {
            let named = header.get(1..)?.chunks_exact(2).find(|named| named[0] == component[0])?;
            let code = |at: u8| codes.get(usize::from(at))?.as_ref();
            let pair = (code(named[1] >> 4 & 3)?, code(4 | named[1] & 3)?);
            let count = if components.len() == 1 { 1 } else { component[1] * component[2] };
            blocks.extend((0..count).map(|_| pair));
        }
        let mut bits = Bits { data, at: 0, held: 0, count: 0 };
        for unit in 0..units {
            if self.restart > 0 && unit > 0 && unit % self.restart == 0 && !bits.restart()? {
                return Some((units - unit, units));
            }
            for (first, others) in &blocks {
                if !bits.block(first, others)? {
                    return Some((units - unit, units));
                }
            }
        }
        Some((0, units))
    }
}

/// Segments between two scans that the decoder reads; with more it gives up.
const MOST_BETWEEN: usize = 64;

/// `bytes` without the comments and applications' data behind the first scan, of which none changes the picture.
fn without_remarks(bytes: &[u8]) -> Vec<u8> {
    let (mut kept, mut from, mut scans) = (Vec::with_capacity(bytes.len()), 0, 0);
    walk(bytes, |marker, at, body| {
        // Marker and length before the body go with it, unless the length makes no sense; a filler byte may stay.
        let start = at.saturating_sub(4);
        if scans > 0 && matches!(marker, 0xe0..=0xef | 0xfe) && bytes[start..].starts_with(&[0xff, marker]) {
            kept.extend_from_slice(bytes.get(from..start).unwrap_or_default());
            from = at + body.len();
        }
        scans += usize::from(marker == 0xda);
    });
    kept.extend_from_slice(&bytes[from..]);
    kept
}

/// What a segment holds of EXIF.
pub(super) fn exif(body: &[u8]) -> Option<&[u8]> {
    body.strip_prefix(b"Exif\0\0").filter(|exif| !exif.is_empty())
}

/// Gives the marker of each segment of a file, the place of its body in `bytes` and the body to `each`, and returns whether
/// an end-of-image marker follows them.
fn walk<'a>(bytes: &'a [u8], mut each: impl FnMut(u8, usize, &'a [u8])) -> bool {
    let mut rest = bytes.get(2..).unwrap_or_default();
    loop {
        let Some(start) = memchr::memchr(0xff, rest) else { return false };
        let Some(&marker) = rest.get(start + 1) else { return false };
        rest = &rest[start + 1..];
        match marker {
            0xd9 => return true,
            // A filler byte may itself start a marker.
            0xff => {}
            // A stuffed byte, or a marker without a body.
            0x00 | 0x01 | 0xd0..=0xd8 => rest = &rest[1..],
            // A segment says how long it is; its body may hold a whole thumbnail with an end of its own.
            _ => {
                let Some(&[high, low]) = rest.get(1..3) else { return false };
                let len = usize::from(u16::from_be_bytes([high, low]));
                let Some(after) = rest.get(1 + len..) else { return false };
                let body = rest.get(3..1 + len).unwrap_or_default();
                each(marker, bytes.len() - after.len() - body.len(), body);
                rest = after;
            }
        }
    }
}

/// True if one channel of `unit` is that of `before`, all a little brighter or darker.
fn is_a_step(unit: &[u8], before: &[u8], channel: usize, channels: usize) -> bool {
    // Conversion to RGB rounds, and what is black or white could have gone beyond.
    const ROUNDING: i16 = 6;
    let pairs = unit.iter().zip(before).skip(channel).step_by(channels);
    let steps = pairs.filter(|(now, then)| ![0, 255].contains(*now) && ![0, 255].contains(*then));
    let steps = steps.map(|(now, then)| i16::from(*now) - i16::from(*then));
    let (least, most) =
        steps.fold((i16::MAX, i16::MIN), |(least, most), step| (least.min(step), most.max(step)));
    least > most || most - least <= ROUNDING
}

/// A Huffman code, as a table of what the next 16 bits begin with: length and symbol, length 0 for none.
struct Code(Vec<[u8; 2]>);

impl Code {
    fn new(counts: &[u8], symbols: &[u8]) -> Self {
        let mut table = Vec::with_capacity(1 << 16);
        let lengths = counts.iter().zip(1_u8..).flat_map(|(count, len)| (0..*count).map(move |_| len));
        for (len, symbol) in lengths.zip(symbols) {
            let end = table.len() + (1 << (16 - len));
            table.resize(end.min(1 << 16), [len, *symbol]);
        }
        table.resize(1 << 16, [0, 0]);
        Self(table)
    }
}

/// The bits of coded data up to the next marker.
struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    /// The next bits, the first of them highest; zeros after the last.
    held: u64,
    count: u32,
}

impl Bits<'_> {
    fn fill(&mut self) {
        while self.count <= 48 {
            let Some(&byte) = self.data.get(self.at) else { return };
            if byte == 0xff {
                match self.data.get(self.at + 1) {
                    Some(0) => self.at += 1,
                    _ => return,
                }
            }
            self.at += 1;
            self.held |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    /// Takes a symbol and the bits that it announces. `Some(None)` if the data end first, `None` for no symbol.
    fn symbol(&mut self, code: &Code) -> Option<Option<u8>> {
        if self.count < 32 {
            self.fill();
        }
        let [len, symbol] = code.0[(self.held >> 48) as usize];
        let wanted = u32::from(len) + u32::from(symbol & 15);
        if self.count < wanted || (len == 0 && self.count < 16) {
            return Some(None);
        }
        self.held <<= wanted;
        self.count -= wanted;
        (len > 0).then_some(Some(symbol))
    }

    /// Takes the 64 coefficients of a block; false if the data end first, `None` if they make no sense.
    fn block(&mut self, first: &Code, others: &Code) -> Option<bool> {
        if self.symbol(first)?.is_none() {
            return Some(false);
        }
        let mut at = 1;
        while at < 64 {
            match self.symbol(others)? {
                None => return Some(false),
                Some(0) => break,
                Some(symbol) => at += usize::from(symbol >> 4) + 1,
            }
        }
        Some(true)
    }

    /// Goes past a restart marker; false if the data end before it, `None` if they go on without it.
    fn restart(&mut self) -> Option<bool> {
        self.fill();
        if self.count >= 8 {
            return None;
        }
        (self.held, self.count) = (0, 0);
        while self.data.get(self.at..self.at + 2) == Some(&[0xff, 0xff]) {
            self.at += 1;
        }
        match self.data.get(self.at..self.at + 2) {
            Some([0xff, 0xd0..=0xd7]) => {
                self.at += 2;
                Some(true)
            }
            Some([0xff, 0xd9]) | None => Some(false),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(quality: u8) -> Vec<u8> {
        let image = image::RgbImage::from_fn(40, 24, |x, y| {
            image::Rgb([(x * 6) as u8, (y * 10) as u8, (x * y) as u8])
        });
        let mut bytes = Vec::new();
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(&image).unwrap();
        bytes
    }

    #[test]
    fn a_whole_file_ends_and_no_part_of_it_does() {
        let bytes = sample(90);
        assert!(Structure::of(&bytes).ends);
        assert!(Structure::of(&[&bytes[..], b"trailing"].concat()).ends);
        for end in 0..bytes.len() - 1 {
            assert!(!Structure::of(&bytes[..end]).ends, "cut at {end}");
        }
    }

    #[test]
    fn the_end_of_a_thumbnail_is_not_the_end() {
        let bytes = sample(90);
        let thumbnail = sample(10);
        let mut with_thumbnail = bytes[..2].to_vec();
        with_thumbnail.extend([0xff, 0xe5]);
        with_thumbnail.extend((thumbnail.len() as u16 + 2).to_be_bytes());
        with_thumbnail.extend(&thumbnail);
        with_thumbnail.extend(&bytes[2..bytes.len() - 2]);
        assert!(!Structure::of(&with_thumbnail).ends);
        with_thumbnail.extend([0xff, 0xd9]);
        assert!(Structure::of(&with_thumbnail).ends);
    }

    #[test]
    fn data_that_stop_early_are_seen_though_an_end_was_put_after_them() {
        let bytes = sample(90);
        let whole = Structure::of(&bytes);
        assert_eq!((whole.missing(), whole.is_layered()), (Some((0, 15)), false));
        let start = bytes.len() - 2 - whole.scan.unwrap().1.len() + 2;
        for end in start..bytes.len() - 6 {
            let cut = [&bytes[..end], &[0xff, 0xd9]].concat();
            // A stuffed byte that was cut apart leaves a marker that is none.
            assert!(bytes[end - 1] == 0xff || Structure::of(&cut).is_cut_short(), "cut at {end}");
        }
    }

    #[test]
    fn one_colour_is_not_cut_short() {
        for shade in [0, 128, 255] {
            let image = image::RgbImage::from_pixel(333, 222, image::Rgb([shade, 128, 40]));
            let mut bytes = Vec::new();
            image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 60).encode_image(&image).unwrap();
            let structure = Structure::of(&bytes);
            assert_eq!(structure.missing().map(|(missing, _)| missing), Some(0));
        }
    }
}
