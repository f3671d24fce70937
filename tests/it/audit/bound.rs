//! How much a mechanism leaks at least, from what it gave on two neighbouring inputs.

/// What a reader sees of one trial, as a number that orders outcomes: a withheld cell is below every shown one.
pub(crate) type Seen = i64;

/// A lower bound of epsilon, at a confidence of 99 %, from independent trials of two neighbours.
///
/// Looks for the event ("at least v", "at most v", "exactly v", either way round) that tells them apart best on the first half
/// of the trials, and judges it by the second half alone, with exact (Clopper and Pearson) bounds of both chances. A
/// mechanism that keeps its promise gives more than the promise in at most one of a hundred audits.
pub(crate) fn lower_bound(without: &[Seen], with: &[Seen]) -> f64 {
    let (without_first, without_second) = without.split_at(without.len() / 2);
    let (with_first, with_second) = with.split_at(with.len() / 2);
    let mut values: Vec<Seen> = without_first.iter().chain(with_first).copied().collect();
    values.sort_unstable();
    values.dedup();
    let events: Vec<Event> =
        values.iter().flat_map(|&v| [Event::AtLeast(v), Event::AtMost(v), Event::Exactly(v)]).collect();
    let score = |event: &Event, likely: &[Seen], rarely: &[Seen]| bound(event, likely, rarely, 0.05);
    let best = events.iter().flat_map(|event| [(event, true), (event, false)]).max_by(|a, b| {
        let of = |(event, with_is_likely): (&Event, bool)| {
            if with_is_likely {
                score(event, with_first, without_first)
            } else {
                score(event, without_first, with_first)
            }
        };
        of(*a).total_cmp(&of(*b))
    });
    match best {
        Some((event, true)) => bound(event, with_second, without_second, 0.005),
        Some((event, false)) => bound(event, without_second, with_second, 0.005),
        None => 0.0,
    }
}

#[derive(Clone, Copy)]
enum Event {
    AtLeast(Seen),
    AtMost(Seen),
    Exactly(Seen),
}

impl Event {
    fn count(self, trials: &[Seen]) -> u64 {
        trials
            .iter()
            .filter(|&&seen| match self {
                Self::AtLeast(v) => seen >= v,
                Self::AtMost(v) => seen <= v,
                Self::Exactly(v) => seen == v,
            })
            .count() as u64
    }
}

/// `ln` of the lower bound of the one chance over the upper bound of the other, each missed with a chance of `alpha`.
fn bound(event: &Event, likely: &[Seen], rarely: &[Seen], alpha: f64) -> f64 {
    let low = lowest_chance(event.count(likely), likely.len() as u64, alpha);
    let high = 1.0 - lowest_chance(rarely.len() as u64 - event.count(rarely), rarely.len() as u64, alpha);
    if low == 0.0 { 0.0 } else { (low / high).ln().max(0.0) }
}

/// Clopper and Pearson's lower bound of a chance: the smallest under which `hits` or more of `trials` happen with a chance
/// of at least `alpha`.
fn lowest_chance(hits: u64, trials: u64, alpha: f64) -> f64 {
    if hits == 0 {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, hits as f64 / trials as f64);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if at_least(hits, trials, middle) < alpha { low = middle } else { high = middle }
    }
    low
}

/// `P(X >= hits)` of a binomial law, summed from its largest terms outward.
fn at_least(hits: u64, trials: u64, chance: f64) -> f64 {
    let (n, k) = (trials as f64, hits as f64);
    let log_term = ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
        + k * chance.ln()
        + (n - k) * (-chance).ln_1p();
    let mut term = log_term.exp();
    let mut sum = 0.0;
    for at in hits..=trials {
        sum += term;
        let next = (n - at as f64) / (at as f64 + 1.0) * chance / (1.0 - chance);
        term *= next;
        if term < sum * 1e-12 {
            break;
        }
    }
    sum
}

/// Stirling's series beyond 20, where it is exact to twelve digits.
fn ln_factorial(n: f64) -> f64 {
    if n < 20.0 {
        return (2..=n as u64).map(|i| (i as f64).ln()).sum();
    }
    n * n.ln() - n + 0.5 * (2.0 * std::f64::consts::PI * n).ln() + 1.0 / (12.0 * n)
        - 1.0 / (360.0 * n.powi(3))
}

mod tests {
    use rand::rngs::StdRng;
    use rand::{Rng, RngExt, SeedableRng};

    use super::*;

    /// Discrete Laplace noise by the closed form, independent of the program's sampler.
    fn laplace(epsilon: f64, rng: &mut impl Rng) -> i64 {
        let geometric = |rng: &mut dyn Rng| {
            let uniform: f64 = rng.random_range(f64::MIN_POSITIVE..1.0);
            (uniform.ln() / -epsilon).floor() as i64
        };
        geometric(rng) - geometric(rng)
    }

    /// What a reader sees of a cell that holds `count`, by a mechanism with or without a fault.
    fn see(fault: Fault, count: i64, rng: &mut impl Rng) -> Seen {
        const THRESHOLD: i64 = 5;
        let noise = |epsilon: f64, rng: &mut _| laplace(epsilon, rng);
        let noised = match fault {
            Fault::None => count + noise(1.0, rng),
            Fault::HalfScale => count + noise(2.0, rng),
            Fault::ZerosNotNoised if count == 0 => 0,
            Fault::ZerosNotNoised => count + noise(1.0, rng),
            Fault::CapIgnored => 3 * count + noise(1.0, rng),
            Fault::Clipped => count + noise(1.0, rng).clamp(-4, 4),
            Fault::ReRolled => {
                (0..20).map(|_| count + noise(1.0, rng)).find(|&value| value >= THRESHOLD).unwrap_or(0)
            }
        };
        if noised >= THRESHOLD { noised } else { THRESHOLD - 1 }
    }

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Fault {
        None,
        HalfScale,
        ZerosNotNoised,
        CapIgnored,
        Clipped,
        ReRolled,
    }

    /// The audit on neighbours around nothing and around the threshold; the worst that it finds.
    fn audit(fault: Fault) -> f64 {
        let mut rng = StdRng::seed_from_u64(0x6175_6469);
        let mut trials = |count| -> Vec<Seen> { (0..100_000).map(|_| see(fault, count, &mut rng)).collect() };
        [0, 4, 5].map(|count| lower_bound(&trials(count), &trials(count + 1))).into_iter().fold(0.0, f64::max)
    }

    #[test]
    fn the_audit_passes_what_is_right_and_finds_each_planted_fault() {
        let right = audit(Fault::None);
        assert!((0.9..=1.0).contains(&right), "close to the promise of 1, and not above it: {right}");
        for fault in
            [Fault::HalfScale, Fault::ZerosNotNoised, Fault::CapIgnored, Fault::Clipped, Fault::ReRolled]
        {
            let found = audit(fault);
            assert!(found > 1.1, "{fault:?}: {found}");
        }
    }

    /// Golden values of R's `binom.test(k, n)$conf.int` and of tables of Clopper and Pearson's interval.
    #[test]
    fn exact_bounds_are_those_of_the_tables() {
        for (hits, trials, low) in
            [(1, 10, 0.002_528_6), (5, 10, 0.187_086), (10, 10, 0.691_503), (50, 100, 0.398_321)]
        {
            let found = lowest_chance(hits, trials, 0.025);
            assert!((found - low).abs() < 1e-5, "{hits} of {trials}: {found}");
        }
    }
}
