//! The objects of PDF (ISO 32000-1, 7.3), read from a piece of a file.

/// An object. Strings are as they are stored, decoded but of no charset.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Object {
    Null,
    Bool(bool),
    Number(f64),
    Name(Vec<u8>),
    Text(Vec<u8>),
    Array(Vec<Self>),
    Dict(Dict),
    /// The number of an object that stands elsewhere.
    Reference(u32),
}

/// A dictionary, in its own order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Dict(Vec<(Vec<u8>, Object)>);

/// Arrays and dictionaries within each other; no writer needs more than a few.
const MOST_DEEP: usize = 24;

impl Dict {
    pub(super) fn get(&self, key: &str) -> Option<&Object> {
        self.0.iter().find(|(other, _)| other == key.as_bytes()).map(|(_, value)| value)
    }

    /// By its name, or the short name that images within a page have.
    pub(super) fn either(&self, key: &str, short: &str) -> Option<&Object> {
        self.get(key).or_else(|| self.get(short))
    }

    pub(super) fn name(&self, key: &str) -> Option<&[u8]> {
        self.get(key)?.as_name()
    }
}

impl Object {
    pub(super) fn as_name(&self) -> Option<&[u8]> {
        if let Self::Name(name) = self { Some(name) } else { None }
    }

    pub(super) fn is_true(&self) -> bool {
        *self == Self::Bool(true)
    }

    /// A whole number that is not negative.
    pub(super) fn as_count(&self) -> Option<u64> {
        match self {
            Self::Number(number) if *number >= 0.0 && *number < 9e15 => Some(*number as u64),
            _ => None,
        }
    }
}

/// A place in a piece of a file.
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
}

/// Why there is no object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The piece ends before it does.
    Cut,
    /// It is none.
    Syntax,
}

type Read<T> = Result<T, Fault>;

impl<'a> Lexer<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    fn peek(&self) -> Read<u8> {
        self.bytes.get(self.at).copied().ok_or(Fault::Cut)
    }

    /// White space and comments.
    pub(super) fn skip_space(&mut self) {
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b'%' => {
                    let rest = &self.bytes[self.at..];
                    self.at +=
                        rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len());
                }
                byte if is_space(*byte) => self.at += 1,
                _ => return,
            }
        }
    }

    pub(super) fn starts_with(&self, word: &[u8]) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word))
    }

    pub(super) fn object(&mut self) -> Read<Object> {
        self.object_in(0)
    }

    fn object_in(&mut self, depth: usize) -> Read<Object> {
        if depth > MOST_DEEP {
            return Err(Fault::Syntax);
        }
        self.skip_space();
        match self.peek()? {
            b'/' => self.name().map(Object::Name),
            b'(' => self.text().map(Object::Text),
            b'[' => {
                self.at += 1;
                self.array(depth).map(Object::Array)
            }
            b'<' if self.bytes.get(self.at + 1) == Some(&b'<') => {
                self.at += 2;
                self.dict(depth).map(Object::Dict)
            }
            b'<' => self.digits().map(Object::Text),
            b'0'..=b'9' | b'+' | b'-' | b'.' => self.number(),
            byte if byte.is_ascii_alphabetic() => {
                // `true`, `false`, `null`; and what stands for null where it is unknown.
                let word = self.regular();
                match word {
                    b"true" | b"false" => Ok(Object::Bool(word == b"true")),
                    b"endobj" | b"stream" | b"endstream" => Err(Fault::Syntax),
                    _ => Ok(Object::Null),
                }
            }
            _ => Err(Fault::Syntax),
        }
    }

    fn array(&mut self, depth: usize) -> Read<Vec<Object>> {
        let mut items = Vec::new();
        loop {
            self.skip_space();
            if self.peek()? == b']' {
                self.at += 1;
                return Ok(items);
            }
            items.push(self.object_in(depth + 1)?);
        }
    }

    fn dict(&mut self, depth: usize) -> Read<Dict> {
        let mut pairs = Vec::new();
        loop {
            self.skip_space();
            match self.peek()? {
                b'>' => {
                    self.at += 1;
                    self.peek()?;
                    self.at += 1;
                    return Ok(Dict(pairs));
                }
                b'/' => {
                    let key = self.name()?;
                    pairs.push((key, self.object_in(depth + 1)?));
                }
                _ => return Err(Fault::Syntax),
            }
        }
    }

    /// A run of what is neither space nor delimiter.
    fn regular(&mut self) -> &'a [u8] {
        let rest = &self.bytes[self.at..];
        let len = rest.iter().position(|byte| is_space(*byte) || is_delimiter(*byte)).unwrap_or(rest.len());
        self.at += len;
        &rest[..len]
    }

    fn name(&mut self) -> Read<Vec<u8>> {
        self.at += 1;
        let word = self.regular();
        if self.at == self.bytes.len() {
            return Err(Fault::Cut);
        }
        let mut name = Vec::with_capacity(word.len());
        let mut at = 0;
        while at < word.len() {
            let escaped =
                word.get(at + 1..at + 3).and_then(|digits| Some((hex(digits[0])? << 4) | hex(digits[1])?));
            match escaped.filter(|_| word[at] == b'#') {
                Some(byte) => {
                    name.push(byte);
                    at += 3;
                }
                None => {
                    name.push(word[at]);
                    at += 1;
                }
            }
        }
        Ok(name)
    }

    /// A number, or a reference: a number, a generation and `R`.
    fn number(&mut self) -> Read<Object> {
        let word = self.regular();
        let number =
            str::from_utf8(word).ok().and_then(|word| word.parse::<f64>().ok()).filter(|n| n.is_finite());
        let behind = self.at;
        if word.iter().all(u8::is_ascii_digit) && word.len() < 10 {
            self.skip_space();
            let generation = self.regular();
            if !generation.is_empty() && generation.len() < 6 && generation.iter().all(u8::is_ascii_digit) {
                self.skip_space();
                if self.regular() == b"R" {
                    return Ok(Object::Reference(number.unwrap_or_default() as u32));
                }
            }
            self.at = behind;
        }
        // What is no number is written for one now and then: `-.` or `--5`.
        Ok(Object::Number(number.unwrap_or_default()))
    }

    fn text(&mut self) -> Read<Vec<u8>> {
        self.at += 1;
        let mut text = Vec::new();
        let mut open = 1;
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b'(' => open += 1,
                b')' => {
                    open -= 1;
                    if open == 0 {
                        return Ok(text);
                    }
                }
                b'\\' => {
                    let escape = self.peek()?;
                    self.at += 1;
                    match escape {
                        b'n' => text.push(b'\n'),
                        b'r' => text.push(b'\r'),
                        b't' => text.push(b'\t'),
                        b'b' => text.push(8),
                        b'f' => text.push(12),
                        b'\n' => {}
                        b'\r' => self.at += usize::from(self.peek()? == b'\n'),
                        b'0'..=b'7' => {
                            let mut value = u32::from(escape - b'0');
                            for _ in 0..2 {
                                let Some(digit @ b'0'..=b'7') = self.bytes.get(self.at) else { break };
                                value = value * 8 + u32::from(digit - b'0');
                                self.at += 1;
                            }
                            text.push(value as u8);
                        }
                        other => text.push(other),
                    }
                    continue;
                }
                _ => {}
            }
            text.push(byte);
        }
    }

    /// A string as hexadecimal digits.
    fn digits(&mut self) -> Read<Vec<u8>> {
        self.at += 1;
        let rest = &self.bytes[self.at..];
        let len = rest.iter().position(|byte| *byte == b'>').ok_or(Fault::Cut)?;
        self.at += len + 1;
        let digits: Vec<u8> = rest[..len].iter().filter_map(|digit| hex(*digit)).collect();
        Ok(digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).unwrap_or(&0)).collect())
    }
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 12 | b'\r' | b' ')
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

pub(super) fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Read<Object> {
        Lexer::new(text.as_bytes(), 0).object()
    }

    #[test]
    fn objects_are_read_as_the_standard_writes_them() {
        let name = |name: &str| Object::Name(name.into());
        let text = |text: &str| Object::Text(text.into());
        assert_eq!(read("/A#20B "), Ok(name("A B")));
        assert_eq!(
            read(
                r"(a(b)\(\101\n\
c)"
            ),
            Ok(text("a(b)(A\nc"))
        );
        assert_eq!(read("<48 656C6c 7>"), Ok(text("Hellp")));
        assert_eq!(read("% words\n-1.5 "), Ok(Object::Number(-1.5)));
        let items = vec![
            Object::Reference(12),
            Object::Number(3.0),
            Object::Number(4.0),
            Object::Bool(true),
            name("X"),
        ];
        assert_eq!(read("[12 0 R 3 4 true/X]"), Ok(Object::Array(items)));
        let Ok(Object::Dict(dict)) = read("<</Type/XObject /Length 5 0 R/D<</W 8>>>>") else {
            panic!("a dictionary")
        };
        assert_eq!(
            (dict.name("Type"), dict.get("Length")),
            (Some(&b"XObject"[..]), Some(&Object::Reference(5)))
        );
        assert_eq!(dict.get("D").map(|inner| matches!(inner, Object::Dict(_))), Some(true));
    }

    #[test]
    fn what_is_cut_is_told_from_what_is_none() {
        for whole in ["[1 2 /A (b) <41> << /C 1 >>]", "<</A [1 0 R]/B(x)>>"] {
            for end in 0..whole.len() {
                assert_eq!(read(&whole[..end]), Err(Fault::Cut), "{end} of {whole}");
            }
        }
        for bad in [")", "<</A>>", "<<(a) 1>>", "]", "endobj"] {
            assert_eq!(read(bad), Err(Fault::Syntax), "{bad}");
        }
        assert_eq!(read(&"[".repeat(1_000)), Err(Fault::Syntax));
    }
}
