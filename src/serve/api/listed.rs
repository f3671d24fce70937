//! Hashes as a JSON list: read one by one as they stand there, so that a body of too many, or of something else, is refused at
//! the first that shows it, and nothing is kept of it but hashes.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::super::{Fault, Problem, ProblemCode};
use super::ask::signal;
use super::extract::{no_json, no_such_data};
use crate::digest::Signal;

/// The only field.
const FIELD: &str = "hashes";

/// Reads `{"hashes": ["kind:hex", …]}`, with at most `most` hashes.
///
/// # Errors
/// [`ProblemCode::BadRequest`] for what is malformed, or is no hash, with the first places; [`ProblemCode::Unprocessable`] for
/// none or too many. What comes behind the place that shows it is not looked at.
pub(super) fn hashes(bytes: &[u8], most: usize) -> Result<Vec<Signal>, Problem> {
    let mut list = List { most, ..List::default() };
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = json.deserialize_map(Body(&mut list)).and_then(|()| json.end());
    let amount = format!("a request has 1 to {most} hashes; split what is more");
    if list.is_too_long {
        return Err(Problem::new(ProblemCode::Unprocessable, amount));
    }
    if list.faults.len() < Problem::MAX_FAULTS
        && let Err(error) = read
    {
        let message = error.to_string();
        return Err(match (error.is_data(), list.within) {
            (false, _) => no_json(&message),
            (true, Within::Body) => match message.strip_prefix("unknown field `") {
                Some(rest) => {
                    let name = rest.split('`').next().unwrap_or_default();
                    no_such_data(&format!("body: {name}: {message}"))
                }
                None => no_such_data(&format!("body: {message}")),
            },
            (true, Within::Field) => no_such_data(&format!("body: {FIELD}: {message}")),
            (true, Within::Hash(number)) => no_such_data(&format!("body: {FIELD}[{number}]: {message}")),
        });
    }
    if !list.faults.is_empty() {
        let detail =
            "some of the hashes are none, so that nothing was looked up; `errors` has the first of them";
        return Err(Problem::bad_request(detail).at(list.faults));
    }
    if list.signals.is_empty() {
        return Err(Problem::new(ProblemCode::Unprocessable, amount));
    }
    Ok(list.signals)
}

/// What was read so far.
#[derive(Default)]
struct List {
    most: usize,
    signals: Vec<Signal>,
    faults: Vec<Fault>,
    is_too_long: bool,
    within: Within,
}

/// What is being read.
#[derive(Clone, Copy, Default)]
enum Within {
    #[default]
    Body,
    Field,
    Hash(usize),
}

struct Body<'a>(&'a mut List);

impl<'de> Visitor<'de> for Body<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the field hashes")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut is_there = false;
        while let Some(name) = map.next_key::<Name>()? {
            match name {
                Name::Hashes if is_there => return Err(A::Error::duplicate_field(FIELD)),
                Name::Hashes => {
                    is_there = true;
                    self.0.within = Within::Field;
                    map.next_value_seed(Hashes(self.0))?;
                    self.0.within = Within::Body;
                }
            }
        }
        if is_there { Ok(()) } else { Err(A::Error::missing_field(FIELD)) }
    }
}

/// The names of fields: any other is refused by name.
#[derive(serde::Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Name {
    Hashes,
}

struct Hashes<'a>(&'a mut List);

impl<'de> DeserializeSeed<'de> for Hashes<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Hashes<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        for number in 0.. {
            self.0.within = Within::Hash(number);
            if list.next_element_seed(Hash(self.0, number))?.is_none() {
                break;
            }
            if self.0.is_too_long || self.0.faults.len() == Problem::MAX_FAULTS {
                return Err(A::Error::custom("no further"));
            }
        }
        Ok(())
    }
}

struct Hash<'a>(&'a mut List, usize);

impl<'de> DeserializeSeed<'de> for Hash<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Hash<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        let Self(list, number) = self;
        match signal(text) {
            _ if number >= list.most => list.is_too_long = true,
            Ok(signal) => list.signals.push(signal),
            Err(error) => {
                list.faults.push(Fault { pointer: format!("/{FIELD}/{number}"), detail: error.to_string() });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_or_no_hash_is_refused_before_the_rest_is_read() {
        let hash = format!("\"md5:{}\"", "ab".repeat(16));
        // Behind the place that shows it there is no JSON at all.
        let cut =
            |body: String| hashes(body.as_bytes(), 3).map_err(|problem| (problem.code, problem.errors.len()));
        let too_many = format!("{{\"hashes\":[{hash},{hash},{hash},{hash},#");
        assert_eq!(cut(too_many), Err((ProblemCode::Unprocessable, 0)));
        let many = |body: String| hashes(body.as_bytes(), 10_000);
        let bad = many(format!("{{\"hashes\":[{}#", "\"x\",".repeat(10))).unwrap_err();
        assert_eq!((bad.code, bad.errors.len()), (ProblemCode::BadRequest, 10));
        assert_eq!(many(format!("{{\"hashes\":[{hash}]}}")).unwrap().len(), 1);
        assert_eq!(many(format!("{{\"hashes\":[{hash}]}} x")).unwrap_err().code, ProblemCode::BadRequest);
    }
}
