//! The definition of correct, short enough to check by eye.

use super::{Code, Code256, Distance};

/// The number of differing bits.
#[must_use]
pub(super) fn distance(a: &Code256, b: &Code256) -> u16 {
    let words = |code: &Code256| -> [u64; 4] { bytemuck::cast(*code.as_bytes()) };
    words(a).into_iter().zip(words(b)).map(|(a, b)| (a ^ b).count_ones() as u16).sum()
}

/// Appends `(position, distance)` of every code within `max` of `query`, in order of position.
pub fn find_within(codes: &[Code256], query: &Code256, max: Distance, out: &mut Vec<(usize, Distance)>) {
    for (position, code) in codes.iter().enumerate() {
        let distance = code.distance(query);
        if distance <= max {
            out.push((position, distance));
        }
    }
}

/// The number of differing bits of two codes of one width, byte by byte.
#[must_use]
pub(super) fn distance_of_bytes(a: &[u8], b: &[u8]) -> u16 {
    a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones() as u16).sum()
}

/// As [`find_within`], for codes of the width of `query`, one behind the other in `codes`.
pub fn find_within_wide(codes: &[u8], query: &Code, max: Distance, out: &mut Vec<(usize, Distance)>) {
    for (position, code) in codes.chunks_exact(query.len_bytes()).enumerate() {
        let distance = Distance(distance_of_bytes(code, query.as_bytes()));
        if distance <= max {
            out.push((position, distance));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_every_bit_once() {
        for bit in 0..256 {
            let mut bytes = [0; 32];
            bytes[bit / 8] = 1 << (bit % 8);
            assert_eq!(Code256::ZERO.distance(&Code256::from_bytes(bytes)).bits(), 1, "bit {bit}");
        }
        assert_eq!(Code256::ZERO.distance(&Code256::from_bytes([0xff; 32])).bits(), 256);
    }

    #[test]
    fn the_bound_is_inclusive() {
        let far = Code256::from_bytes([0xff; 32]);
        let codes = [Code256::ZERO, far, Code256::ZERO];
        for (max, expected) in [(0, vec![0, 2]), (255, vec![0, 2]), (256, vec![0, 1, 2])] {
            let mut found = Vec::new();
            find_within(&codes, &Code256::ZERO, Distance::new(max).unwrap(), &mut found);
            assert_eq!(found.iter().map(|hit| hit.0).collect::<Vec<_>>(), expected);
        }
    }
}
