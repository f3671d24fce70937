//! What the forms of JSON share: an array that is written element by element, and names for things that have none.

use std::io::{self, Write};

use serde::Serialize;
use sha1::{Digest, Sha1};

/// The elements of an array, with commas between them, a line each.
#[derive(Default)]
pub(super) struct Elements {
    any: bool,
}

impl Elements {
    pub(super) fn put(&mut self, out: &mut dyn Write, element: &impl Serialize) -> io::Result<()> {
        out.write_all(if self.any { b",\n" } else { b"\n" })?;
        self.any = true;
        Ok(serde_json::to_writer(out, element)?)
    }
}

/// A UUID of version 5 (RFC 9562): the same for the same name in the same namespace, so that a list that is written again
/// has the same ids.
pub(super) fn uuid5(namespace: [u8; 16], name: &str) -> String {
    let digest = Sha1::new().chain_update(namespace).chain_update(name).finalize();
    let mut bytes: [u8; 16] = *digest.first_chunk().expect("SHA-1 has 20 bytes");
    bytes[6] = bytes[6] & 0x0f | 0x50;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex::encode(bytes);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// The namespace of what we name: drawn, as version 5 has it, from that of domain names.
pub(super) const OURS: [u8; 16] = *b"\x1b\x5f\x0e\x9a\x63\x27\x5a\x4d\x9d\x2c\x6f\x3a\x0b\x71\xe8\x54";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_those_of_the_standard() {
        // RFC 9562, A.4.
        let dns =
            [0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];
        assert_eq!(uuid5(dns, "www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    }
}
