//! Tests of the noise, the threshold, and of what one unit more changes.

#![allow(clippy::float_arithmetic, reason = "the closed form, to compare with")]

use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::*;
use crate::release::Plan;
use crate::release::testing::{WIDE, add, cell};
use crate::tally::Cell;
use crate::vocabulary::{Dimension, Indicator, list_class};

fn protection(epsilon: &str, k: u32, rounding: u32) -> Protection {
    Protection::new(epsilon.parse().unwrap(), 1, k, "1e-6".parse().unwrap(), rounding).unwrap()
}

/// Pearson's chi-square of 300,000 draws of the noise path against the closed form, p > 0.001, and the mean
/// within four standard errors. The seeds are fixed: the outcome is the same every time.
#[test]
fn noise_follows_the_closed_form_and_is_unbiased() {
    const DRAWS: u64 = 300_000;
    const TRUE_COUNT: u64 = 1000;
    for (seed, epsilon, sensitivity, eps) in
        [(1, "0.25", 1, 0.25_f64), (2, "0.5", 1, 0.5), (3, "1", 1, 1.0), (4, "1", 3, 1.0 / 3.0)]
    {
        let beta = "1e-6".parse().unwrap();
        let noise = Protection::new(epsilon.parse().unwrap(), sensitivity, 10, beta, 1).unwrap().noise();
        let mut rng = StdRng::seed_from_u64(seed);
        let q = (-eps).exp();
        // The last bin on each side takes the tail, so that every bin expects at least 20 draws.
        let edge = (1..).find(|&t| q.powi(t + 1) / (1.0 + q) * (DRAWS as f64) < 20.0).unwrap();
        let mut bins = vec![0_u64; 2 * edge as usize + 1];
        let mut sum = 0_i64;
        for _ in 0..DRAWS {
            let noise = (noise.added_to(TRUE_COUNT, &mut rng) - i128::from(TRUE_COUNT)) as i64;
            sum += noise;
            bins[(noise.clamp(-i64::from(edge), i64::from(edge)) + i64::from(edge)) as usize] += 1;
        }
        let chance = |bin: i32| {
            let inner = (1.0 - q) / (1.0 + q) * q.powi(bin.abs());
            if bin.abs() == edge { q.powi(edge) / (1.0 + q) } else { inner }
        };
        let chi_square: f64 = (-edge..=edge)
            .map(|bin| (chance(bin) * DRAWS as f64, bins[(bin + edge) as usize] as f64))
            .map(|(expected, found)| (found - expected).powi(2) / expected)
            .sum();
        // Upper 0.1 % point by Wilson and Hilferty.
        let freedom = f64::from(2 * edge);
        let limit = freedom * (1.0 - 2.0 / (9.0 * freedom) + 3.0902 * (2.0 / (9.0 * freedom)).sqrt()).powi(3);
        assert!(chi_square < limit, "epsilon {epsilon}: {chi_square} of {limit}, freedom {freedom}");
        let error = (2.0 * q).sqrt() / (1.0 - q) / (DRAWS as f64).sqrt();
        let mean = sum as f64 / DRAWS as f64;
        assert!(mean.abs() < 4.0 * error, "epsilon {epsilon}: mean {mean}, standard error {error}");
    }
}

#[test]
fn zeros_are_noised_like_any_other_count() {
    let noise = protection("1", 10, 1).noise();
    let draws = |count| -> Vec<i128> {
        let mut rng = StdRng::seed_from_u64(7);
        (0..1000).map(|_| noise.added_to(count, &mut rng) - i128::from(count)).collect()
    };
    assert_eq!(draws(0), draws(123_456));
    let zeros = draws(0).into_iter().filter(|&noise| noise == 0).count();
    assert!((400..530).contains(&zeros), "P(Z = 0) is 0.462, found {zeros} of 1000");
}

/// At `k = 10` the largest protected count is 9: over 200,000 draws at beta 1e-2, at most one in 100 is shown.
#[test]
fn a_cell_below_k_is_shown_with_a_chance_of_at_most_beta() {
    let protection = Protection::new("1".parse().unwrap(), 1, 10, "1e-2".parse().unwrap(), 1).unwrap();
    let noise = protection.noise();
    let mut rng = StdRng::seed_from_u64(8);
    let shown =
        (0..200_000).filter(|_| protection.judge(noise.added_to(9, &mut rng)).value.is_some()).count();
    // Expected 2,000 at most; q^T / (1 + q) is a little less.
    assert!((800..2000).contains(&shown), "{shown}");
}

#[test]
fn the_threshold_and_the_flag_stand_where_they_are_stated() {
    let protection = protection("1", 10, 1);
    let letters = |noised| protection.judge(noised).status.letter();
    assert_eq!((letters(-5), letters(22), letters(23), letters(26), letters(27)), ("Q", "Q", "U", "U", "E"));
    assert!(protection.judge(22).value.is_none() && protection.judge(22).interval.is_none());
    assert_eq!(protection.judge(23).interval, Some((20, 26)));
    assert_eq!(protection.read(Some(2)).interval, Some((0, 5)), "clipped at nothing");
}

#[test]
fn rounding_comes_after_the_threshold_and_widens_the_interval() {
    let protection = protection("1", 10, 5);
    assert_eq!((protection.threshold(), protection.half_width()), (23, 5));
    assert!(protection.judge(22).value.is_none());
    assert_eq!(protection.judge(23).value, Some(25));
    assert_eq!(protection.judge(28).value, Some(30));
    assert_eq!(protection.smallest_shown(), 25);
    assert_eq!(protection.judge(i128::MAX).status, Status::Estimated);
}

/// Any codes, also those that no screening would put together.
fn any_cell() -> impl Strategy<Value = Cell> {
    let any_code = |dimension: Dimension| proptest::sample::select(dimension.codes().collect::<Vec<_>>());
    Cell::DIMENSIONS.map(any_code).to_vec().prop_map(|codes| cell(&codes))
}

fn any_cube() -> impl Strategy<Value = Vec<(Cell, u64)>> {
    prop::collection::vec((any_cell(), 0_u64..1000), 0..40)
}

fn cube_of(cells: &[(Cell, u64)]) -> Cube {
    let mut cube = Cube::default();
    cells.iter().for_each(|&(cell, items)| add(&mut cube, cell, items));
    cube
}

/// The classes that are named in these tests.
fn classes() -> BTreeSet<Code> {
    [Dimension::ListClass.code("NATIONAL").unwrap(), list_class::KNOWN_GOOD].into()
}

proptest! {
    /// The sensitivity that the noise is made for: in each table that counts it, one item moves exactly one cell, by one;
    /// and so in all tables together it is charged exactly what the ledger charges.
    #[test]
    fn one_item_more_moves_one_cell_of_a_table_by_one(cells in any_cube(), item in any_cell()) {
        for text in [crate::release::COARSE, WIDE] {
            let plan: Plan = text.parse().unwrap();
            let mut charged = 0;
            for table in plan.tables() {
                let mut cube = cube_of(&cells);
                let before = exact_counts(&cube, table, &classes());
                prop_assert_eq!(before.iter().sum::<u64>(), cube.total(table.indicator()));
                add(&mut cube, item, 1);
                let after = exact_counts(&cube, table, &classes());
                let changes: Vec<u64> = after.iter().zip(before).map(|(a, b)| a - b).collect();
                let is_match = table.indicator() == Indicator::ItemsScanned
                    || ["KNOWN", "NEAR"].contains(&item.code(Dimension::Verdict).unwrap().as_str());
                prop_assert_eq!(changes.iter().sum::<u64>(), u64::from(is_match));
                charged += if is_match { table.protection().epsilon().nano() } else { 0 };
            }
            prop_assert!(charged <= plan.charge_nano());
            let in_all = ["KNOWN", "NEAR"].contains(&item.code(Dimension::Verdict).unwrap().as_str());
            prop_assert_eq!(charged == plan.charge_nano(), in_all || plan.name() == "coarse");
        }
    }

    /// What a table does not count by does not show: the same seed gives the same cells.
    #[test]
    fn what_is_not_counted_by_does_not_show(cells in any_cube(), other in any_cell(), seed in any::<u64>()) {
        for text in [crate::release::COARSE, WIDE] {
            let plan: Plan = text.parse().unwrap();
            for table in plan.tables() {
                let keep = table.domain().dimensions();
                // Only what the table counts by, and whether it is a match, stays.
                let changed: Vec<(Cell, u64)> = cells
                    .iter()
                    .map(|(own, items)| {
                        let from = |dimension: Dimension| {
                            let stays = keep.contains(&dimension) || dimension == Dimension::Verdict;
                            if stays { own } else { &other }.code(dimension).unwrap()
                        };
                        (cell(&Cell::DIMENSIONS.map(from)), *items)
                    })
                    .collect();
                let drawn = |cells: &[(Cell, u64)]| {
                    let exact = exact_counts(&cube_of(cells), table, &classes());
                    released_cells(table, &exact, &mut StdRng::seed_from_u64(seed))
                };
                prop_assert_eq!(drawn(&cells), drawn(&changed));
            }
        }
    }
}
