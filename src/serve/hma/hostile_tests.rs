//! Whatever comes, the service answers, and in HMA's form; and what it answers is what comparing with every entry finds.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::number::number_of;
use crate::digest::Signal;
use crate::hashset::{EntryKey, Opinion, ReadOptions, read_list};
use crate::serve::testing::Ward;

/// Numbers that look random and are the same on every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn hash(&mut self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.chunks_mut(8).for_each(|chunk| chunk.copy_from_slice(&self.next().to_le_bytes()));
        hash
    }

    /// The hash with so many bits turned.
    fn off(&mut self, mut hash: [u8; 32], bits: usize) -> [u8; 32] {
        let mut turned = BTreeSet::new();
        while turned.len() < bits {
            let bit = (self.next() % 256) as usize;
            if turned.insert(bit) {
                hash[bit / 8] ^= 1 << (bit % 8);
            }
        }
        hash
    }
}

fn apart(a: &[u8; 32], b: &[u8; 32]) -> u32 {
    a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum()
}

#[test]
fn raw_look_ups_find_what_comparing_with_every_entry_finds() {
    let mut noise = Noise(20_261_123);
    let mut listed: Vec<[u8; 32]> = (0..400).map(|_| noise.hash()).collect();
    // Some close to each other, and around the bound.
    for at in 0..120 {
        let bits = [1, 8, 16, 30, 31, 32, 33, 60][at % 8];
        listed.push(noise.off(listed[at % 7], bits));
    }
    let text: String = listed.iter().map(|hash| format!("pdq:{}\n", hex::encode(hash))).collect();
    let ward = Ward::with(&[("BANK", &text)]);
    let number = |hash: &[u8; 32]| {
        let signal: Signal = format!("pdq:{}", hex::encode(hash)).parse().unwrap();
        number_of(EntryKey::derived(&signal.into()).as_str())
    };
    let mut found_in_all = 0;
    for at in 0..40 {
        let query = noise.off(listed[at % 9], [0, 2, 15, 25, 31][at % 5]);
        let mut expected: Vec<(u64, u32)> = listed
            .iter()
            .map(|hash| (number(hash), apart(hash, &query)))
            .filter(|(_, distance)| *distance <= 31)
            .collect();
        expected.sort_unstable();
        found_in_all += expected.len();
        let path =
            format!("/m/raw_lookup?signal_type=pdq&include_distance=true&signal={}", hex::encode(query));
        let answer = ward.get(&path).json();
        let matches = answer["matches"].as_array().unwrap();
        let read = |found: &Value| {
            (found["bank_content_id"].as_u64().unwrap(), found["distance"].as_str().unwrap().parse().unwrap())
        };
        let mut found: Vec<(u64, u32)> = matches.iter().map(read).collect();
        assert!(found.iter().map(|(_, distance)| distance).is_sorted(), "the nearest first");
        found.sort_unstable();
        assert_eq!(found, expected);
    }
    assert!(found_in_all > 100, "{found_in_all}: hardly anything was asked");
}

#[test]
fn the_made_up_hotline_answers_as_comparing_with_all_of_it_does() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/hashsets/demo-hotline.csv");
    let text = std::fs::read_to_string(path).unwrap();
    let mut listed: Vec<(u64, [u8; 32])> = Vec::new();
    let read = read_list(&mut text.as_bytes(), &ReadOptions::default(), &mut |entry| {
        let pdq = entry.hashes.pdq.filter(|_| entry.opinion != Opinion::Negative);
        let number = number_of(entry.key.as_str());
        listed.extend(pdq.map(|pdq| (number, Signal::Pdq(pdq.hash).as_bytes().try_into().unwrap())));
        Ok::<(), std::convert::Infallible>(())
    });
    assert!(read.is_ok() && listed.len() > 1000);
    let ward = Ward::with(&[("HOTLINE", &text)]);
    let mut noise = Noise(11);
    for at in (0..listed.len()).step_by(29) {
        let query = noise.off(listed[at].1, [0, 7, 20, 31, 40][at % 5]);
        let near = listed.iter().filter(|(_, hash)| apart(hash, &query) <= 31);
        let expected: BTreeSet<u64> = near.map(|(number, _)| *number).collect();
        let answer = ward.get(&format!("/m/raw_lookup?signal_type=pdq&signal={}", hex::encode(query))).json();
        let found: BTreeSet<u64> =
            answer["matches"].as_array().unwrap().iter().map(|number| number.as_u64().unwrap()).collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn odd_requests_are_refused_in_hma_s_form_and_never_by_a_fault() {
    let ward = Ward::with(&[("BANK", "md5:c0ffee00c0ffee00c0ffee00c0ffee00\n")]);
    let long = "x".repeat(5000);
    let odd = [
        "",
        "%00",
        "%zz",
        "%ff",
        "-1",
        "0",
        "999999999999999999999",
        "null",
        "..%2F..",
        "%2F",
        &long,
        "ä%20b",
        "BANK",
    ];
    let paths = [
        "/h/hash",
        "/m/raw_lookup",
        "/m/lookup",
        "/m/index/status",
        "/m/compare",
        "/c/banks",
        "/c/bank/{}",
        "/c/bank/{}/content",
        "/c/bank/{}/content/{}",
        "/c/bank/{}/signal",
        "/c/signal_type",
        "/c/signal_type/{}",
        "/c/signal_type/index",
        "/c/content_type",
        "/c/exchanges",
        "/c/exchanges/apis",
        "/c/exchanges/api/{}",
        "/c/exchanges/api/{}/schema",
        "/c/exchange/{}",
        "/c/exchange/{}/status",
        "/site-map",
    ];
    let names = [
        "url",
        "signal",
        "signal_type",
        "types",
        "banks",
        "seed",
        "include_distance",
        "bypass_coinflip",
        "content_type",
    ];
    let bodies = [
        String::new(), "{".into(), "null".into(), "[]".into(), "{}".into(), json!({"name": long, "pdq": ["a", "b"]}).to_string(),
        json!({"name": "X\u{0}", "enabled_ratio": -1e300, "disable_until_ts": 1e300, "note": {"a": 1}, "pdq": "x"}).to_string(),
        "[".repeat(10_000),
    ];
    let kinds = ["application/json", "multipart/form-data", "multipart/form-data; boundary=x", "text/plain"];
    let mut noise = Noise(7);
    let mut pick = |many: usize| (noise.next() % many as u64) as usize;
    let methods = [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH];
    for round in 0..1500 {
        let pattern = paths[round % paths.len()];
        let path: String = pattern.split("{}").enumerate().fold(String::new(), |path, (at, part)| {
            if at == 0 { part.into() } else { path + odd[pick(odd.len())] + part }
        });
        let query: Vec<String> =
            (0..pick(4)).map(|_| format!("{}={}", names[pick(names.len())], odd[pick(odd.len())])).collect();
        let uri = if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) };
        let uri: String = uri
            .chars()
            .flat_map(|c| if c.is_ascii() { vec![c] } else { vec!['%', 'c', '3', '%', 'a', '4'] })
            .collect();
        let method = methods[pick(methods.len())].clone();
        let shown = format!("{method} {}", &uri[..uri.len().min(300)]);
        let answer = ward.ask(
            method,
            &uri,
            &[("content-type", kinds[pick(kinds.len())])],
            bodies[pick(bodies.len())].clone(),
        );
        assert!(answer.status.as_u16() < 500, "{shown}: {} {}", answer.status, answer.text());
        let is_refused = answer.status.is_client_error() && answer.status != StatusCode::NOT_FOUND;
        if is_refused {
            assert!(answer.json()["message"].is_string(), "{shown}: {}", answer.text());
            assert!(answer.body.len() < 400, "{shown}: nothing that came is quoted");
        }
    }
    assert!(ward.get("/c/banks").status.is_success(), "it lives");
}
