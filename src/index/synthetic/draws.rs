//! Numbers drawn from BLAKE3's extended output of a name and a number: the same on every machine.

/// Bytes that are drawn together.
const BUFFER: usize = 4096;

/// A stream of draws.
pub(super) struct Draws {
    from: blake3::OutputReader,
    buffer: [u8; BUFFER],
    used: usize,
}

impl Draws {
    /// The stream of `what` with this number.
    pub(super) fn new(what: &str, number: u64) -> Self {
        let mut seed = blake3::Hasher::new();
        seed.update(b"innerward synthetic 1 ").update(what.as_bytes()).update(&number.to_le_bytes());
        Self { from: seed.finalize_xof(), buffer: [0; BUFFER], used: BUFFER }
    }

    /// Bytes; for many.
    pub(super) fn fill(&mut self, bytes: &mut [u8]) {
        self.from.fill(bytes);
    }

    fn next(&mut self) -> u64 {
        if self.used == BUFFER {
            self.from.fill(&mut self.buffer);
            self.used = 0;
        }
        let bytes = self.buffer[self.used..].first_chunk().expect("a buffer holds whole numbers");
        self.used += size_of::<u64>();
        u64::from_le_bytes(*bytes)
    }

    /// A whole number below `limit`, which is far below 2^64, so that none is noticeably likelier.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(limit)) >> 64) as u64
    }

    /// Above 0 and up to 1.
    pub(super) fn unit(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    /// About normal, of mean 0 and variance 1: the sum of four uniform draws, which needs no logarithm.
    pub(super) fn bell(&mut self) -> f32 {
        const MEAN: f32 = 4.0 * 32767.5;
        const DEVIATION: f32 = 37837.2; // 2^16 / √3
        let draw = self.next();
        let sum: u64 = (0..4).map(|part| draw >> (16 * part) & 0xffff).sum();
        (sum as f32 - MEAN) / DEVIATION
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_the_spread_that_they_state() {
        const N: u64 = 100_000;
        let mut draws = Draws::new("test", 1);
        let bells: Vec<f64> = (0..N).map(|_| draws.bell().into()).collect();
        let mean = bells.iter().sum::<f64>() / N as f64;
        let variance = bells.iter().map(|bell| bell * bell).sum::<f64>() / N as f64;
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.02, "{mean}, {variance}");
        let mut seen = [0_u64; 7];
        (0..N).for_each(|_| seen[draws.below(7) as usize] += 1);
        assert!(seen.iter().all(|times| times.abs_diff(N / 7) < 700), "{seen:?}");
        let units: Vec<f64> = (0..N).map(|_| draws.unit()).collect();
        assert!(units.iter().all(|unit| *unit > 0.0 && *unit <= 1.0));
        assert!((units.iter().sum::<f64>() / N as f64 - 0.5).abs() < 0.01);
        assert_ne!(Draws::new("test", 1).next(), Draws::new("test", 2).next());
        assert_ne!(Draws::new("test", 1).next(), Draws::new("other", 1).next());
    }
}
