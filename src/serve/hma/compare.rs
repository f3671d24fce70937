//! `/m/compare`: two hashes of a kind, and how far they are apart.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Bytes;
use axum::response::IntoResponse;
use serde::Serialize;
use serde_json::Value;

use super::asked::Asked;
use super::types::{no_such_type, signal};
use super::{Answer, Problem};
use crate::digest::Signal;

/// `[true,{"distance":9}]`; the distance is a number here, unlike in look-ups.
#[derive(Serialize)]
struct Compared(bool, Apart);

#[derive(Serialize)]
struct Apart {
    distance: u32,
}

pub(super) async fn compare(asked: Asked, body: Bytes) -> Answer {
    let compared = asked.state.reading(body, |body, _| read_and_compare(body)).await?;
    Ok(Json(compared).into_response())
}

fn read_and_compare(body: &[u8]) -> Result<BTreeMap<String, Compared>, Problem> {
    let not_an_object = |_| Problem::bad_request("Request input was not a dict");
    let pairs: BTreeMap<String, Value> = serde_json::from_slice(body).map_err(not_an_object)?;
    let mut compared = BTreeMap::new();
    for (name, pair) in pairs {
        let Value::Array(pair) = pair else {
            return Err(Problem::bad_request("Comparison hashes for a signal type were not a list"));
        };
        let [Value::String(one), Value::String(other)] = &pair[..] else {
            return Err(Problem::bad_request(
                "Comparison hash list length must be exactly 2, both of them text",
            ));
        };
        let kind = super::types::kind_of(&name).ok_or_else(no_such_type)?;
        let distance = distance(&signal(&name, one)?, &signal(&name, other)?);
        let is_match = distance <= u32::from(kind.default_distance().bits());
        compared.insert(name, Compared(is_match, Apart { distance }));
    }
    Ok(compared)
}

/// Differing bits; of digests, which are equal or not, 0 or 1.
fn distance(one: &Signal, other: &Signal) -> u32 {
    if one.kind().is_digest() {
        return u32::from(one != other);
    }
    one.as_bytes().iter().zip(other.as_bytes()).map(|(a, b)| (a ^ b).count_ones()).sum()
}
