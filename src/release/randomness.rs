//! The system's randomness, and no other, asked for in pieces: a call for each draw would take longer than the draw.

use rand::CryptoRng;
use rand::rand_core::{TryCryptoRng, TryRng, UnwrapErr, utils};
use rand::rngs::SysRng;

/// Bytes that are asked for at once.
const PIECE: usize = 4096;

/// Random bytes of the system; each is handed out once, and forgotten then.
struct Pieces {
    bytes: [u8; PIECE],
    used: usize,
}

impl TryRng for Pieces {
    type Error = <SysRng as TryRng>::Error;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        utils::next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        utils::next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, wanted: &mut [u8]) -> Result<(), Self::Error> {
        for byte in wanted {
            if self.used == PIECE {
                SysRng.try_fill_bytes(&mut self.bytes)?;
                self.used = 0;
            }
            *byte = std::mem::take(&mut self.bytes[self.used]);
            self.used += 1;
        }
        Ok(())
    }
}

impl TryCryptoRng for Pieces {}

/// The system's randomness, for [`publish`](super::publish()) and [`preview`](super::preview()).
#[must_use]
pub fn system_rng() -> impl CryptoRng {
    UnwrapErr(Pieces { bytes: [0; PIECE], used: PIECE })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use rand::Rng;

    use super::*;

    #[test]
    fn no_byte_is_handed_out_twice_and_pieces_of_any_length_come_whole() {
        let (mut rng, mut other) = (system_rng(), system_rng());
        let words: HashSet<u64> = (0..3000).flat_map(|_| [rng.next_u64(), other.next_u64()]).collect();
        assert_eq!(words.len(), 6000, "of 64 bits, none comes twice");
        for len in [0, 1, 3, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7] {
            let mut bytes = vec![0; len];
            rng.fill_bytes(&mut bytes);
            let zeros = bytes.iter().filter(|&&byte| byte == 0).count();
            assert!(zeros <= 8 + len / 64, "{zeros} of {len} bytes are zero, one in 256 is to be expected");
        }
    }
}
