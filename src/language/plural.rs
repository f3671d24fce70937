//! Numbers that choose a plural form, and what is written of them.
//!
//! `intl_pluralrules` 7.0.2 has the rule of Arabic without its remainders: CLDR says `n % 100 = 3..10` and `11..99`, the crate
//! asks whether `n` itself lies there. So a number is handed over as the smallest one of its form, and carries itself beside.

use fluent_bundle::types::{FluentNumber, FluentNumberOptions};

/// The number as messages of the language `tag` choose by it.
pub(super) fn counted(tag: &str, value: u64) -> FluentNumber {
    let chosen = match (tag.split('-').next(), value % 100) {
        (Some("ar"), rest @ 3..=99) => rest,
        (Some("ar"), _) if value >= 100 => 100,
        _ => value,
    };
    // None of the options is asked for anything: numbers are written by `whole` alone.
    let options = FluentNumberOptions {
        maximum_significant_digits: usize::try_from(value).ok(),
        ..FluentNumberOptions::default()
    };
    FluentNumber { value: chosen as f64, options }
}

/// The number itself.
pub(super) fn whole(number: &FluentNumber) -> u64 {
    number.options.maximum_significant_digits.map_or(number.value as u64, |value| value as u64)
}

#[cfg(test)]
mod tests {
    use crate::language::{Arg, Locale};

    /// The samples are those of CLDR 48 for Arabic's integers.
    #[test]
    fn arabic_counts_by_the_last_two_digits() {
        let arabic = Locale::built_in().iter().find(|locale| locale.tag() == "ar").unwrap();
        let form = |count: u64| {
            let said = arabic.say("count-items", &[("count", Arg::Number(count))]);
            let number = arabic.number(count);
            assert!(count < 3 || said.contains(&number), "{said}");
            said.replace(&number, "N")
        };
        for (sample, same) in [
            (4, &[103, 110, 1_003][..]),
            (15, &[111, 199, 1_731, 1_011]),
            (100, &[101, 102, 200, 202, 300, 1_000, 10_000, 1_000_000]),
        ] {
            for &count in same {
                assert_eq!(form(count), form(sample), "{count}");
            }
        }
        assert!(form(4) != form(15) && form(15) != form(100) && form(4) != form(100));
    }
}
