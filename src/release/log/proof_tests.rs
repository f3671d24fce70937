//! Tests of `log.json`: it holds for its release and for nothing else, by any bit.

use super::*;
use crate::release::log::entry::{Chain, ReleaseEntry};

const MANIFEST: &[u8] = b"{ a manifest }\n";

fn entries() -> Vec<Logged> {
    let mut chain = Chain::default();
    let mut previous = String::new();
    ["2026-08-coarse-v1", "2026-09-coarse-v1", "2026-10-coarse-v1"]
        .into_iter()
        .map(|id| {
            let manifest = if id.contains("-10-") { MANIFEST } else { id.as_bytes() };
            let manifest_sha256 = sha256_hex(manifest);
            let entry = ReleaseEntry {
                release_id: id.into(),
                previous: std::mem::replace(&mut previous, manifest_sha256.clone()),
                manifest_sha256,
            };
            chain.write(&Entry::Release(entry)).unwrap()
        })
        .collect()
}

fn check(bytes: &[u8]) -> Result<Head, VerifyError> {
    check_proof(bytes, MANIFEST, "2026-10-coarse-v1", &Signatory::new(&[7; 32]).public())
}

#[test]
fn a_proof_holds_for_its_release_alone() {
    let signatory = Signatory::new(&[7; 32]);
    let entries = entries();
    let bytes = proof_among(&entries, 2, &signatory).unwrap();
    assert_eq!(check(&bytes).unwrap(), tree_of(&entries).head());
    let told = |outcome: Result<Head, VerifyError>| outcome.unwrap_err().to_string();
    let key = signatory.public();
    assert!(told(check_proof(&bytes, b"other", "2026-10-coarse-v1", &key)).contains("another manifest.json"));
    assert!(told(check_proof(&bytes, MANIFEST, "2026-11-coarse-v1", &key)).contains("not of this release"));
    let other = proof_among(&entries, 1, &signatory).unwrap();
    assert!(told(check(&other)).contains("not of this release"));
    let foreign = proof_among(&entries, 2, &Signatory::new(&[8; 32])).unwrap();
    assert!(told(check(&foreign)).contains("checkpoint of the log"));
    assert!(matches!(proof_among(&entries, 3, &signatory), Err(LogError::NoSize { asked: 4, ours: 3 })));
}

#[test]
fn every_changed_bit_and_every_truncation_is_refused() {
    let bytes = proof_among(&entries(), 2, &Signatory::new(&[7; 32])).unwrap();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            assert!(check(&changed).is_err(), "bit {bit} of byte {at}");
        }
        assert!(check(&bytes[..at]).is_err(), "{at} bytes");
    }
    assert!(check(&[&bytes[..], b"\n"].concat()).is_err());
    assert!(check(&vec![b'['; MOST_PROOF + 1]).is_err());
}

#[test]
fn a_proof_with_more_signatures_or_hashes_is_refused() {
    let bytes = proof_among(&entries(), 2, &Signatory::new(&[7; 32])).unwrap();
    let with = |change: &dyn Fn(&mut Proof)| {
        let mut proof = Proof::parse(&bytes).unwrap();
        change(&mut proof);
        check(&proof.render())
    };
    assert!(with(&|_| {}).is_ok());
    assert!(with(&|proof| proof.checkpoint.push_str("\u{2014} somebody AAAAAAA=\n")).is_err());
    assert!(with(&|proof| proof.inclusion.push(proof.inclusion[0].clone())).is_err());
    assert!(with(&|proof| proof.inclusion = vec![proof.inclusion[0].clone(); MOST_HASHES + 1]).is_err());
    assert!(with(&|proof| proof.index = 1).is_err());
    assert!(with(&|proof| proof.schema = 2).is_err());
}
