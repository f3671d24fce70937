//! A window that slides along values: where it stands, and what it sums up, in the reference's order of additions.

use std::ops::Range;

use super::SIDE;
use crate::kernel::lanes::{Lane, Level};

/// Where the `index`-th of 64 samples lies among `len`: the middle of its share.
pub(super) fn pick(index: usize, len: usize) -> usize {
    ((2 * index as u64 + 1) * len as u64 / (2 * SIDE as u64)) as usize
}

/// The reference's box over `len` values. Mean `at` covers the values from `at + lead - size + 1` to `at + lead`, as
/// many of them as there are.
#[derive(Clone, Copy)]
pub(super) struct Window {
    pub(super) len: usize,
    /// Its full size.
    pub(super) size: usize,
    /// Values taken in before the first mean.
    pub(super) lead: usize,
}

impl Window {
    pub(super) fn over(len: usize) -> Self {
        let size = len.div_ceil(128);
        Self { len, size, lead: (size + 2) / 2 - 1 }
    }

    /// The values inside the window whose mean is the `at`-th.
    pub(super) fn inside(self, at: usize) -> Range<usize> {
        (at + self.lead + 1).saturating_sub(self.size)..(at + self.lead + 1).min(self.len)
    }

    /// Steps from the first value taken in to the last mean given out.
    pub(super) fn steps(self) -> usize {
        self.len + self.lead
    }

    /// Takes `steps` with 32 windows side by side. Step `n` takes in value `n`, drops value `n - size`, and gives out
    /// the sums of mean `n - lead`, each where there is one. `new` begins with the value of the first step, `kept` is
    /// a ring of `size` values.
    #[inline(always)]
    pub(super) fn slide(
        self,
        steps: Range<usize>,
        sums: &mut Lane,
        kept: &mut [Lane],
        new: &[Lane],
        mut to: impl Means,
    ) {
        let Self { len, size, lead } = self;
        let mut running = *sums;
        let mut new = new.iter();
        // The three phases differ in what a step does; a step that gives no mean is always one of the first.
        let rising = steps.start.min(size)..steps.end.min(size);
        for (step, (kept, values)) in rising.clone().zip(kept[rising].iter_mut().zip(&mut new)) {
            add(&mut running, values);
            *kept = *values;
            if step >= lead {
                to.give(step - lead, &running, Divisor::new(step + 1));
            }
        }
        let full = Divisor::new(size);
        let mut slot = steps.start.max(size) % size;
        for (step, values) in (steps.start.max(size)..steps.end.min(len)).zip(new) {
            let kept = &mut kept[slot];
            add(&mut running, values);
            subtract(&mut running, kept);
            *kept = *values;
            slot = if slot + 1 == size { 0 } else { slot + 1 };
            to.give(step - lead, &running, full);
        }
        for step in steps.start.max(len)..steps.end {
            subtract(&mut running, &kept[step % size]);
            to.give(step - lead, &running, Divisor::new(size - 1 - (step - len)));
        }
        *sums = running;
    }
}

/// Takes what a window gives out. Not a closure: nothing makes the compiler inline one, and see [`Wide::run`].
///
/// [`Wide::run`]: crate::kernel::lanes::Wide::run
pub(super) trait Means {
    /// The `at`-th means are `sums` divided by `by`. Mark it `#[inline(always)]`.
    fn give(&mut self, at: usize, sums: &Lane, by: Divisor);
}

#[inline(always)]
fn add(sums: &mut Lane, values: &Lane) {
    sums.0.iter_mut().zip(values.0).for_each(|(sum, value)| *sum += value);
}

#[inline(always)]
fn subtract(sums: &mut Lane, values: &Lane) {
    sums.0.iter_mut().zip(values.0).for_each(|(sum, value)| *sum -= value);
}

/// A whole number to divide by, correctly rounded, without dividing where the CPU can fuse.
#[derive(Clone, Copy)]
pub(super) struct Divisor {
    by: f32,
    inverse: f32,
}

impl Divisor {
    /// Beyond this `inverse` may be too coarse; no window is near it.
    pub(super) const LARGEST: usize = 1 << 22;

    #[inline(always)]
    pub(super) fn new(by: usize) -> Self {
        Self { by: by as f32, inverse: 1.0 / by as f32 }
    }

    /// `value / by`, to the last bit (after P. Markstein, 1990).
    ///
    /// With `r = 1/w` rounded, `q = x r` is within 1.5 units in the last place of `x / w`; so `x - q w` has few enough
    /// bits to be exact, and adding `r` times that leaves an error below `1.5 / 2^24` units before the last rounding.
    /// A quotient by a whole `w` keeps at least `1 / 2w` from the middle between two floats, so for `w` up to `2^22`
    /// that error changes nothing. Values are far from the smallest float: all are sums and differences of numbers
    /// above `2^-60` with 24 bits.
    #[inline(always)]
    pub(super) fn divide<L: Level>(self, _: L, value: f32) -> f32 {
        if L::FMA {
            let near = value * self.inverse;
            let left = (-near).mul_add(self.by, value);
            left.mul_add(self.inverse, near)
        } else {
            value / self.by
        }
    }

    /// All of `sums` divided.
    #[inline(always)]
    pub(super) fn means<L: Level>(self, level: L, sums: &Lane, out: &mut Lane) {
        for (out, sum) in out.0.iter_mut().zip(sums.0) {
            *out = self.divide(level, sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::lanes::{Lanes, Wide};

    /// Counts wrong quotients of the numbers from `from` on, each `step` units in the last place from the one before.
    struct Wrong {
        by: usize,
        from: f32,
        step: usize,
    }

    impl Wide for Wrong {
        type Output = usize;

        #[inline(always)]
        fn run<L: Level>(self, level: L) -> usize {
            let divisor = Divisor::new(self.by);
            let bits = self.from.to_bits();
            let values = (bits..bits + (1 << 23)).step_by(self.step).map(f32::from_bits);
            values
                .filter(|value| divisor.divide(level, *value).to_bits() != (value / self.by as f32).to_bits())
                .count()
        }
    }

    #[test]
    fn division_is_rounded_as_the_cpu_rounds_it() {
        for lanes in Lanes::available() {
            // A power of two more or less changes no bit of a quotient's fraction, so one octave stands for all.
            for by in (1..=300).chain([1000, 4095, 65_521, 156_250, Divisor::LARGEST - 1]) {
                let found = lanes.run(Wrong { by, from: 1.0, step: 4099 });
                assert_eq!(found, 0, "{}: by {by}", lanes.name());
            }
            for by in [3, 24, 31, 71, 1000] {
                for from in [1.0, 1e-9, 8.0e6, -1.0] {
                    let found = lanes.run(Wrong { by, from, step: 7 });
                    assert_eq!(found, 0, "{}: {from} by {by}", lanes.name());
                }
            }
            let zero = lanes.run(Wrong { by: 3, from: 0.0, step: 1 << 23 });
            assert_eq!(zero, 0, "{}", lanes.name());
        }
    }

    #[test]
    fn windows_cover_what_the_reference_covers() {
        let inside = |len, at| Window::over(len).inside(at);
        assert_eq!(inside(128, 5), 5..6);
        // Two wide: from itself to the next.
        assert_eq!([inside(129, 0), inside(129, 5), inside(129, 128)], [0..2, 5..7, 128..129]);
        // Three wide: one on either side.
        assert_eq!([inside(257, 0), inside(257, 5), inside(257, 256)], [0..2, 4..7, 255..257]);
    }
}
