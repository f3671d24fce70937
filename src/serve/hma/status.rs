//! How the index is. It holds what was added a moment ago, so it is never out of date.

use std::collections::BTreeMap;
use std::time::UNIX_EPOCH;

use axum::Json;
use axum::response::IntoResponse;
use serde::Serialize;

use super::asked::Asked;
use super::keys::index;
use super::types::{KINDS, no_such_type_of_hma};
use super::{Answer, Problem};
use crate::hashset::Role;
use crate::serve::State;

#[derive(Serialize)]
struct Matching {
    built_to: i64,
    present: bool,
    size: u64,
}

#[derive(Serialize)]
struct Curation {
    db_size: u64,
    index_size: u64,
    index_out_of_date: bool,
    newest_db_item: i64,
    index_built_to: i64,
}

pub(super) async fn matching(asked: Asked) -> Answer {
    let of = of_kinds(asked).await?.into_iter().map(|(name, (size, built_to))| {
        let status = match built_to {
            Some(built_to) => Matching { built_to, present: true, size },
            None => Matching { built_to: -1, present: false, size: 0 },
        };
        (name, status)
    });
    Ok(Json(of.collect::<BTreeMap<_, _>>()).into_response())
}

pub(super) async fn curation(asked: Asked) -> Answer {
    let of = of_kinds(asked).await?.into_iter().map(|(name, (size, built_to))| {
        let built_to = built_to.unwrap_or(-1);
        let status = Curation {
            db_size: size,
            index_size: size,
            index_out_of_date: false,
            newest_db_item: built_to,
            index_built_to: built_to,
        };
        (name, status)
    });
    Ok(Json(of.collect::<BTreeMap<_, _>>()).into_response())
}

type Sizes = BTreeMap<&'static str, (u64, Option<i64>)>;

/// Of the kinds that are asked for the hashes in banks, and the second of the last change.
async fn of_kinds(asked: Asked) -> Result<Sizes, Problem> {
    let only = asked.params.text("signal_type");
    let kinds: Vec<_> = KINDS.into_iter().filter(|(name, _)| only.is_none_or(|only| only == *name)).collect();
    if kinds.is_empty() {
        return Err(no_such_type_of_hma());
    }
    asked
        .state
        .apart(move |state| {
            let (index, banks) = (index(state)?, banks(state));
            let changed = last_change(state);
            let mut sizes = Sizes::new();
            for (name, kind) in kinds {
                let mut size = 0;
                for segment in index.stat().iter().filter(|segment| banks.contains(&segment.set)) {
                    let hashes =
                        segment.hashes.iter().filter(|(of, _)| *of == kind).map(|(_, hashes)| hashes);
                    // Which hashes a withdrawn entry had is not counted apart.
                    size += hashes.sum::<u64>().min(segment.entries - segment.withdrawn);
                }
                sizes.insert(name, (size, changed.filter(|_| index.generation() > 0)));
            }
            Ok(sizes)
        })
        .await
}

fn banks(state: &State) -> Vec<String> {
    let Some(matcher) = state.0.live.current() else { return Vec::new() };
    let banks = matcher.sets().iter().filter(|set| set.role == Role::Match);
    banks.map(|set| set.name.to_string()).collect()
}

/// When the lists were last changed, in seconds since 1970.
fn last_change(state: &State) -> Option<i64> {
    let about = std::fs::metadata(state.0.home.index_dir().join("manifest.iwm")).ok()?;
    let since = about.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}
