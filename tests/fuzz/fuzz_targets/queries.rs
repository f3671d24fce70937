//! The queries of HMA's paths: understood or refused, in JSON, whatever they are.
#![no_main]

use libfuzzer_sys::fuzz_target;

mod service;

const PATHS: [&str; 8] = [
    "/m/lookup",
    "/m/raw_lookup",
    "/h/hash",
    "/m/index/status",
    "/c/banks",
    "/c/bank/LIST",
    "/c/bank/LIST/content/1",
    "/c/exchanges",
];

fuzz_target!(|bytes: &[u8]| {
    let Some((path, query)) = bytes.split_first() else { return };
    // What a client may put into a line of a request; the rest is escaped, as a client has to.
    let escaped: String = query
        .iter()
        .map(|byte| match byte {
            b'!' | b'$'..=b';' | b'=' | b'?'..=b'Z' | b'_' | b'a'..=b'z' | b'~' => {
                char::from(*byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect();
    let path = PATHS[usize::from(*path) % PATHS.len()];
    let told = service::ask("GET", &format!("{path}?{escaped}"), &[], b"");
    let is_json = serde_json::from_slice::<serde_json::Value>(&told.body).is_ok();
    assert!(is_json || told.body.is_empty(), "{}: {}", told.status, String::from_utf8_lossy(&told.body));
});
