//! A file of any kind: never a panic, and the digests are those of the bytes.
#![no_main]

use innerward::digest::{Digests, Fingerprint};
use innerward::media::Limits;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { max_pixels: 4_000_000, ..Limits::default() };
    let print = Fingerprint::read(bytes, &limits).expect("memory can be read");
    assert_eq!(print.digests, Digests::of(bytes));
});
