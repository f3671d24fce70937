//! An audit that somebody else wrote: read to its end, and what is appended to it makes nothing of it right or wrong.
#![no_main]

use std::collections::BTreeMap;
use std::fs;
use std::sync::OnceLock;

use innerward::home::{Deed, Home};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

#[allow(dead_code)] // the service is for the other targets
mod service;

fuzz_target!(|bytes: &[u8]| {
    static HOME: OnceLock<Home> = OnceLock::new();
    let home = HOME.get_or_init(|| service::home("audit"));
    let _ = fs::remove_dir_all(home.root().join("audit.torn")); // of the last one
    fs::write(home.root().join("audit.jsonl"), bytes).unwrap();
    let before = home.check_audit(None).unwrap();
    let lines = home.audit_lines().unwrap().map(Result::unwrap);
    assert_eq!(lines.filter(|line| line.record.is_some()).count() as u64, before.records);
    let about = BTreeMap::new();
    let deed = Deed { at: Timestamp::UNIX_EPOCH, by: "a", via: "cli", did: "purge", subject: "", about };
    if home.audit(&deed).is_ok() {
        let after = home.check_audit(None).unwrap();
        assert_eq!(after.fault_total, before.fault_total - before.torn);
        assert!(after.records > before.records && after.torn == 0);
    } else {
        assert!(fs::read(home.root().join("audit.jsonl")).unwrap() == bytes, "refused, and nothing written");
    }
});
