//! A picture of a PDF (ISO 32000-1, 8.9): handed out as the file it is, or its pixels as TIFF.
//!
//! TIFF holds what PDF holds, grey, RGB and CMYK of 8 or 16 bits and fax, and its header needs nothing of the pixels,
//! which then pass row by row. Samples of fewer bits and palettes are spread to 8 bits on the way.

use std::io::Read;

use super::filter::Filter;
use super::object::{Dict, Object};
use super::{File, Stream};
use crate::media::parts::out::{Out, Stop};
use crate::media::parts::{Gap, PartName};

/// Pictures without a decoder.
pub(in crate::media) const JBIG2: &str = "JBIG2";
/// What a stream with a filter that is not known is called, and one in colours that are not.
pub(in crate::media) const METHOD: &str = "the method of packing of a PDF's picture";
pub(in crate::media) const COLOURS: &str = "the colours of a PDF's picture";

/// Most bytes of a row, and of a fax.
const ROW_BYTES: u64 = 16 << 20;
const FAX_BYTES: u64 = 64 << 20;

/// How samples make a colour.
struct Colours {
    space: Space,
    /// Colours by index, as RGB.
    palette: Option<Vec<[u8; 3]>>,
    /// Samples are of ink, not of light.
    negative: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Space {
    Grey,
    Rgb,
    Cmyk,
}

impl Space {
    fn samples(self) -> u64 {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
            Self::Cmyk => 4,
        }
    }

    fn of_samples(samples: u64) -> Option<Self> {
        [Self::Grey, Self::Rgb, Self::Cmyk].into_iter().find(|space| space.samples() == samples)
    }

    /// The number that TIFF has for it.
    fn photometric(self) -> u32 {
        match self {
            Self::Grey => 1,
            Self::Rgb => 2,
            Self::Cmyk => 5,
        }
    }
}

pub(super) fn hand_out(
    file: &mut File<'_, '_>,
    stream: &Stream,
    dict: &Dict,
    out: &mut Out<'_>,
) -> Result<(), Stop> {
    let name = |suffix: &str| PartName::new(&format!("{}.{suffix}", stream.number));
    let Some(filters) = file.filters(dict) else {
        return out.unopened(&name("image"), Gap::NoDecoder(METHOD));
    };
    let bytes = filters.iter().take_while(|(filter, _)| {
        !matches!(filter, Filter::Jpeg | Filter::Jpeg2000 | Filter::Fax | Filter::Jbig2 | Filter::Unknown)
    });
    let bytes = bytes.count();
    let kind = file.kind;
    let suffix = match filters.get(bytes).map(|(filter, _)| filter) {
        Some(Filter::Jpeg) => "jpg",
        Some(Filter::Jpeg2000) => "jp2",
        Some(Filter::Jbig2) => return out.unopened(&name("jbig2"), Gap::NoDecoder(JBIG2)),
        Some(Filter::Fax) => return fax(file, stream, dict, &filters, bytes, out),
        Some(_) => return out.unopened(&name("image"), Gap::NoDecoder(METHOD)),
        None => {
            let pixels = Pixels::of(file, dict);
            let name = name("tif");
            return match pixels {
                Ok(pixels) => match file.reader(stream, &filters) {
                    Some(mut reader) => pixels.hand_out(&name, &mut reader, kind, out),
                    None => out.unopened(&name, Gap::Damaged(kind)),
                },
                Err(gap) => out.unopened(&name, gap),
            };
        }
    };
    let Some(mut reader) = file.reader(stream, &filters[..bytes]) else {
        return out.unopened(&name(suffix), Gap::Damaged(kind));
    };
    out.begin(&name(suffix))?;
    let gap = out.pour(&mut reader, kind)?;
    out.end(gap.or(stream.cut.then_some(Gap::Truncated(kind))))
}

/// What the dictionary says of rows of samples.
struct Pixels {
    width: u64,
    height: u64,
    bits: u64,
    colours: Colours,
}

impl Pixels {
    fn of(file: &mut File<'_, '_>, dict: &Dict) -> Result<Self, Gap> {
        let damaged = Gap::Damaged(file.kind);
        let side = |object: Object| object.as_count().filter(|side| (1..1 << 31).contains(side));
        let width = side(file.resolved(dict, "Width", "W")).ok_or(damaged.clone())?;
        let height = side(file.resolved(dict, "Height", "H")).ok_or(damaged.clone())?;
        let is_mask = dict.either("ImageMask", "IM").is_some_and(Object::is_true);
        let bits =
            file.resolved(dict, "BitsPerComponent", "BPC").as_count().unwrap_or(if is_mask { 1 } else { 8 });
        if !matches!(bits, 1 | 2 | 4 | 8 | 16) {
            return Err(damaged);
        }
        let mut colours = if is_mask {
            Colours { space: Space::Grey, palette: None, negative: false }
        } else {
            let space = file.resolved(dict, "ColorSpace", "CS");
            colours(file, &space, 0).ok_or(Gap::NoDecoder(COLOURS))?
        };
        if colours.palette.is_none() {
            colours.negative ^= is_inverted(file, dict);
        }
        Ok(Self { width, height, bits, colours })
    }

    fn hand_out(
        &self,
        name: &PartName,
        reader: &mut dyn Read,
        kind: &'static str,
        out: &mut Out<'_>,
    ) -> Result<(), Stop> {
        let samples = if self.colours.palette.is_some() { 1 } else { self.colours.space.samples() };
        let row_bytes = (self.width * samples * self.bits).div_ceil(8);
        let space = if self.colours.palette.is_some() { Space::Rgb } else { self.colours.space };
        let bits = if self.bits == 16 && self.colours.palette.is_none() { 16 } else { 8 };
        let total = (self.width * space.samples() * bits / 8).saturating_mul(self.height);
        let Some(strip) = u32::try_from(total).ok().filter(|_| row_bytes <= ROW_BYTES) else {
            let limit = u32::MAX.into();
            return out.unopened(name, Gap::TooLarge { name: kind, unit: "bytes", found: total, limit });
        };
        let header = tiff(&[
            (256, &[self.width as u32]),
            (257, &[self.height as u32]),
            (258, &vec![bits as u32; space.samples() as usize]),
            (259, &[1]),
            (262, &[space.photometric()]),
            (277, &[space.samples() as u32]),
            (278, &[self.height as u32]),
            (279, &[strip]),
        ]);
        out.begin(name)?;
        let mut gap = out.pour(&mut &header[..], kind)?;
        let (mut row, mut spread) = (Vec::new(), Vec::new());
        let mut rows = 0;
        let mut cut = None;
        while rows < self.height && gap.is_none() && cut.is_none() {
            row.clear();
            let read = reader.take(row_bytes).read_to_end(&mut row);
            let whole = row.len() as u64 == row_bytes;
            cut = match read {
                Err(error) if !whole => Some(out.fault(&error, kind)),
                _ => (!whole).then_some(Gap::Truncated(kind)),
            };
            if row.is_empty() {
                break;
            }
            // What is missing of the last row is dark; the gap says so.
            row.resize(row_bytes as usize, 0);
            spread.clear();
            self.spread(&row, &mut spread);
            gap = out.pour(&mut &spread[..], kind)?;
            rows += 1;
        }
        // As viewers do, the rest of a picture most of which is there is filled up.
        if rows < self.height && rows * 2 >= self.height {
            spread.fill(0);
            while rows < self.height && gap.is_none() {
                gap = out.pour(&mut &spread[..], kind)?;
                rows += 1;
            }
        }
        out.end(gap.or(cut))
    }

    /// A row of samples as one of 8 or 16 bits each.
    fn spread(&self, row: &[u8], out: &mut Vec<u8>) {
        let flip = if self.colours.negative { 0xff } else { 0 };
        if self.bits >= 8 && self.colours.palette.is_none() {
            out.extend(row.iter().map(|byte| byte ^ flip));
            return;
        }
        let samples = if self.colours.palette.is_some() { 1 } else { self.colours.space.samples() };
        let bits = self.bits as usize;
        for n in 0..(self.width * samples) as usize {
            let value = match bits {
                16 => usize::from(row[n * 2]) << 8 | usize::from(row[n * 2 + 1]),
                8 => usize::from(row[n]),
                bits => usize::from(row[n * bits / 8] >> (8 - bits - n * bits % 8)) & ((1 << bits) - 1),
            };
            match &self.colours.palette {
                Some(palette) => out.extend(palette.get(value).copied().unwrap_or_default()),
                None => out.push((value * 255 / ((1 << bits) - 1)) as u8 ^ flip),
            }
        }
    }
}

/// What a colour space is here; `None` if it is none of these.
fn colours(file: &mut File<'_, '_>, space: &Object, depth: usize) -> Option<Colours> {
    let plain = |space| Some(Colours { space, palette: None, negative: false });
    let by_name = |name: &[u8]| match name {
        b"DeviceGray" | b"G" | b"CalGray" => Some(Space::Grey),
        b"DeviceRGB" | b"RGB" | b"CalRGB" => Some(Space::Rgb),
        b"DeviceCMYK" | b"CMYK" | b"CalCMYK" => Some(Space::Cmyk),
        _ => None,
    };
    if depth > 4 {
        return None;
    }
    let items = match space {
        Object::Name(name) => return plain(by_name(name)?),
        Object::Array(items) => items,
        _ => return None,
    };
    let family = file.resolve(items.first()?);
    match family.as_name()? {
        b"ICCBased" => {
            let Object::Dict(profile) = file.resolve(items.get(1)?) else { return None };
            plain(Space::of_samples(file.resolved(&profile, "N", "N").as_count()?)?)
        }
        b"Indexed" | b"I" => {
            let base = file.resolve(items.get(1)?);
            let base = colours(file, &base, depth + 1)?;
            let lookup = items.get(3)?;
            let bytes = match file.resolve(lookup) {
                Object::Text(bytes) => bytes,
                _ => file.bytes_by_reference(lookup, 4 << 10)?.1,
            };
            let flip = if base.negative { 0xff } else { 0 };
            let palette =
                bytes.chunks_exact(base.space.samples() as usize).map(|colour| rgb(colour, flip)).collect();
            Some(Colours { space: base.space, palette: Some(palette), negative: false })
        }
        // One ink prints darker the more there is of it; of four, those of a press are likeliest.
        b"Separation" => Some(Colours { space: Space::Grey, palette: None, negative: true }),
        b"DeviceN" => match file.resolve(items.get(1)?) {
            Object::Array(inks) if inks.len() == 1 => {
                Some(Colours { space: Space::Grey, palette: None, negative: true })
            }
            Object::Array(inks) if inks.len() == 4 => plain(Space::Cmyk),
            _ => None,
        },
        name => plain(by_name(name)?),
    }
}

fn rgb(colour: &[u8], flip: u8) -> [u8; 3] {
    match colour {
        [grey] => [grey ^ flip; 3],
        [r, g, b] => [*r, *g, *b],
        [inks @ .., black] => std::array::from_fn(|n| {
            let light = |ink: u8| u32::from(255 - ink);
            (light(inks.get(n).copied().unwrap_or(0)) * light(*black) / 255) as u8
        }),
        [] => [0; 3],
    }
}

/// True if the picture says that its samples count down.
fn is_inverted(file: &mut File<'_, '_>, dict: &Dict) -> bool {
    match file.resolved(dict, "Decode", "D") {
        Object::Array(ends) => {
            matches!(ends[..], [Object::Number(first), Object::Number(last), ..] if first > last)
        }
        _ => false,
    }
}

/// A fax is one in TIFF too.
fn fax(
    file: &mut File<'_, '_>,
    stream: &Stream,
    dict: &Dict,
    filters: &[(Filter, Dict)],
    bytes: usize,
    out: &mut Out<'_>,
) -> Result<(), Stop> {
    let name = PartName::new(&format!("{}.tif", stream.number));
    let kind = file.kind;
    let parameters = &filters[bytes].1;
    let number = |key| match parameters.get(key) {
        Some(Object::Number(number)) => Some(*number),
        _ => None,
    };
    let pixels = match Pixels::of(file, dict) {
        Ok(pixels) => pixels,
        Err(gap) => return out.unopened(&name, gap),
    };
    let k = number("K").unwrap_or(0.0);
    let columns = [number("Columns").unwrap_or(1_728.0) as u32];
    let flag = |key| parameters.get(key).is_some_and(Object::is_true);
    if flag("EncodedByteAlign") {
        return out.unopened(&name, Gap::NoDecoder(METHOD));
    }
    let dark_first = match &pixels.colours.palette {
        Some(palette) => palette.first().map(|colour| colour[0]) > palette.get(1).map(|colour| colour[0]),
        None => pixels.colours.negative,
    };
    let mut data = Vec::new();
    let gap = match file.reader(stream, &filters[..bytes]) {
        Some(reader) => {
            reader.take(FAX_BYTES).read_to_end(&mut data).err().map(|error| out.fault(&error, kind))
        }
        None => Some(Gap::Damaged(kind)),
    };
    let black_is_zero = flag("BlackIs1") != dark_first;
    let (options, packing) = ([u32::from(k > 0.0)], [if k < 0.0 { 4 } else { 3 }]);
    let mut fields: Vec<(u16, &[u32])> = vec![(256, &columns), (259, &packing)];
    if k >= 0.0 {
        fields.push((292, &options));
    }
    let (black, height, len) = ([u32::from(black_is_zero)], [pixels.height as u32], [data.len() as u32]);
    fields.extend([(257, &height[..]), (258, &[1]), (262, &black), (277, &[1]), (278, &height), (279, &len)]);
    let header = tiff(&fields);
    out.begin(&name)?;
    let met = out.pour(&mut (&header[..]).chain(&data[..]), kind)?;
    out.end(met.or(gap).or(stream.cut.then_some(Gap::Truncated(kind))))
}

/// The header of a TIFF of one strip, high byte first, without the field that says where the strip is: that is here.
fn tiff(fields: &[(u16, &[u32])]) -> Vec<u8> {
    const HEADER: usize = 8;
    const FIELD: usize = 12;
    const STRIP_PLACE: u16 = 273;
    // Sides, places and options take four bytes, all others two.
    let is_long = |tag| matches!(tag, 256 | 257 | STRIP_PLACE | 278 | 279 | 292);
    let behind = HEADER + 2 + (fields.len() + 1) * FIELD + 4;
    let strip =
        behind + fields.iter().map(|(_, values)| values.len() * 2).filter(|bytes| *bytes > 4).sum::<usize>();
    let strip = [strip as u32];
    let mut fields = fields.to_vec();
    fields.push((STRIP_PLACE, &strip));
    fields.sort_by_key(|(tag, _)| *tag);
    let mut out = [b"MM\0*\0\0\0\x08", &(fields.len() as u16).to_be_bytes()[..]].concat();
    let mut long: Vec<u8> = Vec::new();
    for (tag, values) in fields {
        let bytes: Vec<u8> = if is_long(tag) {
            values.iter().flat_map(|value| value.to_be_bytes()).collect()
        } else {
            values.iter().flat_map(|value| (*value as u16).to_be_bytes()).collect()
        };
        out.extend(tag.to_be_bytes());
        out.extend([0, if is_long(tag) { 4 } else { 3 }]);
        out.extend((values.len() as u32).to_be_bytes());
        if let Some(room) = 4_usize.checked_sub(bytes.len()) {
            out.extend(bytes);
            out.extend(vec![0; room]);
        } else {
            out.extend(((behind + long.len()) as u32).to_be_bytes());
            long.extend(bytes);
        }
    }
    out.extend([0; 4]);
    out.extend(long);
    out
}
