//! What a worker answers: understood or refused, never a panic.
#![no_main]

use innerward::screen::decode_answer;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = decode_answer(bytes);
});
