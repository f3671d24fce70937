//! The one thing that is read of EXIF: how a picture is to be turned.

use image::metadata::Orientation;

/// The orientation in a TIFF header and its first directory, as JPEG, PNG and WebP carry it; `None` if it has none that
/// can be understood.
///
/// The standard has it as a number of 16 bits. Some writers take 32, and what shows such pictures turns them.
pub(super) fn orientation(exif: &[u8]) -> Option<Orientation> {
    let number = match exif.first_chunk()? {
        b"II*\0" => little,
        b"MM\0*" => big,
        _ => return None,
    };
    let at = usize::try_from(number(exif.get(4..8)?)).ok()?;
    let count = number(exif.get(at..at.checked_add(2)?)?) as usize; // of two bytes
    let fields = exif[at + 2..].chunks_exact(12).take(count);
    fields
        .filter(|field| number(&field[..2]) == ORIENTATION && number(&field[4..8]) == 1)
        .find_map(|field| match number(&field[2..4]) {
            SHORT => Some(number(&field[8..10])),
            LONG => Some(number(&field[8..12])),
            _ => None,
        })
        .and_then(|value| Orientation::from_exif(u8::try_from(value).ok()?))
}

const ORIENTATION: u32 = 0x112;
const SHORT: u32 = 3;
const LONG: u32 = 4;

fn little(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte))
}

fn big(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory of these fields, each a tag, a kind, a count and a value of that kind.
    fn exif(is_big: bool, fields: &[(u16, u16, u32, u32)]) -> Vec<u8> {
        let two = |value: u16| if is_big { value.to_be_bytes() } else { value.to_le_bytes() };
        let four = |value: u32| if is_big { value.to_be_bytes() } else { value.to_le_bytes() };
        let mut bytes = if is_big { b"MM\0*".to_vec() } else { b"II*\0".to_vec() };
        bytes.extend(four(10));
        bytes.extend([0; 2]); // the directory need not follow at once
        bytes.extend(two(fields.len() as u16));
        for (tag, kind, count, value) in fields {
            bytes.extend([two(*tag), two(*kind)].concat());
            bytes.extend(four(*count));
            bytes.extend(if *kind == 3 {
                [two(*value as u16), [0; 2]].concat()
            } else {
                four(*value).to_vec()
            });
        }
        bytes.extend([0; 4]);
        bytes
    }

    #[test]
    fn numbers_of_16_and_of_32_bits_are_read_in_both_orders() {
        for is_big in [true, false] {
            for value in 0..=9 {
                let expected = Orientation::from_exif(value as u8);
                for kind in [3, 4] {
                    let bytes = exif(is_big, &[(0x10f, 3, 1, 5), (0x112, kind, 1, value)]);
                    assert_eq!(orientation(&bytes), expected, "{is_big} {kind} {value}");
                    // Where the library reads it too, it reads the same.
                    assert!(kind == 4 || Orientation::from_exif_chunk(&bytes) == expected);
                    for end in 0..bytes.len() - 4 {
                        assert_eq!(orientation(&bytes[..end]), None, "cut at {end}");
                    }
                }
            }
            let of = |fields: &[_]| orientation(&exif(is_big, fields)).map(Orientation::to_exif);
            assert_eq!(of(&[(0x112, 4, 1, 6), (0x112, 3, 1, 3)]), Some(6), "of two the first");
            assert_eq!(of(&[(0x112, 3, 2, 6), (0x112, 3, 1, 3)]), Some(3), "one that is no single number");
            assert_eq!(of(&[(0x112, 1, 1, 6)]), None, "a byte");
            assert_eq!(of(&[(0x112, 4, 1, 0x1_0006)]), None, "not cut to 16 bits");
        }
        for other in
            [&b""[..], b"MM*\0\0\0\0\x08\0\0", b"MM\0*\xff\xff\xff\xff", b"II*\0\xff\xff\xff\xff\0\0"]
        {
            assert_eq!(orientation(other), None);
        }
    }
}
