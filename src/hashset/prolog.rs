//! What a list of XML says that it is written in, told from its first bytes: the declaration is in ASCII in all encodings
//! but those of UTF-16.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::source::{SourceError, TextEncoding};

/// Bytes within which a declaration ends.
pub(super) const MAX_LEN: u64 = 512;

/// True for what may begin with a declaration.
pub(super) fn may_declare(head: &[u8]) -> bool {
    [&b"<?xml"[..], b"<\0?\0", b"\0<\0?"].iter().any(|start| head.starts_with(start))
}

/// The encoding that the XML which begins with `head` declares; `None` if it is UTF-8, or nothing is said.
///
/// # Errors
/// [`SourceError::XmlEncoding`] if it is none that is known, or one that the declaration itself is not written in.
pub(super) fn encoding(head: &[u8]) -> Result<Option<TextEncoding>, SourceError> {
    // XML 1.0, appendix F: without a byte order mark, the declaration itself tells UTF-16.
    if head.starts_with(b"<\0?\0") {
        return Ok(Some(TextEncoding::of(UTF_16LE)));
    }
    if head.starts_with(b"\0<\0?") {
        return Ok(Some(TextEncoding::of(UTF_16BE)));
    }
    let Some(label) = label(head) else { return Ok(None) };
    let found = std::str::from_utf8(label).ok().and_then(|label| label.parse::<TextEncoding>().ok());
    match found.map(TextEncoding::encoding) {
        None => Err(SourceError::XmlEncoding("names an encoding that is not known")),
        Some(encoding) if [UTF_16LE, UTF_16BE].contains(&encoding) => {
            Err(SourceError::XmlEncoding("says UTF-16, and is not written in it"))
        }
        Some(encoding) => Ok(other_than_utf8(encoding)),
    }
}

fn other_than_utf8(encoding: &'static Encoding) -> Option<TextEncoding> {
    (encoding != UTF_8).then(|| TextEncoding::of(encoding))
}

/// What stands behind `encoding=` in the declaration.
fn label(head: &[u8]) -> Option<&[u8]> {
    let declaration =
        head.strip_prefix(b"<?xml").filter(|rest| rest.first().is_some_and(u8::is_ascii_whitespace))?;
    let end = declaration.windows(2).position(|pair| pair == b"?>")?;
    let mut rest = &declaration[..end];
    // Name, equals sign and a value in quotes, again and again; what is not so is for the reader of XML to refuse.
    loop {
        let equals = rest.iter().position(|&byte| byte == b'=')?;
        let (name, value) = (rest[..equals].trim_ascii(), rest[equals + 1..].trim_ascii_start());
        let quote = *value.first().filter(|byte| matches!(byte, b'"' | b'\''))?;
        let len = value[1..].iter().position(|&byte| byte == quote)?;
        if name == b"encoding" {
            return Some(value[1..=len].trim_ascii());
        }
        rest = &value[len + 2..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(head: &str) -> Option<String> {
        encoding(head.as_bytes()).unwrap().map(|found| found.to_string())
    }

    #[test]
    fn a_declaration_says_what_follows() {
        for (head, expected) in [
            ("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a/>", Some("windows-1252")),
            ("<?xml version='1.0' encoding = 'windows-1251' standalone='yes' ?>", Some("windows-1251")),
            ("<?xml\nversion='1.0'\nencoding='Shift_JIS'?>", Some("shift_jis")),
            ("<?xml version='1.0' encoding='utf-8'?>", None),
            ("<?xml version='1.0'?><a encoding='koi8-r'/>", None),
            ("<?xml version='encoding=koi8-r'?>", None),
            ("<?xml-model encoding='koi8-r'?>", None),
            ("<?xml version='1.0' encoding='koi8-r'", None),
            ("<?xml encoding?>", None),
            ("<a/>", None),
        ] {
            assert_eq!(declared(head).as_deref(), expected, "{head}");
        }
        assert_eq!(encoding(b"<\0?\0x\0").unwrap().unwrap().to_string(), "utf-16le");
        assert_eq!(encoding(b"\0<\0?\0x").unwrap().unwrap().to_string(), "utf-16be");
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_cure_and_without_its_text() {
        for label in ["martian", "UTF-16", "utf-16be", "x-user-defined", "", "é"] {
            let head = format!("<?xml version='1.0' encoding='{label}'?>");
            let error = encoding(head.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("--encoding") && !error.contains("martian"), "{error}");
        }
    }
}
