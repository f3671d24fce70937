//! The filters of PDF streams (ISO 32000-1, 7.4) that give bytes, as readers behind each other.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};

use flate2::bufread::ZlibDecoder;
use weezl::{BitOrder, LzwStatus, decode::Decoder};

use super::object::{Dict, Object, hex, is_space};

/// How the bytes of a stream are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    Flate,
    Lzw,
    Ascii85,
    AsciiHex,
    RunLength,
    /// Nothing: the filter of encryption that does not encrypt.
    Identity,
    /// Pictures in formats of their own.
    Jpeg,
    Jpeg2000,
    Fax,
    Jbig2,
    Unknown,
}

impl Filter {
    pub(super) fn named(name: &[u8]) -> Self {
        match name {
            b"FlateDecode" | b"Fl" => Self::Flate,
            b"LZWDecode" | b"LZW" => Self::Lzw,
            b"ASCII85Decode" | b"A85" => Self::Ascii85,
            b"ASCIIHexDecode" | b"AHx" => Self::AsciiHex,
            b"RunLengthDecode" | b"RL" => Self::RunLength,
            b"DCTDecode" | b"DCT" => Self::Jpeg,
            b"JPXDecode" => Self::Jpeg2000,
            b"CCITTFaxDecode" | b"CCF" => Self::Fax,
            b"JBIG2Decode" => Self::Jbig2,
            b"Crypt" => Self::Identity,
            _ => Self::Unknown,
        }
    }

    /// What it makes of the bytes; `None` if it gives no bytes.
    pub(super) fn read<'a>(self, from: Box<dyn Read + 'a>, parameters: &Dict) -> Option<Box<dyn Read + 'a>> {
        Some(match self {
            Self::Flate => predicted(Box::new(ZlibDecoder::new(BufReader::new(from))), parameters),
            Self::Lzw => predicted(Box::new(Lzw::new(from, parameters)), parameters),
            Self::Ascii85 => {
                Box::new(Ascii85 { from: BufReader::new(from), ready: Vec::new(), ended: false })
            }
            Self::AsciiHex => Box::new(AsciiHex { from: BufReader::new(from), ended: false }),
            Self::RunLength => {
                Box::new(RunLength { from: BufReader::new(from), run: Run::Copied(0), ended: false })
            }
            Self::Identity => from,
            _ => return None,
        })
    }
}

struct Lzw<R> {
    from: BufReader<R>,
    decoder: Decoder,
    ended: bool,
}

impl<R: Read> Lzw<R> {
    fn new(from: R, parameters: &Dict) -> Self {
        let late = parameters.get("EarlyChange").and_then(Object::as_count) == Some(0);
        let decoder = if late {
            Decoder::new(BitOrder::Msb, 8)
        } else {
            Decoder::with_tiff_size_switch(BitOrder::Msb, 8)
        };
        Self { from: BufReader::new(from), decoder, ended: false }
    }
}

impl<R: Read> Read for Lzw<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while !self.ended && !out.is_empty() {
            let ahead = self.from.fill_buf()?;
            let at_end = ahead.is_empty();
            let step = self.decoder.decode_bytes(ahead, out);
            self.from.consume(step.consumed_in);
            match step.status {
                Ok(LzwStatus::Done) => self.ended = true,
                Ok(_) => {}
                Err(_) => return Err(ErrorKind::InvalidData.into()),
            }
            if step.consumed_out > 0 {
                return Ok(step.consumed_out);
            }
            if !self.ended && (at_end || step.consumed_in == 0) {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(0)
    }
}

struct Ascii85<R> {
    from: BufReader<R>,
    /// Decoded bytes, the next one last.
    ready: Vec<u8>,
    ended: bool,
}

impl<R: Read> Read for Ascii85<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut had = 0;
        while had < out.len() {
            if let Some(byte) = self.ready.pop() {
                out[had] = byte;
                had += 1;
                continue;
            }
            if self.ended {
                break;
            }
            self.group()?;
        }
        Ok(had)
    }
}

impl<R: Read> Ascii85<R> {
    /// Reads five digits, or fewer at the end.
    fn group(&mut self) -> io::Result<()> {
        let mut digits = [84_u32; 5];
        let mut count = 0;
        while count < 5 {
            match next(&mut self.from)? {
                None | Some(b'~') => {
                    self.ended = true;
                    break;
                }
                Some(b'z') if count == 0 => {
                    self.ready.extend([0; 4]);
                    return Ok(());
                }
                Some(digit @ b'!'..=b'u') => {
                    digits[count] = u32::from(digit - b'!');
                    count += 1;
                }
                Some(byte) if is_space(byte) => {}
                Some(_) => return Err(ErrorKind::InvalidData.into()),
            }
        }
        if count > 1 {
            let value = digits.iter().fold(0_u32, |value, digit| value.wrapping_mul(85).wrapping_add(*digit));
            self.ready.extend(value.to_be_bytes()[..count - 1].iter().rev());
        }
        Ok(())
    }
}

struct AsciiHex<R> {
    from: BufReader<R>,
    ended: bool,
}

impl<R: Read> Read for AsciiHex<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut had = 0;
        while had < out.len() && !self.ended {
            let mut digits = [0; 2];
            let mut count = 0;
            while count < 2 {
                match next(&mut self.from)? {
                    None | Some(b'>') => {
                        self.ended = true;
                        break;
                    }
                    Some(byte) => {
                        if let Some(digit) = hex(byte) {
                            digits[count] = digit;
                            count += 1;
                        }
                    }
                }
            }
            if count > 0 {
                out[had] = digits[0] << 4 | digits[1];
                had += 1;
            }
        }
        Ok(had)
    }
}

enum Run {
    Copied(usize),
    Repeated(u8, usize),
}

struct RunLength<R> {
    from: BufReader<R>,
    run: Run,
    ended: bool,
}

impl<R: Read> Read for RunLength<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            match &mut self.run {
                Run::Copied(left) if *left > 0 => {
                    let most = out.len().min(*left);
                    let had = self.from.read(&mut out[..most])?;
                    *left = if had == 0 { 0 } else { *left - had };
                    return Ok(had);
                }
                Run::Repeated(byte, left) if *left > 0 => {
                    let len = out.len().min(*left);
                    out[..len].fill(*byte);
                    *left -= len;
                    return Ok(len);
                }
                _ if self.ended => return Ok(0),
                _ => match next(&mut self.from)? {
                    None | Some(128) => self.ended = true,
                    Some(len @ 0..128) => self.run = Run::Copied(usize::from(len) + 1),
                    Some(len) => {
                        let byte = next(&mut self.from)?.ok_or(ErrorKind::UnexpectedEof)?;
                        self.run = Run::Repeated(byte, 257 - usize::from(len));
                    }
                },
            }
        }
    }
}

fn next(from: &mut impl BufRead) -> io::Result<Option<u8>> {
    let byte = from.fill_buf()?.first().copied();
    from.consume(usize::from(byte.is_some()));
    Ok(byte)
}

/// Rows of which each byte was stored as the difference from what its neighbours foretell, as in PNG and TIFF.
struct Predicted<'a> {
    from: Box<dyn Read + 'a>,
    tiff: bool,
    samples: usize,
    bits: usize,
    row_bytes: usize,
    row: Vec<u8>,
    above: Vec<u8>,
    at: usize,
}

/// Most bytes of a row; no page is as wide.
const ROW_BYTES: u64 = 16 << 20;

fn predicted<'a>(from: Box<dyn Read + 'a>, parameters: &Dict) -> Box<dyn Read + 'a> {
    let count = |key, default| parameters.get(key).and_then(Object::as_count).unwrap_or(default);
    let predictor = count("Predictor", 1);
    if predictor < 2 {
        return from;
    }
    let (samples, bits, columns) = (count("Colors", 1), count("BitsPerComponent", 8), count("Columns", 1));
    let row_bytes =
        samples.checked_mul(bits).and_then(|n| n.checked_mul(columns)).map_or(u64::MAX, |n| n.div_ceil(8));
    if row_bytes > ROW_BYTES || row_bytes == 0 || samples > 64 || !matches!(bits, 1 | 2 | 4 | 8 | 16) {
        return Box::new(Refused);
    }
    Box::new(Predicted {
        from,
        tiff: predictor == 2,
        samples: samples as usize,
        bits: bits as usize,
        row_bytes: row_bytes as usize,
        row: Vec::new(),
        above: Vec::new(),
        at: 0,
    })
}

/// A stream with parameters that are none.
struct Refused;

impl Read for Refused {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(ErrorKind::InvalidData.into())
    }
}

impl Read for Predicted<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.row.len() && !self.next_row()? {
            return Ok(0);
        }
        let len = (&self.row[self.at..]).read(out)?;
        self.at += len;
        Ok(len)
    }
}

impl Predicted<'_> {
    fn next_row(&mut self) -> io::Result<bool> {
        std::mem::swap(&mut self.row, &mut self.above);
        self.row.clear();
        self.at = 0;
        let kind = if self.tiff {
            2
        } else {
            let mut kind = [0];
            if self.from.read(&mut kind)? == 0 {
                return Ok(false);
            }
            kind[0]
        };
        self.from.by_ref().take(self.row_bytes as u64).read_to_end(&mut self.row)?;
        // A row that is cut short is made whole for the one below, and handed out for what it has.
        self.above.resize(self.row.len(), 0);
        if self.tiff {
            self.undo_tiff()
        } else {
            self.undo_png(kind)
        }
        Ok(!self.row.is_empty())
    }

    /// ISO/IEC 15948, 9.2.
    fn undo_png(&mut self, kind: u8) {
        let step = (self.samples * self.bits).div_ceil(8);
        for at in 0..self.row.len() {
            let left = if at >= step { self.row[at - step] } else { 0 };
            let corner = if at >= step { self.above[at - step] } else { 0 };
            let above = self.above[at];
            let foretold = match kind {
                1 => left,
                2 => above,
                3 => ((u16::from(left) + u16::from(above)) / 2) as u8,
                4 => paeth(left, above, corner),
                _ => 0,
            };
            self.row[at] = self.row[at].wrapping_add(foretold);
        }
    }

    /// TIFF 6.0, section 14: differences of samples, of 8 or 16 bits here; writers use no others.
    fn undo_tiff(&mut self) {
        let step = self.samples * self.bits / 8;
        match self.bits {
            8 => {
                for at in step..self.row.len() {
                    self.row[at] = self.row[at].wrapping_add(self.row[at - step]);
                }
            }
            16 => {
                for at in (step..self.row.len().saturating_sub(1)).step_by(2) {
                    let before = u16::from_be_bytes([self.row[at - step], self.row[at - step + 1]]);
                    let sum = u16::from_be_bytes([self.row[at], self.row[at + 1]]).wrapping_add(before);
                    self.row[at..at + 2].copy_from_slice(&sum.to_be_bytes());
                }
            }
            _ => {}
        }
    }
}

fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let [a, b, c] = [left, above, corner].map(i16::from);
    let foretold = a + b - c;
    let [to_a, to_b, to_c] = [a, b, c].map(|near| (foretold - near).abs());
    if to_a <= to_b && to_a <= to_c {
        left
    } else if to_b <= to_c {
        above
    } else {
        corner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(filter: Filter, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut reader = filter.read(Box::new(bytes), &Dict::default()).unwrap();
        reader.read_to_end(&mut out).unwrap();
        out
    }

    #[test]
    fn filters_give_what_the_standard_says() {
        assert_eq!(read(Filter::AsciiHex, b"48 65 6c6C\n6F7>rest"), b"Hellop");
        // By Python's `base64.a85encode`.
        assert_eq!(read(Filter::Ascii85, b"9jqo^zF*2M7/c~>rest"), b"Man \0\0\0\0sure.");
        assert_eq!(read(Filter::RunLength, b"\x02abc\xfed\x80rest"), b"abcddd");
        // The example of 7.4.4.2.
        let lzw = [0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0c, 0x85, 0x01];
        assert_eq!(read(Filter::Lzw, &lzw), [45, 45, 45, 45, 45, 65, 45, 45, 45, 66]);
    }
}
