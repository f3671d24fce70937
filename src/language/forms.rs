//! Numbers and dates as a language's readers write them. The forms are strings of the language's file.

/// How a language writes numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NumberForms {
    /// Between groups of three digits.
    pub(super) group: String,
    /// Before the decimals.
    pub(super) decimal: String,
    /// The fewest digits of a number that is grouped: 4, or 5 where four digits stand together.
    pub(super) grouped_from: usize,
}

impl NumberForms {
    pub(super) fn whole(&self, value: u64) -> String {
        let digits = value.to_string();
        if digits.len() < self.grouped_from {
            return digits;
        }
        let mut text = String::with_capacity(digits.len() + digits.len() / 3 * self.group.len());
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push_str(&self.group);
            }
            text.push(digit);
        }
        text
    }

    /// A decimal number as manifests write it, `0.25`.
    pub(super) fn decimal(&self, text: &str) -> String {
        let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
        let whole = whole.parse().map_or_else(|_| whole.to_owned(), |value| self.whole(value));
        if rest.is_empty() { whole } else { format!("{whole}{}{rest}", self.decimal) }
    }
}
