//! The head of a file: what it is called is a name that is known.
#![no_main]

use innerward::media::Content;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|head: &[u8]| {
    let content = Content::of(head);
    assert_eq!(Content::named(content.name), Some(content));
});
