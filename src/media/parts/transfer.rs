//! How mail carries bytes as lines: base64 and quoted-printable of MIME (RFC 2045), uuencode and yEnc within texts.
//!
//! All forgive what mail programs forgive: what is no digit is passed over.

/// A decoder, fed line by line.
pub(super) enum Transfer {
    /// As it is: 7bit, 8bit, binary.
    Plain,
    Base64 {
        bits: u32,
        digits: u8,
    },
    Quoted {
        /// The begin of an escape at the end of a piece.
        tail: Vec<u8>,
    },
    Uu,
    Yenc,
}

impl Transfer {
    /// The one of this name in a header; anything unknown is left as it is.
    pub(super) fn named(name: &str) -> Self {
        match name.trim().to_ascii_lowercase().as_str() {
            "base64" => Self::Base64 { bits: 0, digits: 0 },
            "quoted-printable" => Self::Quoted { tail: Vec::new() },
            "x-uuencode" | "x-uue" | "uuencode" => Self::Uu,
            _ => Self::Plain,
        }
    }

    /// Decodes a piece of a line to `out`; `line_end` is what ends it, and is empty if more of the line follows. True if
    /// the line's end is one of the content.
    pub(super) fn decode(&mut self, text: &[u8], line_end: &[u8], out: &mut Vec<u8>) -> bool {
        match self {
            Self::Plain => {
                out.extend_from_slice(text);
                true
            }
            Self::Base64 { bits, digits } => {
                base64(text, bits, digits, out);
                false
            }
            Self::Quoted { tail } => quoted(text, !line_end.is_empty(), tail, out),
            Self::Uu => {
                uu(text, out);
                false
            }
            Self::Yenc => {
                yenc(text, out);
                false
            }
        }
    }
}

impl Transfer {
    /// What is left at the end of the last line: some programs leave the padding out.
    pub(super) fn end(&mut self, out: &mut Vec<u8>) {
        match self {
            Self::Base64 { bits, digits } => base64(b"=", bits, digits, out),
            Self::Quoted { tail } => out.append(tail),
            _ => {}
        }
    }
}

fn base64(text: &[u8], bits: &mut u32, digits: &mut u8, out: &mut Vec<u8>) {
    for byte in text {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                // The end of a piece; some programs write several, each padded.
                let whole = [0, 0, 1, 2][usize::from(*digits)];
                let left = (*bits << (6 * (4 - u32::from(*digits)) % 24)).to_be_bytes();
                out.extend_from_slice(&left[1..1 + whole]);
                (*bits, *digits) = (0, 0);
                continue;
            }
            _ => continue,
        };
        *bits = *bits << 6 | u32::from(digit);
        *digits += 1;
        if *digits == 4 {
            out.extend_from_slice(&bits.to_be_bytes()[1..]);
            (*bits, *digits) = (0, 0);
        }
    }
}

fn quoted(text: &[u8], ends: bool, tail: &mut Vec<u8>, out: &mut Vec<u8>) -> bool {
    let joined = [std::mem::take(tail), text.to_vec()].concat();
    let text = if ends { joined.trim_ascii_end() } else { &joined };
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let digits = text.get(at + 1..at + 3);
        let escaped = digits.and_then(|digits| Some(hex(digits[0])? << 4 | hex(digits[1])?));
        match (byte, escaped) {
            (b'=', Some(value)) => {
                out.push(value);
                at += 3;
            }
            (b'=', None) if digits.is_none() && !ends => {
                tail.extend_from_slice(&text[at..]);
                return false;
            }
            // A line that ends so goes on in the next.
            (b'=', None) if ends && at + 1 == text.len() => return false,
            _ => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    true
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

/// A line of uuencode: its length, then four letters for three bytes.
fn uu(text: &[u8], out: &mut Vec<u8>) {
    let Some((len, letters)) = text.split_first() else { return };
    let value = |letter: u8| u32::from(letter.wrapping_sub(b' ') & 0x3f);
    let mut left = value(*len) as usize;
    for group in letters.chunks(4) {
        let bits = (0..4).fold(0, |bits, n| bits << 6 | group.get(n).map_or(0, |letter| value(*letter)));
        let taken = left.min(3);
        out.extend_from_slice(&bits.to_be_bytes()[1..1 + taken]);
        left -= taken;
    }
}

fn yenc(text: &[u8], out: &mut Vec<u8>) {
    if text.starts_with(b"=y") {
        return;
    }
    let mut escaped = false;
    for byte in text {
        if *byte == b'=' && !escaped {
            escaped = true;
            continue;
        }
        out.push(byte.wrapping_sub(if escaped { 42 + 64 } else { 42 }));
        escaped = false;
    }
}

/// What begins within a text: the name of a file, and how it is carried.
pub(super) fn begins(line: &[u8]) -> Option<(&[u8], Transfer)> {
    if let Some(rest) = line.strip_prefix(b"begin ") {
        let digits = rest.iter().take_while(|byte| (b'0'..=b'7').contains(byte)).count();
        let name = rest[digits..].strip_prefix(b" ")?.trim_ascii();
        return ((3..=4).contains(&digits) && !name.is_empty()).then_some((name, Transfer::Uu));
    }
    let rest = line.strip_prefix(b"=ybegin ")?;
    let name = memchr::memmem::find(rest, b"name=").map(|at| rest[at + 5..].trim_ascii());
    name.map(|name| (name, Transfer::Yenc))
}

/// True for the line that ends it again.
pub(super) fn ends(transfer: &Transfer, line: &[u8]) -> bool {
    match transfer {
        Transfer::Uu => line.trim_ascii_end() == b"end",
        Transfer::Yenc => line.starts_with(b"=yend"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(mut transfer: Transfer, lines: &[&[u8]]) -> Vec<u8> {
        let mut out = Vec::new();
        for line in lines {
            let keeps = transfer.decode(line, b"\n", &mut out);
            if keeps {
                out.push(b'\n');
            }
        }
        out
    }

    #[test]
    fn lines_are_decoded_as_their_standards_say() {
        let base64 = || Transfer::named(" BASE64 ");
        // RFC 4648, section 10.
        for (text, bytes) in
            [("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"), ("Zm9vYmE=", "fooba")]
        {
            assert_eq!(decoded(base64(), &[text.as_bytes()]), bytes.as_bytes());
        }
        assert_eq!(decoded(base64(), &[b"Zm9", b" v!Y", b"g==Zg=="]), b"foobf");
        assert_eq!(
            decoded(Transfer::named("quoted-printable"), &[b"a=3D=C3=A9b  ", b"so=", b"ft =zz="]),
            "a=éb\nsoft =zz".as_bytes()
        );
        // As `uuencode` of GNU sharutils writes them.
        assert_eq!(decoded(Transfer::Uu, &[b"#0V%T", b"`"]), b"Cat");
        assert_eq!(decoded(Transfer::Uu, &[b"%:&5L;&\\ ", b"`"]), b"hello");
        // The draft of yEnc 1.3: each byte plus 42; NUL, line ends and `=` are escaped.
        assert_eq!(
            decoded(Transfer::Yenc, &[b"=ypart begin=1", b"\x6b\x6c=\x7d=J"]),
            [0x41, 0x42, 0x13, 0xe0]
        );
    }

    #[test]
    fn an_escape_may_lie_on_the_seam_of_two_pieces() {
        let whole = b"a=C3=A9 =3D";
        for seam in 0..whole.len() {
            let (mut transfer, mut out) = (Transfer::named("quoted-printable"), Vec::new());
            transfer.decode(&whole[..seam], b"", &mut out);
            transfer.decode(&whole[seam..], b"\n", &mut out);
            assert_eq!(out, "aé =".as_bytes(), "{seam}");
        }
    }

    #[test]
    fn files_within_texts_are_known_by_their_first_line() {
        assert!(matches!(begins(b"begin 644 a b.jpg"), Some((b"a b.jpg", Transfer::Uu))));
        assert!(matches!(
            begins(b"=ybegin line=128 size=4 name=a b.jpg "),
            Some((b"a b.jpg", Transfer::Yenc))
        ));
        for line in
            [&b"begin at once"[..], b"begin 644", b"begin 644 ", b"begin 64444 a", b"=ybegin size=4", b""]
        {
            assert!(begins(line).is_none(), "{}", line.escape_ascii());
        }
    }
}
