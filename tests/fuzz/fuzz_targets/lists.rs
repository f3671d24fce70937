//! A shared list of any form: every entry has a hash, and the report counts what was given.
#![no_main]

use std::convert::Infallible;

use innerward::hashset::{ListForm, ReadOptions, read_list};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let names = ListForm::CHOICES.split([',', ' ']).map(|name| name.parse::<ListForm>().ok());
    for form in names.filter(Option::is_some).chain([None, "state:pdq".parse().ok()]) {
        let mut entries = 0;
        let options = ReadOptions { form, ..ReadOptions::default() };
        let result = read_list(&mut &text[..], &options, &mut |entry| {
            assert!(!entry.hashes.is_empty());
            entries += 1;
            Ok::<(), Infallible>(())
        });
        if let Ok(report) = result {
            assert_eq!(report.entries, entries);
        }
    }
});
