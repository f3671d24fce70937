//! A token bucket: so many requests a second, and so many at once.

use serde::{Deserialize, Serialize};

/// So many requests a second on the long run, and so many at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Requests a second, 1 to 1,000,000.
    pub per_second: u32,
    /// Requests at once, 1 to 1,000,000.
    pub burst: u32,
}

impl Rate {
    /// The most of either.
    pub const MOST: u32 = 1_000_000;

    /// So many a second, and as many at once.
    #[must_use]
    pub const fn per_second(per_second: u32) -> Self {
        Self { per_second, burst: per_second }
    }

    pub(super) fn is_sensible(self) -> bool {
        let bounds = 1..=Self::MOST;
        bounds.contains(&self.per_second) && bounds.contains(&self.burst)
    }

    /// Nanoseconds that one request takes from the bucket.
    fn cost(self) -> u64 {
        1_000_000_000 / u64::from(self.per_second.max(1))
    }
}

/// The bucket itself, as the moment at which it is full again: the "generic cell rate algorithm", which is a token bucket
/// with one number to keep. Times are nanoseconds since any fixed moment and never go back.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bucket {
    full_at: u64,
}

impl Bucket {
    /// Takes one request, or says how many nanoseconds from now there is room for it; nothing is taken then.
    pub(super) fn take(&mut self, rate: Rate, now: u64) -> Result<(), u64> {
        let cost = rate.cost();
        let full_at = self.full_at.max(now).saturating_add(cost);
        let room = cost.saturating_mul(u64::from(rate.burst.max(1)));
        match full_at.saturating_sub(now).saturating_sub(room) {
            0 => {
                self.full_at = full_at;
                Ok(())
            }
            wait => Err(wait),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn a_burst_passes_and_then_the_rate() {
        let rate = Rate { per_second: 2, burst: 3 };
        let mut bucket = Bucket::default();
        assert_eq!((0..3).map(|_| bucket.take(rate, 7)).collect::<Vec<_>>(), [Ok(()); 3]);
        assert_eq!(bucket.take(rate, 7), Err(SECOND / 2));
        assert_eq!(bucket.take(rate, 7 + SECOND / 2), Ok(()));
        assert_eq!(bucket.take(rate, 7 + SECOND / 2), Err(SECOND / 2));
        let later = 100 * SECOND;
        assert_eq!(
            (0..4).filter(|_| bucket.take(rate, later).is_ok()).count(),
            3,
            "it holds no more than a burst"
        );
    }

    proptest! {
        /// A plain bucket, that holds so many billionths of a request, is filled as time goes on and emptied by each.
        #[test]
        fn it_is_the_bucket_of_the_textbook(
            per_second in 1..5_000_u32,
            burst in 1..50_u32,
            steps in prop::collection::vec(0..SECOND / 4, 1..400),
        ) {
            let rate = Rate { per_second, burst };
            let room = u128::from(burst) * u128::from(rate.cost());
            let (mut bucket, mut held, mut now) = (Bucket::default(), room, 0);
            for step in steps {
                now += step;
                held = (held + u128::from(step)).min(room);
                let cost = u128::from(rate.cost());
                let expected = if held >= cost {
                    held -= cost;
                    Ok(())
                } else {
                    Err(u64::try_from(cost - held).unwrap())
                };
                prop_assert_eq!(bucket.take(rate, now), expected);
            }
        }

        /// In no stretch of time pass more than the burst and what the rate allows in it.
        #[test]
        fn no_stretch_of_time_has_more(
            per_second in 1..1_000_u32,
            burst in 1..20_u32,
            steps in prop::collection::vec(0..SECOND / 100, 1..200),
        ) {
            let rate = Rate { per_second, burst };
            let (mut bucket, mut now, mut passed) = (Bucket::default(), 0, Vec::new());
            for step in steps {
                now += step;
                if bucket.take(rate, now).is_ok() {
                    passed.push(now);
                }
            }
            for (at, from) in passed.iter().enumerate() {
                for (more, to) in passed[at..].iter().enumerate() {
                    let most = u64::from(burst) + (to - from) / rate.cost();
                    prop_assert!(more as u64 + 1 <= most, "{} in {} ns", more + 1, to - from);
                }
            }
        }

        /// Whoever comes again after the time that was told is let in.
        #[test]
        fn the_time_that_is_told_is_enough(per_second in 1..1_000_000_u32, burst in 1..100_u32) {
            let rate = Rate { per_second, burst };
            let mut bucket = Bucket::default();
            let wait = (0..=burst).find_map(|_| bucket.take(rate, 5).err()).unwrap();
            prop_assert!(bucket.take(rate, 5 + wait - 1).is_err());
            prop_assert_eq!(bucket.take(rate, 5 + wait), Ok(()));
        }
    }
}
