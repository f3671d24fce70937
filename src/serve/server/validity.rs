//! For `doctor`: from when until when certificates hold, and whether there is room to listen.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::ServeError;
use super::listen::try_all;
use super::tls::{Certificates, certificates, read};
use crate::serve::settings::{Settings, TlsSettings};

/// From when until when a certificate of a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validity {
    /// The file.
    pub path: PathBuf,
    /// Not before.
    pub from: Timestamp,
    /// Not after.
    pub until: Timestamp,
}

/// Tries whether each place of `settings` can be listened at, without staying there.
#[must_use]
pub fn probe(settings: &Settings) -> Vec<(String, Result<(), ServeError>)> {
    try_all(settings)
}

/// Reads the files of TLS as the service does: the time of the server's own certificate, and that of each authority.
///
/// # Errors
/// [`ServeError::Tls`] names the file that cannot be used.
pub fn validity(settings: &TlsSettings) -> Result<Vec<Validity>, ServeError> {
    Certificates::open(settings)?;
    let mut found = Vec::new();
    for (path, most) in [(Some(&settings.certificate), 1), (settings.client_ca.as_ref(), usize::MAX)] {
        let Some(path) = path else { continue };
        for certificate in certificates(path, &read(path)?)?.into_iter().take(most) {
            let cause = || "this certificate says in no known way how long it holds".to_owned();
            let fault = || ServeError::Tls { path: path.clone(), cause: cause() };
            let (from, until) = times(&certificate).ok_or_else(fault)?;
            found.push(Validity { path: path.clone(), from, until });
        }
    }
    Ok(found)
}

/// `notBefore` and `notAfter` of a certificate in DER (RFC 5280, 4.1).
fn times(certificate: &[u8]) -> Option<(Timestamp, Timestamp)> {
    let mut whole = element(&mut &*certificate, 0x30)?;
    let mut signed = element(&mut whole, 0x30)?;
    let _version = element(&mut signed, 0xa0); // not there in version 1
    let _serial = element(&mut signed, 0x02)?;
    let _algorithm = element(&mut signed, 0x30)?;
    let _issuer = element(&mut signed, 0x30)?;
    let mut validity = element(&mut signed, 0x30)?;
    Some((time(&mut validity)?, time(&mut validity)?))
}

/// The content of the next element, if it has this tag; `rest` goes on behind it.
fn element<'a>(rest: &mut &'a [u8], tag: u8) -> Option<&'a [u8]> {
    let (found, behind) = rest.split_first()?;
    if *found != tag {
        return None;
    }
    let (first, mut behind) = behind.split_first()?;
    let mut len = usize::from(*first);
    if len >= 0x80 {
        let (bytes, after) = behind.split_at_checked(len & 0x7f)?;
        if bytes.is_empty() || bytes.len() > 4 {
            return None;
        }
        len = bytes.iter().fold(0, |len, byte| len << 8 | usize::from(*byte));
        behind = after;
    }
    let (content, behind) = behind.split_at_checked(len)?;
    *rest = behind;
    Some(content)
}

/// `UTCTime` (two digits of the year: 1950 to 2049) or `GeneralizedTime`, both to the second and in UTC.
fn time(rest: &mut &[u8]) -> Option<Timestamp> {
    let (text, century) = match element(rest, 0x17) {
        Some(text) => (text, None),
        None => (element(rest, 0x18)?, Some(())),
    };
    let digits = text.strip_suffix(b"Z")?;
    if !digits.is_ascii() || digits.len() != if century.is_some() { 14 } else { 12 } {
        return None;
    }
    let number = |at: usize, len: usize| std::str::from_utf8(&digits[at..at + len]).ok()?.parse::<i16>().ok();
    let (year, at) = match century {
        Some(()) => (number(0, 4)?, 4),
        None => {
            let year = number(0, 2)?;
            (if year < 50 { 2000 + year } else { 1900 + year }, 2)
        }
    };
    let part = |index: usize| i8::try_from(number(at + 2 * index, 2)?).ok();
    let when = DateTime::new(year, part(0)?, part(1)?, part(2)?, part(3)?, part(4)?, 0).ok()?;
    Offset::UTC.to_timestamp(when).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    #[test]
    fn a_certificate_says_how_long_it_holds() {
        for (year, until) in [(2031, "2031-02-03T00:00:00Z"), (2062, "2062-02-03T00:00:00Z")] {
            let mut params = CertificateParams::new(vec!["localhost".into()]).unwrap();
            params.not_before = date_time_ymd(1999, 12, 31);
            params.not_after = date_time_ymd(year, 2, 3);
            let made = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
            let expected = ("1999-12-31T00:00:00Z".parse().unwrap(), until.parse().unwrap());
            assert_eq!(times(made.der()), Some(expected), "either way of writing a year");
            for cut in 0..made.der().len().min(200) {
                let _ = times(&made.der()[..cut]); // no length makes it panic
            }
        }
    }
}
