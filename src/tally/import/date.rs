//! From a date, as a case system writes it, to its month.

use jiff::civil::Date;
use serde::Deserialize;

use crate::vocabulary::Period;

/// How dates are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DateForm {
    /// Year first, as of ISO 8601, with `-`, `/` or nothing between the parts, or a month alone; or the day first with dots
    /// (`05.10.2026`). A time behind it is passed over.
    #[default]
    Iso,
    /// Day, month, year, with `/`, `-`, `.` or a space between.
    Dmy,
    /// Month, day, year.
    Mdy,
    /// Seconds since 1970, or thousandths of them.
    Unix,
}

/// Why something is no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DateFault {
    /// Day and month could be meant either way.
    Ambiguous,
    /// It is none of the form.
    Form,
}

/// The month of `text`.
pub(super) fn month(text: &str, form: DateForm) -> Result<Period, DateFault> {
    let text = text.trim();
    let date = match form {
        DateForm::Unix => unix(text)?,
        DateForm::Iso => iso(text)?,
        DateForm::Dmy | DateForm::Mdy => {
            let parts = parts(day_of(text), &['/', '-', '.', ' '])?;
            let [first, second, year] = parts[..] else { return Err(DateFault::Form) };
            let (day, month) = if form == DateForm::Dmy { (first, second) } else { (second, first) };
            date(year, month, day)?
        }
    };
    if (1970..=2999).contains(&date.year()) { Ok(Period::containing(date)) } else { Err(DateFault::Form) }
}

fn iso(text: &str) -> Result<Date, DateFault> {
    let day = day_of(text);
    let digits = day.bytes().all(|byte| byte.is_ascii_digit());
    if digits && day.len() == 8 {
        return date(&day[..4], &day[4..6], &day[6..]);
    }
    let parts = parts(day, &['-', '/', '.'])?;
    match parts[..] {
        [year, month] if year.len() == 4 => date(year, month, "1"),
        [year, month, day] if year.len() == 4 => date(year, month, day),
        [day_first, month, year] if year.len() == 4 && day.contains('.') => date(year, month, day_first),
        [_, _, year] if year.len() == 4 => Err(DateFault::Ambiguous),
        _ => Err(DateFault::Form),
    }
}

/// What stands before the time.
fn day_of(text: &str) -> &str {
    let is_time = |rest: &str| rest.trim_start().get(..3).is_some_and(|start| start.contains(':'));
    let at = text
        .match_indices([' ', 'T', ','])
        .find(|(at, found)| *found == "T" || is_time(&text[at + 1..]))
        .map_or(text.len(), |(at, _)| at);
    text[..at].trim_end_matches([',', ' '])
}

fn parts<'a>(text: &'a str, between: &[char]) -> Result<Vec<&'a str>, DateFault> {
    let parts: Vec<&str> = text.split(between).map(str::trim).collect();
    let number =
        |part: &&str| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    if parts.len() <= 3 && parts.iter().all(number) { Ok(parts) } else { Err(DateFault::Form) }
}

fn date(year: &str, month: &str, day: &str) -> Result<Date, DateFault> {
    if year.len() != 4 {
        return Err(DateFault::Form);
    }
    let number = |text: &str| text.parse::<i8>().map_err(|_| DateFault::Form);
    let year = year.parse().map_err(|_| DateFault::Form)?;
    Date::new(year, number(month)?, number(day)?).map_err(|_| DateFault::Form)
}

fn unix(text: &str) -> Result<Date, DateFault> {
    let number: i64 = text.parse().map_err(|_| DateFault::Form)?;
    // Thousandths, once they would be years far away as seconds.
    let seconds = if number.unsigned_abs() > 100_000_000_000 { number / 1000 } else { number };
    let time = jiff::Timestamp::from_second(seconds).map_err(|_| DateFault::Form)?;
    Ok(time.to_zoned(jiff::tz::TimeZone::UTC).date())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_found_in_the_forms_that_case_systems_write() {
        use DateForm::{Dmy, Iso, Mdy, Unix};
        for (form, text) in [
            (Iso, "2026-10-05"),
            (Iso, " 2026-10-05T23:59:59+02:00 "),
            (Iso, "2026-10-05 08:30"),
            (Iso, "2026/10/5"),
            (Iso, "20261005"),
            (Iso, "20261005T083000Z"),
            (Iso, "2026-10"),
            (Iso, "05.10.2026"),
            (Iso, "5.10.2026, 14:05"),
            (Dmy, "05/10/2026"),
            (Dmy, "5-10-2026 8:05"),
            (Dmy, "5 10 2026"),
            (Mdy, "10/05/2026"),
            (Mdy, "10/05/2026 08:05 PM"),
            (Unix, "1791158400"),
            (Unix, "1791158400123"),
        ] {
            assert_eq!(month(text, form).map(|month| month.to_string()).as_deref(), Ok("2026-10"), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_or_could_be_two_is_refused() {
        assert_eq!(month("05/10/2026", DateForm::Iso), Err(DateFault::Ambiguous));
        for text in [
            "",
            "soon",
            "2026-13-01",
            "2026-02-30",
            "26-10-05",
            "2026-10-05-07",
            "5.10.26",
            "1969-12-31",
            "3000-01-01",
        ] {
            assert_eq!(month(text, DateForm::Iso), Err(DateFault::Form), "{text}");
        }
        assert_eq!(month("31/02/2026", DateForm::Dmy), Err(DateFault::Form));
        assert_eq!(month("13/01/2026", DateForm::Mdy), Err(DateFault::Form));
        for text in ["x", "-1", "99999999999999999999", "é026-10-05"] {
            assert_eq!(month(text, DateForm::Unix), Err(DateFault::Form), "{text}");
        }
    }
}
