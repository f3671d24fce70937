//! Records of JSON: the fields that a format names, of one record after the other.

use std::io::BufRead;

use super::json::{Json, Token};
use super::record::{Ended, Record, Step, Take};
use super::report::Cause;

/// Bytes that one record may take in memory; what it says beyond that makes it a bad record.
const MAX_RECORD: usize = 4 << 20;

/// What one value costs beside its text, about.
const VALUE_COST: usize = 64;

/// The fields of a format: all others are passed over. Names are compared without case.
#[derive(Clone, Copy)]
pub(super) struct Names {
    /// Fields that are read.
    pub(super) kept: &'static [&'static str],
    /// Fields that are passed over and counted, such as those about people; `Contact*` stands for all that begin so.
    pub(super) dropped: &'static [&'static str],
}

impl Names {
    fn find(list: &'static [&'static str], name: &str) -> Option<&'static str> {
        list.iter().copied().find(|known| match known.strip_suffix('*') {
            Some(start) => name.get(..start.len()).is_some_and(|name| name.eq_ignore_ascii_case(start)),
            None => known.eq_ignore_ascii_case(name),
        })
    }

    /// The name of a field that is kept, as the format spells it.
    pub(super) fn kept(self, name: &str) -> Option<&'static str> {
        Self::find(self.kept, name)
    }

    /// The name of a field that is not kept, as the format spells it.
    pub(super) fn dropped(self, name: &str) -> Option<&'static str> {
        Self::find(self.dropped, name)
    }
}

/// What a record says, of fields that are kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// As it is spelled: it may have more digits than any type.
    Number(String),
    Text(String),
    /// A number or a text that was too long.
    Long,
    List(Vec<Value>),
    /// Each name once, as [`Names`] spells it.
    Object(Vec<(&'static str, Value)>),
}

impl Value {
    /// The field `name`; null if it is not there, or if this is no object.
    pub(super) fn get(&self, name: &str) -> &Self {
        let Self::Object(fields) = self else { return &Self::Null };
        fields.iter().find(|(known, _)| *known == name).map_or(&Self::Null, |(_, value)| value)
    }

    /// The elements of a list; none of anything else.
    pub(super) fn items(&self) -> &[Self] {
        if let Self::List(items) = self { items } else { &[] }
    }

    /// The text, or the number as it is spelled, without spaces around it; `None` for null, for nothing but spaces and
    /// for what is neither.
    ///
    /// # Errors
    /// [`Cause::Oversized`] if it was too long.
    pub(super) fn text(&self) -> Result<Option<&str>, Cause> {
        match self {
            Self::Long => Err(Cause::Oversized),
            Self::Number(text) | Self::Text(text) => {
                Ok(Some(text.trim_ascii()).filter(|text| !text.is_empty()))
            }
            Self::Null | Self::Bool(_) | Self::List(_) | Self::Object(_) => Ok(None),
        }
    }

    /// True for `true`, also as a text: some tools write it so.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Bool(value) => *value,
            Self::Text(text) => text.trim_ascii().eq_ignore_ascii_case("true"),
            _ => false,
        }
    }
}

impl Json<'_> {
    /// Reads one value with the fields of `names`, and tells `dropped` each time it passes over one that is about
    /// people, too long, or said again further on in the same object, where the last one holds.
    ///
    /// [`Cause::Oversized`] stands for a value that says too much; it has been passed over.
    pub(super) fn value(
        &mut self,
        names: Names,
        dropped: &mut dyn FnMut(&'static str),
    ) -> Step<Result<Value, Cause>> {
        let mut room = Some(MAX_RECORD);
        let value = self.tree(names, dropped, &mut room)?;
        Ok(if room.is_some() { Ok(value) } else { Err(Cause::Oversized) })
    }

    fn tree(
        &mut self,
        names: Names,
        dropped: &mut dyn FnMut(&'static str),
        room: &mut Option<usize>,
    ) -> Step<Value> {
        let token = self.token()?;
        let text = if matches!(token, Token::Number | Token::Text) { self.as_str().len() } else { 0 };
        *room = room.and_then(|room| room.checked_sub(VALUE_COST + text));
        Ok(match token {
            Token::Null => Value::Null,
            Token::Bool(value) => Value::Bool(value),
            Token::Number | Token::Text if self.is_long() => Value::Long,
            Token::Number => Value::Number(self.as_str().to_owned()),
            Token::Text => Value::Text(self.as_str().to_owned()),
            Token::Array => {
                let mut items = Vec::new();
                while self.item()? {
                    let value = self.tree(names, dropped, room)?;
                    if room.is_some() {
                        items.push(value);
                    }
                }
                Value::List(items)
            }
            Token::Object => {
                let mut fields: Vec<(&'static str, Value)> = Vec::new();
                while let Some(name) = self.name()? {
                    let Some(kept) = names.kept(name) else {
                        if let Some(name) = names.dropped(name) {
                            dropped(name);
                        }
                        self.pass()?;
                        continue;
                    };
                    let value = self.tree(names, dropped, room)?;
                    if value == Value::Long {
                        dropped(kept);
                    }
                    if let Some(field) = fields.iter_mut().find(|(name, _)| *name == kept) {
                        dropped(kept);
                        field.1 = value;
                    } else if room.is_some() {
                        fields.push((kept, value));
                    }
                }
                Value::Object(fields)
            }
        })
    }
}

/// Reads a list that is an object with one array of records called `array`, in whatever letter case, which `expected` names
/// for people: tells `take` of the record, if any, that `read` finds in each item.
pub(super) fn read_array<T: Take + ?Sized>(
    input: &mut dyn BufRead,
    (array, expected): (&str, &'static str),
    names: Names,
    take: &mut T,
    read: fn(&Value, &mut T) -> Result<Option<Record>, Cause>,
) -> Result<(), Ended<T::Stop>> {
    let mut json = Json::new(input)?;
    let mut found = false;
    json.object()?;
    while let Some(name) = json.name()? {
        if !name.eq_ignore_ascii_case(array) {
            json.pass()?;
        } else if found {
            json.broken(expected)?;
        } else {
            found = true;
            each_record(&mut json, names, take, |value, take| Ok(read(value, take)?.into_iter().collect()))?;
        }
    }
    if !found {
        json.broken(expected)?;
    }
    Ok(json.end()?)
}

/// Goes through the array that comes next and tells `take` of the records that `read` finds in each item.
pub(super) fn each_record<T: Take + ?Sized>(
    json: &mut Json<'_>,
    names: Names,
    take: &mut T,
    mut read: impl FnMut(&Value, &mut T) -> Result<Vec<Record>, Cause>,
) -> Result<(), Ended<T::Stop>> {
    json.array()?;
    while json.item()? {
        one_record(json, names, take, &mut read)?;
    }
    Ok(())
}

/// Tells `take` of the records that `read` finds in the value that comes next.
pub(super) fn one_record<T: Take + ?Sized>(
    json: &mut Json<'_>,
    names: Names,
    take: &mut T,
    read: &mut impl FnMut(&Value, &mut T) -> Result<Vec<Record>, Cause>,
) -> Result<(), Ended<T::Stop>> {
    let place = json.place();
    let found = match json.value(names, &mut |field| take.dropped(field))? {
        Ok(value @ Value::Object(_)) => read(&value, take),
        Ok(_) => Err(Cause::Expected("an object")),
        Err(cause) => Err(cause),
    };
    match found {
        Ok(records) => records.into_iter().try_for_each(|record| take.take(place, Ok(record))),
        Err(cause) => take.take(place, Err(cause)),
    }
    .map_err(Ended::Stopped)
}
