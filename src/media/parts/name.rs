//! What a part is called inside its container: a label for people, never a path to follow.

use std::fmt;

/// The name of a part, readable: UTF-8 whatever it was stored as, without control characters, and not endless.
///
/// A label and no path: it may begin with `/`, hold `..` or backslashes, and be that of several parts.
#[derive(Clone, PartialEq, Eq)]
pub struct PartName(Option<String>);

impl PartName {
    /// The one part of a container that gives it no name, such as a packed stream.
    pub const UNNAMED: Self = Self(None);
    /// Most characters of a name; what is longer is cut.
    pub const MOST_CHARS: usize = 1_024;

    /// The name; `None` if the container gives none.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.0.as_deref()
    }

    pub(super) fn new(text: &str) -> Self {
        let shown = |c: char| if hides(c) { char::REPLACEMENT_CHARACTER } else { c };
        Self(Some(text.chars().take(Self::MOST_CHARS).map(shown).collect()))
    }

    /// Of bytes that are UTF-8, or else most likely what Windows wrote in Western Europe.
    pub(super) fn of_bytes(bytes: &[u8]) -> Self {
        match str::from_utf8(bytes) {
            Ok(text) => Self::new(text),
            Err(_) => Self::new(&encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0),
        }
    }

    /// Of bytes in the code page of MS-DOS, which a ZIP uses where it does not say UTF-8. Many that do not say so are.
    pub(super) fn of_dos_bytes(bytes: &[u8]) -> Self {
        match str::from_utf8(bytes) {
            Ok(text) => Self::new(text),
            Err(_) => Self::new(&bytes.iter().map(|byte| dos(*byte)).collect::<String>()),
        }
    }

    /// Of UTF-16, low byte first, up to the first NUL.
    pub(super) fn of_utf16(bytes: &[u8]) -> Self {
        let units = bytes.as_chunks().0.iter().map(|pair| u16::from_le_bytes(*pair));
        let text = char::decode_utf16(units.take_while(|unit| *unit != 0));
        Self::new(&text.map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>())
    }
}

/// Names are content: they appear in no log.
impl fmt::Debug for PartName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "PartName(..)" } else { "PartName(unnamed)" })
    }
}

/// True for what would break a line or make a terminal show another name.
fn hides(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// Code page 437, the upper half as the Unicode consortium maps it (`CP437.TXT`).
fn dos(byte: u8) -> char {
    const UPPER: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
                         └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
    match byte.checked_sub(0x80) {
        Some(upper) => UPPER.chars().nth(upper.into()).unwrap_or(char::REPLACEMENT_CHARACTER),
        None => byte.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_out_readable_whatever_they_were_stored_as() {
        let shown = |name: PartName| name.as_str().unwrap().to_owned();
        assert_eq!(shown(PartName::of_dos_bytes(b"Gr\x81\xe1e.jpg")), "Grüße.jpg");
        assert_eq!(shown(PartName::of_dos_bytes("Grüße".as_bytes())), "Grüße");
        assert_eq!((0x80..=0xff).map(dos).filter(|c| c.is_ascii()).count(), 0);
        assert_eq!(dos(0xff), '\u{a0}');
        assert_eq!(shown(PartName::of_bytes(b"Gr\xfc\xdfe")), "Grüße");
        assert_eq!(shown(PartName::of_utf16(b"a\0\xe9\0\0\0x\0")), "aé");
        assert_eq!(shown(PartName::new("a\0b\n\u{202e}gpj.exe")), "a\u{fffd}b\u{fffd}\u{fffd}gpj.exe");
        assert_eq!(shown(PartName::new("../../etc/passwd")), "../../etc/passwd");
        assert_eq!(shown(PartName::new(&"é".repeat(5_000))).chars().count(), PartName::MOST_CHARS);
        assert_eq!(PartName::UNNAMED.as_str(), None);
        assert_eq!(format!("{:?}", PartName::new("secret")), "PartName(..)");
    }
}
