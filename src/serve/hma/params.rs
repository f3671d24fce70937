//! Queries as HMA reads them: of a name that comes twice the first counts, and names that nobody knows are passed over.

use std::borrow::Cow;

use super::Problem;

/// The names and values of a query, decoded.
#[derive(Debug, Default)]
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    /// Most names in a query.
    const MOST: usize = 64;

    /// What `query` says, as `application/x-www-form-urlencoded`.
    pub(super) fn of(query: &str) -> Result<Self, Problem> {
        let mut params = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            if params.len() == Self::MOST {
                return Err(Problem::bad_request("the query has more than 64 parameters"));
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            params.push((decoded(name)?.into_owned(), decoded(value)?.into_owned()));
        }
        Ok(Self(params))
    }

    /// The value of `name`; `None` if it is not there or empty, which HMA does not tell apart.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        found.filter(|value| !value.is_empty())
    }

    /// True if `name` is there, and says nothing.
    pub(super) fn is_empty(&self, name: &str) -> bool {
        self.0.iter().find(|(known, _)| known == name).is_some_and(|(_, value)| value.is_empty())
    }

    /// `true` or `false`, in any of the words that HMA takes for them; `default` if nothing is said.
    pub(super) fn flag(&self, name: &'static str, default: bool) -> Result<bool, Problem> {
        match self.text(name) {
            None => Ok(default),
            Some(text) => flag(text)
                .ok_or_else(|| Problem::bad_request(format!("the parameter {name} is true or false"))),
        }
    }

    /// The parts of a list with commas; `None` if nothing is said.
    pub(super) fn list(&self, name: &str) -> Option<impl Iterator<Item = &str>> {
        let parts = self.text(name)?.split(',').map(str::trim);
        Some(parts.filter(|part| !part.is_empty()))
    }
}

/// The truth of a word.
pub(super) fn flag(text: &str) -> Option<bool> {
    const TRUE: [&str; 6] = ["true", "1", "yes", "y", "t", "on"];
    const FALSE: [&str; 6] = ["false", "0", "no", "n", "f", "off"];
    let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is(&TRUE) { Some(true) } else { is(&FALSE).then_some(false) }
}

/// `+` is a space, `%41` is `A`; the bytes are UTF-8.
fn decoded(text: &str) -> Result<Cow<'_, str>, Problem> {
    if !text.bytes().any(|byte| byte == b'+' || byte == b'%') {
        return Ok(Cow::Borrowed(text));
    }
    let malformed = || Problem::bad_request("the query is not percent-encoded UTF-8");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
                let (high, low) = (digit().ok_or_else(malformed)?, digit().ok_or_else(malformed)?);
                (high * 16 + low) as u8 // two hexadecimal digits
            }
            other => other,
        });
    }
    String::from_utf8(bytes).map(Cow::Owned).map_err(|_| malformed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_decoded_and_its_first_value_counts() {
        let params =
            Params::of("a=1&a=2&&b=x+y%2Cz&c&%64=%C3%A4&url=https%3A%2F%2Fa.example%2F%3Fq%3D1").unwrap();
        assert_eq!((params.text("a"), params.text("b")), (Some("1"), Some("x y,z")));
        assert_eq!((params.text("c"), params.text("d"), params.text("e")), (None, Some("ä"), None));
        assert_eq!(params.text("url"), Some("https://a.example/?q=1"));
        assert_eq!(params.list("b").unwrap().collect::<Vec<_>>(), ["x y", "z"]);
        assert!(params.list("e").is_none());
        for malformed in ["a=%", "a=%4", "a=%zz", "%80=1"] {
            assert!(Params::of(malformed).is_err(), "{malformed}");
        }
        assert!(Params::of(&"a=1&".repeat(65)).is_err() && Params::of(&"a=1&".repeat(64)).is_ok());
    }

    #[test]
    fn flags_are_words() {
        let params = Params::of("a=True&b=0&c=perhaps&d=").unwrap();
        let flag = |name| params.flag(name, true).ok();
        assert_eq!([flag("a"), flag("b"), flag("c"), flag("d")], [Some(true), Some(false), None, Some(true)]);
    }
}
