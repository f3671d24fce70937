//! JSON that may be hostile, read once in flat memory.
//!
//! The outer levels of a list are walked by name and item ([`Json::name`], [`Json::item`]), so that its size does not
//! matter; one record is then read as a whole (see [`super::fields`]). Crates that stream JSON hold names and numbers of
//! any length in memory, hence this one.

use std::io::{self, BufRead};

use super::record::{Fault, Place, Step};

/// Containers in containers. Lists have seven at most.
const MAX_DEPTH: u32 = 64;

/// Bytes of one string, name or number. Longer ones are passed over.
const MAX_TEXT: usize = 64 * 1024;

/// What is expected in place of other bytes; those that a declared encoding does not have come here as such.
const NOT_UTF8: &str = "a string in UTF-8, or in the encoding that --encoding names";

/// What a value begins with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    Null,
    Bool(bool),
    /// In `text`, or too long.
    Number,
    Text,
    Array,
    Object,
}

/// A walk through JSON.
pub(super) struct Json<'r> {
    input: &'r mut dyn BufRead,
    /// Bytes consumed.
    at: u64,
    /// Open containers.
    depth: u32,
    /// Nothing stands in the innermost container yet.
    fresh: bool,
    /// The last string, name or number.
    text: Vec<u8>,
    /// It was too long.
    long: bool,
}

impl<'r> Json<'r> {
    /// Begins in front of the first value; a byte order mark is passed over.
    pub(super) fn new(input: &'r mut dyn BufRead) -> Step<Self> {
        let mut json = Self { input, at: 0, depth: 0, fresh: true, text: Vec::new(), long: false };
        if json.peek()? == Some(0xEF) {
            for mark in [0xEF, 0xBB, 0xBF] {
                if json.next()? != Some(mark) {
                    return json.broken("a byte order mark of UTF-8 or JSON");
                }
            }
        }
        Ok(json)
    }

    /// True if the last string, name or number was too long.
    pub(super) fn is_long(&self) -> bool {
        self.long
    }

    /// Where the walk stands.
    pub(super) fn place(&self) -> Place {
        Place::Byte(self.at)
    }

    /// `expected`, as an error at this place.
    pub(super) fn broken<T>(&self, expected: &'static str) -> Step<T> {
        Err(Fault::Broken { at: self.at, expected })
    }

    /// True in front of a value, false at the end of the input.
    pub(super) fn more(&mut self) -> Step<bool> {
        Ok(self.solid()?.is_some())
    }

    /// True in front of a value that begins with `byte`.
    pub(super) fn begins(&mut self, byte: u8) -> Step<bool> {
        Ok(self.solid()? == Some(byte))
    }

    /// Nothing may follow.
    pub(super) fn end(&mut self) -> Step<()> {
        if self.more()? { self.broken("the end of the list") } else { Ok(()) }
    }

    /// Goes into an object.
    pub(super) fn object(&mut self) -> Step<()> {
        if self.begins(b'{')? { self.token().map(drop) } else { self.broken("an object") }
    }

    /// Goes into an array.
    pub(super) fn array(&mut self) -> Step<()> {
        if self.begins(b'[')? { self.token().map(drop) } else { self.broken("an array") }
    }

    /// The next name in this object, or `None` having left it. A name that is too long is empty.
    pub(super) fn name(&mut self) -> Step<Option<&str>> {
        if !self.element(b'}')? {
            return Ok(None);
        }
        if self.solid()? != Some(b'"') {
            return self.broken("a name in quotes");
        }
        self.string()?;
        if self.solid()? != Some(b':') {
            return self.broken("a colon behind a name");
        }
        self.skip(1);
        Ok(Some(self.as_str()))
    }

    /// True in front of the next item of this array, false having left it.
    pub(super) fn item(&mut self) -> Step<bool> {
        self.element(b']')
    }

    /// Passes over one value.
    pub(super) fn pass(&mut self) -> Step<()> {
        // The kind of each open container: there are as many as bits.
        let mut objects = 0_u64;
        let base = self.depth;
        loop {
            match self.token()? {
                Token::Object => objects |= 1 << (self.depth - 1),
                Token::Array => objects &= !(1 << (self.depth - 1)),
                _ => {}
            }
            // On to the next value, out of every container that ends here.
            while self.depth > base {
                let object = objects >> (self.depth - 1) & 1 == 1;
                if if object { self.name()?.is_some() } else { self.item()? } {
                    break;
                }
            }
            if self.depth == base {
                return Ok(());
            }
        }
    }

    /// One step into the next value.
    pub(super) fn token(&mut self) -> Step<Token> {
        let Some(byte) = self.solid()? else { return self.broken("a value, not the end of the list") };
        let token = match byte {
            b'{' | b'[' => {
                if self.depth == MAX_DEPTH {
                    return self.broken("no more than 64 containers in one another");
                }
                self.skip(1);
                self.depth += 1;
                self.fresh = true;
                return Ok(if byte == b'{' { Token::Object } else { Token::Array });
            }
            b'"' => {
                self.string()?;
                Token::Text
            }
            b'-' | b'0'..=b'9' => {
                self.number()?;
                Token::Number
            }
            b'n' => self.word("null", Token::Null)?,
            b't' => self.word("true", Token::Bool(true))?,
            b'f' => self.word("false", Token::Bool(false))?,
            _ => return self.broken("a value"),
        };
        self.fresh = false;
        Ok(token)
    }

    /// True in front of the next element of the innermost container, false having left it.
    fn element(&mut self, close: u8) -> Step<bool> {
        match self.solid()? {
            Some(byte) if byte == close => {
                self.skip(1);
                self.depth -= 1;
                self.fresh = false;
                Ok(false)
            }
            Some(_) if self.fresh => {
                self.fresh = false;
                Ok(true)
            }
            Some(b',') => {
                self.skip(1);
                if self.solid()? == Some(close) {
                    return self.broken("something behind a comma");
                }
                Ok(true)
            }
            _ => self.broken("a comma, or the end of an array or object"),
        }
    }

    fn word(&mut self, word: &'static str, token: Token) -> Step<Token> {
        for byte in word.bytes() {
            if self.peek()? != Some(byte) {
                return self.broken("null, true, false or another value");
            }
            self.skip(1);
        }
        if self.peek()?.is_some_and(|byte| byte.is_ascii_alphanumeric()) {
            return self.broken("the end of a word");
        }
        Ok(token)
    }

    /// The string behind the quote that comes next, into `text`.
    fn string(&mut self) -> Step<()> {
        let start = self.at;
        self.skip(1);
        self.text.clear();
        self.long = false;
        let mut high = None;
        loop {
            let rest = fill(&mut *self.input)?;
            if rest.is_empty() {
                return self.broken("the end of a string");
            }
            let plain = rest.iter().position(|&byte| matches!(byte, b'"' | b'\\' | 0..0x20));
            // No more at once than may be kept, whatever the buffer of the input holds.
            let len = plain.unwrap_or(rest.len()).min(MAX_TEXT);
            let special = rest.get(len).copied().filter(|_| plain == Some(len));
            if (special != Some(b'\\') || len > 0) && high.take().is_some() {
                self.text.extend_from_slice("\u{fffd}".as_bytes());
            }
            self.text.extend_from_slice(&rest[..len]);
            self.skip(len);
            self.bound(start)?;
            match special {
                Some(b'"') => break self.skip(1),
                Some(b'\\') => self.escape(&mut high)?,
                Some(_) => return self.broken("no control character in a string"),
                None => {}
            }
        }
        match std::str::from_utf8(&self.text) {
            Err(_) => Err(Fault::Broken { at: start, expected: NOT_UTF8 }),
            Ok(_) => {
                if self.long {
                    self.text.clear();
                }
                Ok(())
            }
        }
    }

    /// Forgets what was read of a string that is too long, once it is seen to be UTF-8.
    fn bound(&mut self, start: u64) -> Step<()> {
        if self.text.len() <= MAX_TEXT {
            return Ok(());
        }
        self.long = true;
        let valid = match std::str::from_utf8(&self.text) {
            Ok(text) => text.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(_) => return Err(Fault::Broken { at: start, expected: NOT_UTF8 }),
        };
        self.text.drain(..valid);
        Ok(())
    }

    /// The escape that comes next. `high` is the first half of a surrogate pair that stands right in front of it. Half a
    /// pair is a character that is lost, not the end of a list: languages of UTF-16 write it when they cut a name.
    fn escape(&mut self, high: &mut Option<u32>) -> Step<()> {
        self.skip(1);
        let before = high.take();
        let plain = match self.next()? {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let mut unit = 0;
                for _ in 0..4 {
                    let Some(digit) = self.next()?.and_then(|byte| char::from(byte).to_digit(16)) else {
                        return self.broken("four hexadecimal digits");
                    };
                    unit = unit * 16 + digit;
                }
                match (before, unit) {
                    (Some(high), 0xDC00..0xE000) => {
                        let code = 0x1_0000 + ((high - 0xD800) << 10) + (unit - 0xDC00);
                        self.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                        return Ok(());
                    }
                    (_, 0xD800..0xDC00) => *high = Some(unit),
                    _ => {}
                }
                char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => return self.broken("an escape of JSON"),
        };
        if before.is_some() {
            self.push(char::REPLACEMENT_CHARACTER);
        }
        if high.is_none() {
            self.push(plain);
        }
        Ok(())
    }

    fn push(&mut self, c: char) {
        self.text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }

    /// The number that comes next, into `text`.
    fn number(&mut self) -> Step<()> {
        self.text.clear();
        self.long = false;
        if self.peek()? == Some(b'-') {
            self.digit()?;
        }
        let zero = self.peek()? == Some(b'0');
        if self.digits()? > 1 && zero {
            return self.broken("no zero in front of a number");
        }
        if self.peek()? == Some(b'.') {
            self.digit()?;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek()? {
            self.digit()?;
            if let Some(b'+' | b'-') = self.peek()? {
                self.digit()?;
            }
            self.digits()?;
        }
        if self.peek()?.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'.') {
            return self.broken("the end of a number");
        }
        if self.long {
            self.text.clear();
        }
        Ok(())
    }

    /// How many digits come next; at least one must.
    fn digits(&mut self) -> Step<u64> {
        let mut count = 0;
        while self.peek()?.is_some_and(|byte| byte.is_ascii_digit()) {
            self.digit()?;
            count += 1;
        }
        if count == 0 { self.broken("a digit") } else { Ok(count) }
    }

    /// Takes one byte of a number.
    fn digit(&mut self) -> Step<()> {
        if let Some(byte) = self.next()? {
            if self.text.len() < MAX_TEXT {
                self.text.push(byte);
            } else {
                self.long = true;
            }
        }
        Ok(())
    }

    /// The last string or number; empty if it was too long.
    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text).expect("strings were checked, numbers are ASCII")
    }

    /// The next byte that is not white space.
    fn solid(&mut self) -> Step<Option<u8>> {
        loop {
            let rest = fill(&mut *self.input)?;
            let space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
            let Some(len) = rest.iter().position(|byte| !space(byte)) else {
                let len = rest.len();
                if len == 0 {
                    return Ok(None);
                }
                self.skip(len);
                continue;
            };
            let byte = rest[len];
            self.skip(len);
            return Ok(Some(byte));
        }
    }

    fn peek(&mut self) -> Step<Option<u8>> {
        Ok(fill(&mut *self.input)?.first().copied())
    }

    fn next(&mut self) -> Step<Option<u8>> {
        let byte = self.peek()?;
        self.skip(usize::from(byte.is_some()));
        Ok(byte)
    }

    fn skip(&mut self, len: usize) {
        self.input.consume(len);
        self.at += len as u64;
    }
}

/// What the input has ready; nothing at its end.
fn fill(input: &mut dyn BufRead) -> Step<&[u8]> {
    // Asked twice, as an answer that is kept would hold the input in the loop.
    while let Err(error) = input.fill_buf() {
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(Fault::Io(error));
        }
    }
    input.fill_buf().map_err(Fault::Io)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::io::{BufReader, Read};

    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    /// The value in `json`, written by hand as `serde_json` would write it, numbers as they are spelled.
    fn spell(json: &mut Json<'_>, out: &mut String) -> Step<()> {
        match json.token()? {
            Token::Null => out.push_str("null"),
            Token::Bool(value) => write!(out, "{value}").unwrap(),
            Token::Number => out.push_str(json.as_str()),
            Token::Text => out.push_str(&serde_json::to_string(json.as_str()).unwrap()),
            Token::Array => {
                out.push('[');
                while json.item()? {
                    spell(json, out)?;
                    out.push(',');
                }
                out.truncate(out.trim_end_matches(',').len());
                out.push(']');
            }
            Token::Object => {
                out.push('{');
                while let Some(name) = json.name()? {
                    write!(out, "{}:", serde_json::to_string(name).unwrap()).unwrap();
                    spell(json, out)?;
                    out.push(',');
                }
                out.truncate(out.trim_end_matches(',').len());
                out.push('}');
            }
        }
        Ok(())
    }

    fn spelled(input: &mut dyn BufRead) -> Step<String> {
        let mut json = Json::new(input)?;
        let mut out = String::new();
        spell(&mut json, &mut out)?;
        json.end()?;
        Ok(out)
    }

    fn passed(input: &mut dyn BufRead) -> Step<()> {
        let mut json = Json::new(input)?;
        json.pass()?;
        json.end()
    }

    fn broken_at<T: std::fmt::Debug>(result: Step<T>) -> u64 {
        match result {
            Err(Fault::Broken { at, .. }) => at,
            other => panic!("not broken: {other:?}"),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 6000, failure_persistence: None, rng_seed: RngSeed::Fixed(20_261_122), ..ProptestConfig::default()
        })]

        /// Text from the alphabet of JSON, most of it wrong, some of it right.
        #[test]
        fn it_takes_what_serde_takes(
            parts in prop::collection::vec(
                prop::sample::select(&[
                    "{", "}", "[", "]", ",", ":", "\"a\"", "\"é\\n\\u00e9\"", "\"\\ud83d\\ude00\"", "1", "-0.5e+7", "01",
                    "1.", "-", "1e5", "true", "null", "fals", " ", "\n", "\"", "\\", "{\"b\":", "[1,", "{}", "[]", "\u{1}",
                ][..]),
                1..7,
            )
        ) {
            let text = parts.concat();
            // `IgnoredAny` judges the grammar alone: it does not compute numbers.
            let judge = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
            let found = spelled(&mut text.as_bytes());
            prop_assert_eq!(found.is_ok(), judge, "{}", &text);
            prop_assert_eq!(passed(&mut text.as_bytes()).is_ok(), judge);
            let dripped = spelled(&mut BufReader::with_capacity(1, text.as_bytes()));
            prop_assert_eq!(format!("{found:?}"), format!("{dripped:?}"));
            // Numbers that no type holds are JSON all the same, but cannot be compared this way.
            if let (Ok(found), Ok(expected)) = (found, serde_json::from_str::<serde_json::Value>(&text)) {
                let again: serde_json::Value = serde_json::from_str(&found).expect("JSON again");
                prop_assert_eq!(again, expected);
            }
        }
    }

    #[test]
    fn strings_are_those_of_the_standard() {
        for (text, expected) in [
            (r#""\"\\\/\b\f\n\r\t\u0000""#, "\"\\/\u{8}\u{c}\n\r\t\0"),
            (r#""\uD83D\uDE00é""#, "\u{1F600}é"),
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""\ud83dx\ude00""#, "\u{fffd}x\u{fffd}"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}\u{1F600}"),
            (r#""\ud83d\n""#, "\u{fffd}\n"),
        ] {
            for capacity in [1, 3, 100] {
                let mut input = BufReader::with_capacity(capacity, text.as_bytes());
                let mut json = Json::new(&mut input).unwrap();
                assert!(json.token().unwrap() == Token::Text);
                assert_eq!(json.as_str(), expected, "{text}");
            }
        }
    }

    #[test]
    fn what_is_no_json_is_broken_at_its_byte() {
        let cases: [(&[u8], u64); 9] = [
            (b"", 0),
            (b"[1,]", 3),
            (b"[\"a\nb\"]", 3),
            (b"[\"\xC3\x28\"]", 1),
            (b"\xEF\xBB\xBF[nul]", 7),
            (b"\xFF\xFE[\0", 0),
            (b"{\"a\":1,\"b\"}", 10),
            (b"[1] [2]", 4),
            (b"[\"\\x\"]", 4),
        ];
        for (text, at) in cases {
            assert_eq!(broken_at(spelled(&mut &text[..])), at, "{text:?}");
            assert_eq!(broken_at(passed(&mut &text[..])), at, "{text:?}");
        }
    }

    #[test]
    fn depth_ends_at_its_limit() {
        let nested = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
        let limit = MAX_DEPTH as usize;
        assert!(
            spelled(&mut nested(limit).as_bytes()).is_ok() && passed(&mut nested(limit).as_bytes()).is_ok()
        );
        assert_eq!(broken_at(passed(&mut nested(limit + 1).as_bytes())), limit as u64);
        for hostile in ["[".repeat(100_000), "{\"a\":".repeat(100_000), "[{\"a\":".repeat(100_000)] {
            broken_at(spelled(&mut hostile.as_bytes()));
            broken_at(passed(&mut hostile.as_bytes()));
        }
    }

    #[test]
    fn long_values_are_passed_over_in_little_memory() {
        let fill = |head: &'static str, byte, len, tail: &'static str| {
            let long = io::repeat(byte).take(len);
            BufReader::new(head.as_bytes().chain(long).chain(tail.as_bytes()))
        };
        for (head, byte, tail) in [("\"", b'x', "\""), ("", b'7', ""), ("1.", b'0', "")] {
            let mut input = fill(head, byte, 64 << 20, tail);
            let mut json = Json::new(&mut input).unwrap();
            json.token().unwrap();
            assert!(json.is_long() && json.as_str().is_empty());
            assert!(json.text.capacity() < 4 * MAX_TEXT);
            json.end().unwrap();
        }
        // Not UTF-8 far behind what is kept, and text that is cut inside a character where memory ends.
        broken_at(passed(&mut fill("\"", b'x', 1 << 20, "").chain(&b"\xFF\""[..])));
        let text = format!("[\"x{}\",{}]", "é".repeat(MAX_TEXT), "\"€\"");
        for capacity in [7, 8192, 1 << 20] {
            assert!(passed(&mut BufReader::with_capacity(capacity, text.as_bytes())).is_ok());
        }
        let exact = format!("\"{}\"", "x".repeat(MAX_TEXT));
        assert_eq!(spelled(&mut exact.as_bytes()).unwrap(), exact);
        let mut name = fill("{\"", b'n', 64 << 20, "\":1}");
        assert_eq!(spelled(&mut name).unwrap(), "{\"\":1}");
    }
}
