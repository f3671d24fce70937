//! Uploads in multipart, at the native path and at HMA's: read or refused, wherever they break off.
#![no_main]

use libfuzzer_sys::fuzz_target;

mod service;

const PATHS: [&str; 4] = ["/h/hash", "/m/lookup", "/v1/match", "/v1/hash"];

fuzz_target!(|bytes: &[u8]| {
    let Some((path, body)) = bytes.split_first() else { return };
    let path = PATHS[usize::from(*path) % PATHS.len()];
    let form = ("content-type", "multipart/form-data; boundary=edge");
    let told = service::ask("POST", path, &[form], body);
    assert!(serde_json::from_slice::<serde_json::Value>(&told.body).is_ok(), "{}", told.status);
});
