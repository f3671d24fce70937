//! Contents of banks: entries, with what is said of them beside their hashes.

use std::collections::BTreeMap;
use std::io::Cursor;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Request};
use axum::response::IntoResponse;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::asked::{Asked, doer};
use super::banks::{Bank, adding, object};
use super::hashing::Hashed;
use super::keys::{Content, content, is_there, no_content};
use super::media::{Item, is_json, is_multipart};
use super::metadata::{Said, beside, note};
use super::number::number_of;
use super::shares::unsure;
use super::types::{name_of, signal};
use super::{Answer, Problem};
use crate::digest::Signal;
use crate::hashset::{Annotation, Entry, EntryKey, Hashes, ListHeader, ListWriter, Local, SetName, Sets};
use crate::index::EntryName;
use crate::serve::api::extract;
use crate::serve::{Caller, ProblemCode, State};

/// How far ahead a content may be switched off.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 365 * 5);

pub(super) async fn add(asked: Asked, Path(bank): Path<String>, request: Request) -> Answer {
    let (set, _) = asked.state.apart(move |state| Bank::find(state, &bank)).await?;
    let (item, in_body) = match asked.params.text("url") {
        Some(url) => {
            let (url, is_json) = (url.to_owned(), is_json(&request));
            let body = extract::body(&asked.state, request).await?;
            // A body of another type says nothing, as with HMA.
            let in_body = if is_json { Said::in_body(&object(&body)?)? } else { Said::default() };
            (Item::behind(&asked, &url).await?, in_body)
        }
        None if is_multipart(&request) => (Item::uploaded(&asked.state, request).await?, Said::default()),
        None => return Err(Problem::bad_request("Neither `url` nor multipart file upload was received")),
    };
    let hashed = Hashed::of(&asked, item).await?;
    let said = in_body.or(beside(&hashed.fields, &asked.params)?);
    let (signals, texts) = (hashed.signals()?, hashed.texts());
    let number = stored(asked, set.name, signals, said).await?;
    Ok(Json(json!({ "id": number, "signals": texts })).into_response())
}

pub(super) async fn add_signals(asked: Asked, Path(bank): Path<String>, body: Bytes) -> Answer {
    let (set, _) = asked.state.apart(move |state| Bank::find(state, &bank)).await?;
    let mut body = object(&body)?;
    let said = Said { note: body.remove("note").map_or(Ok(None), |given| note(&given))?, metadata: None };
    let (mut signals, mut texts) = (Vec::new(), BTreeMap::new());
    for (name, text) in &body {
        let text = text.as_str().ok_or_else(|| Problem::bad_request("a hash is text: hexadecimal digits"))?;
        let signal = signal(name, text)?;
        signals.push(signal);
        texts.insert(name.clone(), hex::encode(signal.as_bytes()));
    }
    if signals.is_empty() {
        return Err(Problem::bad_request("No signals given"));
    }
    let number = stored(asked, set.name, signals, said).await?;
    Ok(Json(json!({ "id": number, "signals": texts })).into_response())
}

/// Adds one entry, and gives its number. One that is there is switched on, and keeps its number.
async fn stored(asked: Asked, bank: SetName, signals: Vec<Signal>, said: Said) -> Result<u64, Problem> {
    let Asked { state, caller, .. } = asked;
    state.apart_in_turn(move |state| store(state, &caller, &bank, &signals, said)).await
}

fn store(
    state: &State,
    caller: &Caller,
    bank: &SetName,
    signals: &[Signal],
    said: Said,
) -> Result<u64, Problem> {
    let hashes = together(signals)?;
    let doer = doer(caller);
    let mut options = adding(state, &doer)?;
    if let Some(refusal) = options.read.refusal(&hashes) {
        // All of them or none: what is answered is what is kept.
        let detail = format!("invalid signal: {} would match by chance; nothing was added", refusal.words());
        return Err(Problem::bad_request(detail));
    }
    let mut entry = Entry::bare(hashes);
    let change = state.changing(&doer)?;
    // While the item was hashed, the bank may have gone: it is not made anew.
    Bank::find(state, bank.as_str())?;
    entry.key = free_key(state, bank, &entry.key)?;
    let was_there = is_there(state, bank, &entry.key)?;
    let list = ListWriter::new(Vec::new(), &ListHeader::default()).and_then(|mut list| {
        list.entry(&entry)?;
        list.finish()
    });
    let mut list = Cursor::new(list.map_err(|_| Problem::internal())?); // written to memory
    options.read.may_be_empty = false;
    change.import(bank, &mut list, &options)?;
    change.annotate(bank, &entry.key, |kept| {
        if !was_there {
            // What was said of an entry of that key that is gone says nothing of this one.
            *kept = Annotation::default();
        }
        kept.off_until = None;
        kept.note = said.note.or(kept.note.take());
        kept.metadata = said.metadata.map(|metadata| metadata.to_text()).or(kept.metadata.take());
    })?;
    state.look_again()?;
    change.tidy(bank);
    Ok(number_of(entry.key.as_str()))
}

/// The hashes of one content, one of a kind at most: two names may stand for one kind.
fn together(signals: &[Signal]) -> Result<Hashes, Problem> {
    let mut hashes = Hashes::default();
    for signal in signals {
        if hashes.iter().any(|other| other.kind() == signal.kind() && other != *signal) {
            let kind = signal.kind();
            return Err(Problem::bad_request(format!(
                "two different hashes of one kind, {kind}; nothing was added"
            )));
        }
        hashes.set(*signal);
    }
    Ok(hashes)
}

/// `key`, or if that was withdrawn from the bank once the first of `KEY-2`, `KEY-3` … that was not: a withdrawal holds for
/// ever, and what is added now shall match.
fn free_key(state: &State, bank: &SetName, key: &EntryKey) -> Result<EntryKey, Problem> {
    let withdrawn =
        Sets::open(state.database()?).and_then(|sets| sets.withdrawn_keys(bank)).map_err(unsure)?;
    let numbered = (2..).map(|number: u64| EntryKey::new(format!("{key}-{number}")));
    let all = std::iter::once(Ok(key.clone())).chain(numbered);
    let mut free = all.filter(|key| key.as_ref().is_ok_and(|key| !withdrawn.contains(key)));
    free.next().and_then(Result::ok).ok_or_else(Problem::internal)
}

/// A content in its bank.
fn find(state: &State, bank: &str, id: &str) -> Result<(Bank, SetName, Content), Problem> {
    let (set, bank) = Bank::find(state, bank)?;
    let number = id.parse().map_err(|_| no_content())?;
    let content = content(state, &set.name, number)?;
    Ok((bank, set.name, content))
}

pub(super) async fn show(asked: Asked, Path((bank, id)): Path<(String, String)>) -> Answer {
    let with_signals = asked.params.flag("include_signals", false)?;
    let with_metadata = asked.params.flag("include_metadata", true)?;
    let state = asked.state;
    let shown = state.apart(move |state| {
        let (bank, set, content) = find(state, &bank, &id)?;
        let said = annotation(state, &set, &content.key)?;
        let mut shown = json!({
            "id": number_of(content.key.as_str()),
            "disable_until_ts": disable_until(&said),
            "original_media_uri": null,
            "bank": bank,
        });
        if with_signals {
            let signals = content.entries.iter().flat_map(|entry| entry.hashes.iter());
            let texts = signals
                .map(|signal| (name_of(signal.kind()).to_owned(), hex::encode(signal.as_bytes()).into()));
            shown["signals"] = Value::Object(texts.collect());
        }
        if let Some(metadata) = user_metadata(&said).filter(|_| with_metadata) {
            shown["metadata"] = metadata;
        }
        if let Some(note) = said.note {
            shown["note"] = note.into();
        }
        Ok(shown)
    });
    Ok(Json(shown.await?).into_response())
}

pub(super) async fn update(asked: Asked, Path((bank, id)): Path<(String, String)>, body: Bytes) -> Answer {
    let body = object(&body)?;
    let new_note = body.get("note").map(note).transpose()?;
    let new_metadata = match body.get("metadata") {
        Some(Value::Null) => Some(None),
        Some(_) => Said::in_body(&body)?.metadata.map(|metadata| Some(metadata.to_text())),
        None => None,
    };
    let Asked { state, caller, .. } = asked;
    let off = off_until(&body, state.clock().now())?;
    let updated = state.apart_in_turn(move |state| {
        let doer = doer(&caller);
        let change = state.changing(&doer)?;
        let (bank, set, content) = find(state, &bank, &id)?;
        let said = change.annotate(&set, &content.key, |said| {
            if let Some(off) = off {
                said.off_until = off;
            }
            if let Some(note) = new_note {
                said.note = note;
            }
            if let Some(metadata) = new_metadata {
                said.metadata = metadata;
            }
        })?;
        drop(change);
        state.look_again()?;
        Ok(json!({
            "id": number_of(content.key.as_str()),
            "disable_until_ts": disable_until(&said),
            "collab_metadata": {},
            "original_media_uri": null,
            "bank": bank,
            "user_metadata": user_metadata(&said),
            "note": said.note,
        }))
    });
    Ok(Json(updated.await?).into_response())
}

pub(super) async fn delete(asked: Asked, Path((bank, id)): Path<(String, String)>) -> Answer {
    let Asked { state, caller, .. } = asked;
    let deleted = state.apart_in_turn(move |state| {
        let doer = doer(&caller);
        let change = state.changing(&doer)?;
        let (set, _) = Bank::find(state, &bank)?;
        let number = id.parse().map_err(|_| no_content())?;
        let content = match content(state, &set.name, number) {
            Err(problem) if problem.code == ProblemCode::NotFound => return Ok(0),
            found => found?,
        };
        change.withdraw(&set.name, &[EntryName::Key(content.key.clone())])?;
        change.annotate(&set.name, &content.key, |said| *said = Annotation::default())?;
        drop(change);
        state.look_again()?;
        Ok(1)
    });
    Ok(Json(json!({ "deleted": deleted.await? })).into_response())
}

fn annotation(state: &State, bank: &SetName, key: &EntryKey) -> Result<Annotation, Problem> {
    Local::open(state.database()?).and_then(|local| local.annotation(bank, key)).map_err(unsure)
}

fn user_metadata(said: &Annotation) -> Option<Value> {
    said.metadata.as_deref().and_then(|text| serde_json::from_str(text).ok())
}

/// HMA's word for until when an entry is switched off: 1 not at all, 0 for ever, else the second.
fn disable_until(said: &Annotation) -> i64 {
    match said.off_until {
        None => 1,
        Some(None) => 0,
        Some(Some(until)) => until.as_second(),
    }
}

/// What `disable_until_ts` says: a number, or text of one; `None` if it is not there.
fn off_until(
    body: &Map<String, Value>,
    now: Timestamp,
) -> Result<Option<Option<Option<Timestamp>>>, Problem> {
    let number = match body.get("disable_until_ts") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(_) => None,
    };
    let whole = "disable_until_ts must be a non-negative integer";
    let number: i64 = number.filter(|number| *number >= 0).ok_or_else(|| Problem::bad_request(whole))?;
    let ahead = || Problem::bad_request("disable_until_ts must be less than 5 years in the future");
    Ok(Some(match number {
        0 => Some(None),
        1 => None,
        second => {
            let until = Timestamp::from_second(second).map_err(|_| ahead())?;
            if until.duration_since(now) > LONGEST {
                return Err(ahead());
            }
            Some(Some(until))
        }
    }))
}
