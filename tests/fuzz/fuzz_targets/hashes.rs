//! Many hashes in the compact form: an answer for each, in the compact form too, or a refusal with the byte.
#![no_main]

use libfuzzer_sys::fuzz_target;

mod service;

const FORM: (&str, &str) = ("content-type", "application/vnd.innerward.hashes");
const WANTED: (&str, &str) = ("accept", "application/vnd.innerward.verdicts");

fuzz_target!(|bytes: &[u8]| {
    let told = service::ask("POST", "/v1/match/hashes", &[FORM, WANTED], bytes);
    let number =
        |at: usize| told.body.get(at..at + 4).map(|four| u32::from_le_bytes(four.try_into().unwrap()));
    match told.status {
        200 => {
            let (asked, count) = (bytes[8..12].try_into().unwrap(), number(8).unwrap());
            assert_eq!(u32::from_le_bytes(asked), count);
            assert!(told.body.len() >= 16 + 16 * count as usize + number(12).unwrap() as usize);
        }
        400 | 422 => assert!(String::from_utf8_lossy(&told.body).contains("byte")),
        other => panic!("{other}"),
    }
});
