//! An answer as a client understands it, whatever the order of its keys and the form of its numbers.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::exchange::{Asked, Told};

/// Distances of a bank's entries by their number; `None` where none is told.
pub(super) type Entries = BTreeMap<u64, Option<u32>>;

/// What an answer says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Seen {
    /// No answer, or one that cannot be read.
    Nothing,
    /// A refusal, with its status.
    Refused(u16),
    /// Hashes by the type of signal.
    Hashes(BTreeMap<String, String>),
    /// Entries by type of signal and bank. Where an answer does not tell one of the two, it is empty.
    Matches(BTreeMap<(String, String), Entries>),
    /// Anything else.
    Other(Value),
}

impl Seen {
    /// What `told` says to who asked `asked`.
    pub(super) fn of(asked: &Asked, told: &Told) -> Self {
        match told.status {
            200..=299 => {}
            0 => return Self::Nothing,
            status => return Self::Refused(status),
        }
        let Ok(value) = serde_json::from_slice::<Value>(&told.body) else { return Self::Nothing };
        let read = match &*asked.route() {
            "/h/hash" => hashes(&value),
            "/m/lookup" => banks(&value),
            "/m/raw_lookup" => raw(&value),
            _ => None,
        };
        read.unwrap_or(Self::Other(value))
    }

    /// True if something matched.
    pub(super) fn is_match(&self) -> bool {
        matches!(self, Self::Matches(all) if all.values().any(|entries| !entries.is_empty()))
    }
}

fn hashes(value: &Value) -> Option<Seen> {
    let each = value.as_object()?.iter();
    let all: Option<_> = each.map(|(kind, hash)| Some((kind.clone(), hash.as_str()?.to_owned()))).collect();
    Some(Seen::Hashes(all?))
}

/// `{BANK: [entry]}`, or the same by type of signal around it.
fn banks(value: &Value) -> Option<Seen> {
    let mut all = BTreeMap::new();
    let mut add = |kind: &str, banks: &Map<String, Value>| {
        for (bank, list) in banks {
            let entries = entries(list)?;
            if !entries.is_empty() {
                all.insert((kind.to_owned(), bank.clone()), entries);
            }
        }
        Some(())
    };
    let outer = value.as_object()?;
    match outer.values().all(Value::is_object) && !outer.is_empty() {
        true => outer.iter().try_for_each(|(kind, banks)| add(kind, banks.as_object()?))?,
        false => add("", outer)?,
    }
    Some(Seen::Matches(all))
}

fn raw(value: &Value) -> Option<Seen> {
    let entries = entries(value.get("matches")?)?;
    let all = (!entries.is_empty()).then(|| ((String::new(), String::new()), entries));
    Some(Seen::Matches(all.into_iter().collect()))
}

fn entries(list: &Value) -> Option<Entries> {
    let one = |entry: &Value| match entry {
        Value::Object(fields) => {
            let distance = match fields.get("distance") {
                Some(Value::String(text)) => text.parse().ok(), // HMA's look-ups write it so
                Some(number) => number.as_u64().and_then(|bits| bits.try_into().ok()),
                None => None,
            };
            Some((fields.get("bank_content_id")?.as_u64()?, distance))
        }
        bare => Some((bare.as_u64()?, None)),
    };
    list.as_array()?.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(path: &str, body: &str) -> Seen {
        Seen::of(&Asked::get(path), &Told { status: 200, body: body.into() })
    }

    #[test]
    fn forms_that_a_client_takes_for_the_same_are_the_same() {
        let plain = seen("/m/lookup?signal=x", r#"{"A":[{"bank_content_id":1,"distance":"4"}],"B":[]}"#);
        assert_eq!(plain, seen("//m/lookup?y", r#"{"A":[{"distance":4,"bank_content_id":1}]}"#));
        assert!(plain.is_match());
        assert_ne!(plain, seen("/m/lookup", r#"{"A":[{"bank_content_id":1,"distance":"5"}]}"#));
        let typed = seen("/m/lookup", r#"{"pdq":{"A":[{"bank_content_id":1,"distance":"4"}]}}"#);
        assert!(typed.is_match() && typed != plain);
        for empty in ["{}", r#"{"pdq":{}}"#, r#"{"A":[]}"#] {
            assert_eq!(seen("/m/lookup", empty), Seen::Matches(BTreeMap::new()), "{empty}");
        }
        let raw = seen("/m/raw_lookup", r#"{"matches":[2,1]}"#);
        assert_eq!(raw, seen("/m/raw_lookup", r#"{"matches":[1,2]}"#));
        assert!(!seen("/m/raw_lookup", r#"{"matches":[]}"#).is_match());
        assert_eq!(seen("/h/hash", r#"{"pdq":""}"#), Seen::Hashes([("pdq".into(), String::new())].into()));
        assert_eq!(seen("/m/compare", "[1, 2]"), seen("/m/compare", "[1,2]"));
        assert_eq!(seen("/m/lookup", "<html>"), Seen::Nothing);
        let refused = Told { status: 400, body: b"{}".to_vec() };
        assert_eq!(Seen::of(&Asked::get("/m/lookup"), &refused), Seen::Refused(400));
    }
}
