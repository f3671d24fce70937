//! Tests of the texts that are computed: numbers, chances, and what a sum leaves out.

use super::*;

#[test]
fn numbers_have_thousands_separators() {
    for (value, text) in
        [(0, "0"), (999, "999"), (1_000, "1,000"), (48_120, "48,120"), (1_234_567, "1,234,567")]
    {
        assert_eq!(number(value), text);
    }
}

#[test]
fn epsilon_is_written_without_trailing_zeros() {
    for (nano, text) in [(1_000_000_000, "1"), (500_000_000, "0.5"), (1, "0.000000001"), (0, "0")] {
        assert_eq!(decimal(nano), text);
    }
}

#[test]
fn the_best_guess_is_rounded_upward() {
    assert_eq!(best_guess_percent(0), 50);
    assert_eq!(best_guess_percent(1_000_000_000), 74); // 73.1
    assert_eq!(best_guess_percent(u64::MAX), 100);
}

#[test]
fn small_chances_are_spelled_out() {
    assert_eq!(one_in("1e-6"), "1 in 1,000,000");
    assert_eq!(one_in("1e-40"), "1e-40");
    assert_eq!(one_in("0.5"), "0.5");
}

#[test]
fn a_sum_says_what_it_leaves_out() {
    let sum = |shown, withheld| Sum { shown, withheld, ..Sum::default() };
    assert_eq!(
        missing(&sum(4, 3)),
        "That leaves out 3 of the 7 groups in the table below, whose figures are withheld."
    );
    assert_eq!(
        missing(&sum(1, 1)),
        "That leaves out 1 of the 2 groups in the table below, whose figure is withheld."
    );
}
