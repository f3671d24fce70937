//! Banks: sets whose role is to be found.

use std::io::Cursor;

use axum::Json;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Serialize;
use serde_json::{Map, Value};

use super::asked::{Asked, doer};
use super::params::flag;
use super::shares::Known;
use super::{Answer, Problem};
use crate::hashset::{ListHeader, ListWriter, ReadOptions, Role, SetInfo, SetName, SetUpdate};
use crate::index::ImportOptions;
use crate::serve::deeds::Doer;
use crate::serve::{ProblemCode, State};

/// A bank as HMA describes it.
#[derive(Debug, Serialize)]
pub(super) struct Bank {
    pub(super) name: String,
    pub(super) matching_enabled_ratio: f64,
}

impl Bank {
    /// The bank that is called `name`.
    ///
    /// # Errors
    /// [`ProblemCode::NotFound`] only if there truly is none: clients forget a bank then.
    pub(super) fn find(state: &State, name: &str) -> Result<(SetInfo, Self), Problem> {
        let found = all(state)?.into_iter().find(|set| set.name.as_str() == name);
        let set = found.ok_or_else(|| match state.0.follower {
            // It may have been made a moment ago.
            true => Problem::unavailable("ask the process that writes whether there is such a bank"),
            false => Problem::not_found("bank not found"),
        })?;
        let bank = Self::of(state, &set);
        Ok((set, bank))
    }

    fn of(state: &State, set: &SetInfo) -> Self {
        Self { name: set.name.to_string(), matching_enabled_ratio: Known::now(state).of(set.name.as_str()) }
    }
}

/// All banks as they are now, by name.
fn all(state: &State) -> Result<Vec<SetInfo>, Problem> {
    let sets = everything(state)?;
    Ok(sets.into_iter().filter(|set| set.role == Role::Match).collect())
}

/// All sets as they are now: a look that fails is no answer.
fn everything(state: &State) -> Result<Vec<SetInfo>, Problem> {
    let unsure = |_: Problem| Problem::unavailable("the lists cannot be opened just now; try again");
    state.look_again().map_err(unsure)?;
    if state.0.live.health().fault.is_some() {
        return Err(unsure(Problem::internal()));
    }
    Ok(state.0.live.current().map_or_else(Vec::new, |matcher| matcher.sets().to_vec()))
}

pub(super) async fn list(asked: Asked) -> Answer {
    let banks = asked.state.apart(|state| {
        let sets = all(state)?;
        Ok(sets.iter().map(|set| Bank::of(state, set)).collect::<Vec<_>>())
    });
    Ok(Json(banks.await?).into_response())
}

pub(super) async fn show(asked: Asked, Path(name): Path<String>) -> Answer {
    let (_, bank) = asked.state.apart(move |state| Bank::find(state, &name)).await?;
    Ok(Json(bank).into_response())
}

pub(super) async fn create(asked: Asked, body: Bytes) -> Answer {
    let said = object(&body)?;
    let name = said
        .get("name")
        .and_then(Value::as_str)
        .ok_or_else(|| Problem::bad_request("the field name is required: the name of the bank, as text"))?;
    let (name, share) = (bank_name(name)?, share_of(&said)?.unwrap_or(1.0));
    let Asked { state, caller, .. } = asked;
    let bank = state
        .apart_in_turn(move |state| {
            let doer = doer(&caller);
            let (change, adding) = (state.changing(&doer)?, adding(state, &doer)?);
            if everything(state)?.iter().any(|set| set.name == name) {
                return Err(taken());
            }
            // The share first: a bank that is to take part in fewer look-ups never takes part in all.
            change.share(name.as_str(), share)?;
            let mut list = empty_list()?;
            if let Err(problem) = change.import(&name, &mut list, &adding) {
                let _ = change.share(name.as_str(), 1.0); // of a bank that is not there it says nothing
                return Err(problem);
            }
            drop(change);
            state.look_again()?;
            Ok(Bank { name: name.to_string(), matching_enabled_ratio: share })
        })
        .await?;
    Ok((StatusCode::CREATED, Json(bank)).into_response())
}

pub(super) async fn update(asked: Asked, Path(name): Path<String>, body: Bytes) -> Answer {
    let said = object(&body)?;
    let new_name = match said.get("name") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(_) => return Err(Problem::bad_request("the field name is text")),
    };
    let share = share_of(&said)?;
    let Asked { state, caller, .. } = asked;
    let bank = state
        .apart_in_turn(move |state| {
            let doer = doer(&caller);
            let change = state.changing(&doer)?;
            let (mut set, mut bank) = Bank::find(state, &name)?;
            if let Some(new) = new_name.filter(|new| *new != bank.name) {
                let new = bank_name(&new)?;
                if everything(state)?.iter().any(|set| set.name == new) {
                    return Err(taken());
                }
                super::rename::rename(&change, &set, &new)?;
                (set.name, bank.name) = (new.clone(), new.to_string());
            }
            if let Some(share) = share {
                change.share(set.name.as_str(), share)?;
                bank.matching_enabled_ratio = share;
            }
            drop(change);
            state.look_again()?;
            Ok(bank)
        })
        .await?;
    Ok(Json(bank).into_response())
}

pub(super) async fn delete(asked: Asked, Path(name): Path<String>) -> Answer {
    let Asked { state, caller, .. } = asked;
    state
        .apart_in_turn(move |state| {
            let doer = doer(&caller);
            let change = state.changing(&doer)?;
            match Bank::find(state, &name) {
                Ok((set, _)) => change.remove(&set.name)?,
                Err(problem) if problem.code == ProblemCode::NotFound => return Ok(()),
                Err(problem) => return Err(problem),
            }
            drop(change);
            state.look_again()
        })
        .await?;
    Ok(Json(serde_json::json!({ "message": "Done" })).into_response())
}

/// How a list is added to a bank.
pub(super) fn adding<'a>(state: &State, doer: &Doer<'a>) -> Result<ImportOptions<'a>, Problem> {
    let read = ReadOptions { may_be_empty: true, ..ReadOptions::of_home(&state.0.home)? };
    Ok(ImportOptions { add: true, ..ImportOptions::new(read, SetUpdate::default(), state.made(doer)) })
}

fn empty_list() -> Result<Cursor<Vec<u8>>, Problem> {
    let list = ListWriter::new(Vec::new(), &ListHeader::default()).and_then(ListWriter::finish);
    list.map(Cursor::new).map_err(|_| Problem::internal()) // written to memory
}

fn taken() -> Problem {
    Problem::new(ProblemCode::Forbidden, "Bank already exists")
}

/// `text` as the name of a bank, by HMA's rule and ours.
fn bank_name(text: &str) -> Result<SetName, Problem> {
    let by_hma = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        && text.starts_with(|first: char| first.is_ascii_uppercase() || first == '_');
    if !by_hma {
        return Err(Problem::bad_request("Bank names must be UPPER_WITH_UNDERSCORE"));
    }
    text.parse().map_err(|_| {
        Problem::bad_request("Bank names have at most 64 characters here, and begin with a letter")
    })
}

/// The object in a body.
pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, Problem> {
    serde_json::from_slice(body).map_err(|_| Problem::bad_request("the body must be a JSON object"))
}

/// The share that `enabled_ratio` or `enabled` say; the former counts.
fn share_of(said: &Map<String, Value>) -> Result<Option<f64>, Problem> {
    let wrong = || Problem::bad_request("the field enabled is true or false");
    let enabled = match said.get("enabled") {
        None | Some(Value::Null) => None,
        Some(Value::Bool(enabled)) => Some(*enabled),
        Some(Value::Number(number)) => Some(number.as_f64().unwrap_or_default() > 0.0),
        Some(Value::String(text)) => Some(flag(text).ok_or_else(wrong)?),
        Some(_) => return Err(wrong()),
    };
    Ok(ratio_of(said)?.or(enabled.map(|enabled| if enabled { 1.0 } else { 0.0 })))
}

/// `enabled_ratio`, as a number or as text: one of the clients sends it so.
pub(super) fn ratio_of(said: &Map<String, Value>) -> Result<Option<f64>, Problem> {
    let ratio = match said.get("enabled_ratio") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(_) => None,
    };
    let ratio = ratio.filter(|ratio| (0.0..=1.0).contains(ratio));
    ratio.map(Some).ok_or_else(|| Problem::bad_request("the field enabled_ratio is a number of 0 to 1"))
}
