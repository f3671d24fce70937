//! One hash a line: alone, `kind:hex`, `hex  name` as the `*sum` tools write it, `MD5 (name) = hex` as BSD does.
//!
//! Names are dropped unread. Lines of these kinds may be mixed.

use super::report::{Cause, ReadReport};
use super::{Entry, Hashes};
use crate::digest::SignalKind;

/// What a line is, before its value is looked at.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shape<'a> {
    /// Hexadecimal digits at the beginning of the line, and nothing that names their kind.
    Bare(&'a str),
    /// A name of a kind, and what should be a value.
    Named { kind: &'a str, value: &'a str },
    /// Anything else.
    Other,
}

/// The shape of a line.
pub(super) fn shape(text: &str) -> Shape<'_> {
    // Most lines of most lists, told by all of their bytes at once.
    if matches!(text.len(), 32 | 40 | 64)
        && text.bytes().fold(true, |all, byte| all & byte.is_ascii_hexdigit())
    {
        return Shape::Bare(text);
    }
    // A leading backslash says that the name behind the digest has escapes.
    let text = text.strip_prefix('\\').unwrap_or(text);
    if let Some((kind, value)) = bsd(text) {
        return Shape::Named { kind, value };
    }
    let first = text.split_ascii_whitespace().next().unwrap_or_default();
    match first.split_once(':') {
        Some((kind, value)) if kind_named(kind).is_some() => Shape::Named { kind, value },
        None if !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_hexdigit()) => Shape::Bare(first),
        _ => Shape::Other,
    }
}

/// True for a line with a second hash where the name of a file would stand, which is not to be dropped as one. Behind two
/// spaces or ` *`, as the `*sum` tools write it, it is a name all the same: files are called by their hash.
pub(super) fn has_second(text: &str) -> bool {
    let text = text.strip_prefix('\\').unwrap_or(text);
    let Some((first, rest)) = text.find([' ', '\t', ',', ';']).map(|at| text.split_at(at)) else {
        return false;
    };
    let second = if rest.starts_with([',', ';']) { rest[1..].trim_ascii_start() } else { &rest[1..] };
    let second = second.split([' ', '\t', ',', ';']).next().unwrap_or_default();
    is_digest(second) && is_digest(first)
}

/// True for hexadecimal digits as many as a digest has, with or without the name of their kind in front.
fn is_digest(word: &str) -> bool {
    let digits = match word.split_once(':') {
        Some((kind, digits)) if kind_named(kind).is_some() => digits,
        _ => word,
    };
    matches!(digits.len(), 32 | 40 | 64 | 128) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Algorithm and digest of `MD5 (name) = hex`, and of OpenSSL's `MD5(name)= hex`. The name may hold anything.
fn bsd(text: &str) -> Option<(&str, &str)> {
    let (kind, rest) = text.split_once('(')?;
    let (_, value) = rest.rsplit_once(')')?;
    let (kind, value) = (kind.trim_ascii(), value.trim_ascii_start().strip_prefix('=')?.trim_ascii());
    let is_name = kind.len() >= 2 && kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (is_name && !value.is_empty()).then_some((kind, value))
}

/// The kind called `name`, in any case, with or without dashes: `SHA-256`, `SHA2-256`, `sha256`.
pub(super) fn kind_named(name: &str) -> Option<SignalKind> {
    let like = |text: &str| name.eq_ignore_ascii_case(text);
    SignalKind::ALL.into_iter().find(|kind| {
        like(kind.as_str())
            || match kind {
                SignalKind::Sha1 => like("sha-1"),
                SignalKind::Sha256 => like("sha-256") || like("sha2-256"),
                _ => false,
            }
    })
}

/// The entry of one line; `declared` is what bare digits are.
pub(super) fn read(
    text: &str,
    declared: Option<SignalKind>,
    report: &mut ReadReport,
) -> Result<Option<Entry>, Cause> {
    let shape = shape(text);
    let is_alone = matches!(shape, Shape::Bare(digits) if digits.len() == text.len());
    if !is_alone && has_second(text) {
        return Err(Cause::TwoHashes);
    }
    let (kind, value) = match shape {
        Shape::Named { kind, value } => match (kind_named(kind), declared) {
            (None, _) => {
                report.unsupported_lines += 1;
                report.count_unsupported(kind);
                return Ok(None);
            }
            (Some(found), Some(declared)) if found != declared => {
                return Err(Cause::OtherKind { declared, found });
            }
            (Some(kind), _) => (kind, value),
        },
        Shape::Bare(value) => match (declared, value.len()) {
            (Some(kind), _) => (kind, value),
            (None, 32) => (SignalKind::Md5, value),
            (None, 40) => (SignalKind::Sha1, value),
            (None, 64) => return Err(Cause::Ambiguous64),
            (None, len) => return Err(Cause::NoKindHasLength(len)),
        },
        Shape::Other => return Err(Cause::NoHash),
    };
    Ok(Some(Entry::bare(Hashes::from(kind.parse(value)?))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::SignalError;
    use crate::hashset::ListForm;

    fn classic(name: &str) -> SignalKind {
        SignalKind::Classic(name.parse().unwrap())
    }

    fn one(text: &str, declared: Option<SignalKind>) -> Result<Option<SignalKind>, Cause> {
        let mut report = ReadReport::new(ListForm::Plain { kind: declared }, 0);
        Ok(read(text, declared, &mut report)?.map(|entry| entry.hashes.iter().next().unwrap().kind()))
    }

    #[test]
    fn every_way_to_write_a_line_is_read() {
        let (md5, sha1, long) = ("C0".repeat(16), "de".repeat(20), "5c".repeat(32));
        for (text, declared, expected) in [
            (md5.clone(), None, SignalKind::Md5),
            (sha1.clone(), None, SignalKind::Sha1),
            (format!("{md5}  name, with = signs (1)"), None, SignalKind::Md5),
            (format!("\\{md5} *odd\\\\name"), None, SignalKind::Md5),
            (format!("MD5 (a) = b (1).jpg) = {md5}"), None, SignalKind::Md5),
            (format!("SHA2-256(name)= {long}"), None, SignalKind::Sha256),
            (format!("BLAKE3 (name) = {long}"), None, SignalKind::Blake3),
            (format!("pdq:{long}"), None, SignalKind::Pdq),
            (format!("SHA256:{long}  name"), None, SignalKind::Sha256),
            (long.clone(), Some(SignalKind::Pdq), SignalKind::Pdq),
            (format!("{long}\tname"), Some(SignalKind::Sha256), SignalKind::Sha256),
            (format!("sha256:{long}"), Some(SignalKind::Sha256), SignalKind::Sha256),
            (format!("Gradient8:{}  name", "0F".repeat(8)), None, classic("gradient8")),
            ("0f".repeat(5), Some(classic("double-gradient8")), classic("double-gradient8")),
            (format!("{long}  name"), Some(classic("median16-dct")), classic("median16-dct")),
            (format!("mean32 (name) = {}", "0f".repeat(128)), None, classic("mean32")),
        ] {
            assert_eq!(one(&text, declared), Ok(Some(expected)), "{text}");
        }
    }

    #[test]
    fn a_second_hash_is_no_name_unless_it_stands_where_tools_write_names() {
        let (md5, sha1, long) = ("C0".repeat(16), "de".repeat(20), "5c".repeat(32));
        for second in [md5.clone(), sha1.clone(), long.clone(), "0F".repeat(64), format!("sha1:{sha1}")] {
            for between in [" ", "\t", ",", ";", ", ", "; "] {
                for behind in ["", " name.jpg", "\tname", ",4096", ";x"] {
                    let text = format!("{md5}{between}{second}{behind}");
                    assert_eq!(one(&text, None), Err(Cause::TwoHashes), "{text}");
                }
            }
            let text = format!("md5:{md5} {second}");
            assert_eq!(one(&text, None), Err(Cause::TwoHashes), "{text}");
        }
        for name in [
            format!("  {sha1}"),
            format!(" *{long}"),
            format!("  {md5} {md5}"),
            format!(" {md5}.jpg"),
            format!("\t{md5}.jpg"),
            format!(" {}", &md5[1..]),
            format!(" {}g", &md5[1..]),
            format!(" a {md5}"),
            "\tname".into(),
        ] {
            assert_eq!(one(&format!("{md5}{name}"), None), Ok(Some(SignalKind::Md5)), "{name}");
        }
        for text in [format!("MD5 ({md5} {sha1}) = {md5}"), format!("MD5(a {long} b)= {md5}")] {
            assert_eq!(one(&text, None), Ok(Some(SignalKind::Md5)), "{text}");
        }
        let cause = Cause::TwoHashes.to_string();
        assert!(cause.contains("--map"), "{cause}");
    }

    #[test]
    fn what_does_not_fit_is_told_apart() {
        let (md5, long) = ("C0".repeat(16), "5c".repeat(32));
        let declared = Some(SignalKind::Sha256);
        assert_eq!(one(&long, None), Err(Cause::Ambiguous64));
        assert_eq!(one("c0ffee", None), Err(Cause::NoKindHasLength(6)));
        assert_eq!(one("name.jpg", None), Err(Cause::NoHash));
        assert!(matches!(one(&md5, declared), Err(Cause::Hash(SignalError::Length { found: 32, .. }))));
        assert!(matches!(one(&format!("md5:{md5}"), declared), Err(Cause::OtherKind { .. })));
        let sided = Some(classic("gradient16"));
        assert!(matches!(
            one("0f0f0f0f0f0f0f0f", sided),
            Err(Cause::Hash(SignalError::Length { expected: 64, found: 16, .. }))
        ));
        assert!(matches!(one("gradient8:0f0f0f0f0f0f0f0f", sided), Err(Cause::OtherKind { .. })));
        assert!(matches!(one(&"f".repeat(64), sided), Err(Cause::Hash(SignalError::Plain { .. }))));
        assert_eq!(one("0f0f0f0f0f0f0f0f", None), Err(Cause::NoKindHasLength(16)));
        assert!(matches!(one("md5:", None), Err(Cause::Hash(SignalError::Length { found: 0, .. }))));
        assert!(matches!(
            one("D41D8CD98F00B204E9800998ECF8427E", None),
            Err(Cause::Hash(SignalError::EmptyInput { .. }))
        ));
        assert_eq!(one(&format!("SHA512 (name) = {long}{long}"), None), Ok(None));
    }
}
