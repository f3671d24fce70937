//! Recognising TGA, which has no signature at its start.

/// True if the first bytes can hardly be anything but the header of a TGA file.
///
/// Every field is held to what writers in use put there; a file of zeros, or of small numbers, does not pass.
pub(super) fn is_header(head: &[u8]) -> bool {
    let Some(&[_, map, kind, first_low, first_high, len_low, len_high, entry, ref rest @ ..]) =
        head.first_chunk::<18>()
    else {
        return false;
    };
    let number = |at: usize| u16::from_le_bytes([rest[at], rest[at + 1]]);
    let (left, top, width, height) = (number(0), number(2), number(4), number(6));
    let (bits, descriptor) = (rest[8], rest[9]);
    let alpha = descriptor & 0x0f;
    let first = u16::from_le_bytes([first_low, first_high]);
    let len = u16::from_le_bytes([len_low, len_high]);
    let no_map = map == 0 && first == 0 && len == 0 && entry == 0;
    let colours = match kind {
        1 | 9 => {
            map == 1
                && bits == 8
                && alpha == 0
                && first == 0
                && (2..=256).contains(&len)
                && [24, 32].contains(&entry)
        }
        2 | 10 => no_map && matches!((bits, alpha), (15 | 16 | 24, 0) | (16, 1) | (32, 0 | 8)),
        3 | 11 => no_map && matches!((bits, alpha), (8, 0) | (16, 8)),
        _ => false,
    };
    // The origin is the corner where the rows begin; some writers state the height for the upper one.
    colours && descriptor & 0xc0 == 0 && left == 0 && (top == 0 || top == height) && width > 0 && height > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [u8; 18] = [0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 44, 1, 200, 0, 24, 0x20];

    #[test]
    fn a_header_is_recognised_and_one_with_any_field_wrong_is_not() {
        assert!(is_header(&GOOD));
        assert!(is_header(&[9, 1, 9, 0, 0, 0, 1, 24, 0, 0, 200, 0, 44, 1, 200, 0, 8, 0]));
        for (place, byte) in [
            (1, 1),
            (2, 0),
            (2, 1),
            (2, 4),
            (3, 1),
            (5, 1),
            (7, 24),
            (8, 1),
            (10, 1),
            (16, 23),
            (16, 8),
            (17, 0x40),
            (17, 0x2f),
        ] {
            let mut head = GOOD;
            head[place] = byte;
            assert!(!is_header(&head), "byte {place} as {byte}");
        }
        for side in [12, 14] {
            let mut head = GOOD;
            head[side..side + 2].fill(0);
            assert!(!is_header(&head), "no pixels");
        }
        assert!((0..GOOD.len()).all(|end| !is_header(&GOOD[..end])));
    }

    #[test]
    fn plain_numbers_of_any_width_are_not_taken_for_it() {
        for width in [1, 2, 4, 8] {
            for start in 0..=255_u8 {
                for step in 0..=3_u8 {
                    let numbers = (0..24).flat_map(|at: u8| {
                        let mut number = vec![0; width];
                        number[0] = start.wrapping_add(at.wrapping_mul(step));
                        number
                    });
                    assert!(
                        !is_header(&numbers.collect::<Vec<u8>>()),
                        "{width} bytes from {start} by {step}"
                    );
                }
            }
        }
    }
}
