//! Numbers as a language's readers write them. The forms are strings of the language's file.

/// How a language writes numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NumberForms {
    /// From zero to nine.
    pub(super) digits: [char; 10],
    /// Between groups of three digits.
    pub(super) group: String,
    /// Before the decimals.
    pub(super) decimal: String,
    /// Before a number below zero.
    pub(super) minus: String,
    /// The fewest digits of a number that is grouped: 4, or 5 where four digits stand together.
    pub(super) grouped_from: usize,
}

impl NumberForms {
    /// The digits of a text in the language's own.
    pub(super) fn digits(&self, text: &str) -> String {
        let own = |c: char| c.to_digit(10).map_or(c, |value| self.digits[value as usize]);
        text.chars().map(own).collect()
    }

    pub(super) fn whole(&self, value: u64) -> String {
        self.grouped(&value.to_string())
    }

    fn grouped(&self, digits: &str) -> String {
        if digits.len() < self.grouped_from {
            return self.digits(digits);
        }
        let mut text = String::with_capacity(digits.len() + digits.len() / 3 * self.group.len());
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push_str(&self.group);
            }
            text.extend(digit.to_digit(10).map(|value| self.digits[value as usize]));
        }
        text
    }

    /// A decimal number as manifests write it, `0.25` or `-3`; what is none stands as it is.
    pub(super) fn decimal(&self, text: &str) -> String {
        let (minus, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (&*self.minus, rest),
            None => ("", text),
        };
        let (whole, rest) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !is_number(whole) || !is_number(rest) {
            return text.to_owned();
        }
        let whole = self.grouped(whole);
        match rest {
            "" => format!("{minus}{whole}"),
            rest => format!("{minus}{whole}{}{}", self.decimal, self.digits(rest)),
        }
    }
}
