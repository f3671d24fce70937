use super::*;
use crate::hashset::read_records;
use crate::index::testing::home;

fn import_one(home: &Home, name: &str, digit: char) {
    let list = digit.to_string().repeat(32);
    let (lock, options, update) = (home.lock().unwrap(), ReadOptions::default(), SetUpdate::default());
    let (name, today) = (name.parse().unwrap(), jiff::civil::date(2026, 7, 1));
    import(home, &lock, &name, &mut list.as_bytes(), &options, &update, today).unwrap();
}

/// Imports or adds records of `(id, MD5 digit, withdrawn)`.
fn bring(home: &Home, records: &[(&str, char, bool)], adds: bool) -> Result<Imported, ImportError> {
    let (lock, name) = (home.lock().unwrap(), "DEMO".parse().unwrap());
    let made = Made { at: Clock::start_of(jiff::civil::date(2026, 7, 1)).now(), by: None };
    let options =
        ImportOptions { add: adds, ..ImportOptions::new(ReadOptions::default(), SetUpdate::default(), made) };
    let mut import = Import::begin(home, &lock, &name)?;
    import.settle()?;
    import.run(|sink| read_records(records, sink), &Order::of(&options))
}

/// The keys that the MD5 of each digit finds.
fn found(home: &Home, digits: &str) -> String {
    let index = Index::open(&home.index_dir()).unwrap();
    let keys = digits.chars().map(|digit| {
        let md5 = format!("md5:{}", digit.to_string().repeat(32)).parse().unwrap();
        let hits = index.exact(&md5).unwrap();
        let mut keys: Vec<_> =
            hits.iter().map(|hit| index.entry(hit).unwrap().key().as_str().to_owned()).collect();
        keys.sort();
        format!("{digit}:{}", keys.concat())
    });
    keys.collect::<Vec<_>>().join(" ")
}

#[test]
fn what_the_set_says_later_holds_against_what_is_added() {
    let (_scratch, home) = home();
    bring(&home, &[("a@7", '1', false), ("b@7", '2', false), ("c", '6', false)], false).unwrap();
    let pages = [("a@5", '3', false), ("b@9", '4', false), ("a@6", '3', false), ("c@1", '7', false)];
    let imported = bring(&home, &pages, true).unwrap();
    assert_eq!(found(&home, "1234567"), "1:a 2: 3: 4:b 5: 6: 7:c");
    assert_eq!((imported.report.entries, imported.report.outdated, imported.set.entries), (2, 2, 5));
    bring(&home, &[("b@8", '5', false), ("a@8", '3', false)], true).unwrap();
    assert_eq!(found(&home, "12345"), "1: 2: 3:a 4:b 5:");
}

#[test]
fn what_a_list_takes_back_does_not_match_and_stays_so() {
    let (_dir, home) = home();
    let first = [("a", '1', false), ("b", '2', false), ("c", '3', false)];
    bring(&home, &first, false).unwrap();
    // A withdrawal holds wherever it stands in the list, and for what was never there.
    let second = [("d", '-', true), ("a", '1', false), ("b", '2', false), ("b", '-', true)];
    let imported = bring(&home, &second, false).unwrap();
    assert_eq!((imported.report.withdrawals, imported.report.entries), (2, 2));
    assert_eq!(found(&home, "123"), "1:a 2: 3:");
    bring(&home, &first, false).unwrap();
    assert_eq!(found(&home, "123"), "1:a 2: 3:c", "an older file does not bring it back");
    bring(&home, &[("d", '4', false), ("a", '1', false)], true).unwrap();
    assert_eq!(found(&home, "1234"), "1:a 2: 3:c 4:", "nor does one that is added");
    // Withdrawals alone may be added; they must not make a set empty.
    assert!(matches!(bring(&home, &[("a", '-', true)], false), Err(ImportError::List(ListError::Empty(_)))));
    assert_eq!(found(&home, "13"), "1:a 3:c");
    bring(&home, &[("a", '-', true)], true).unwrap();
    assert_eq!(found(&home, "13"), "1: 3:c");
}

#[test]
fn what_a_list_replaces_does_not_match() {
    let (_dir, home) = home();
    let list =
        [("a", '1', false), ("b", '2', false), ("a", '3', false), ("b", '-', false), ("a", '1', false)];
    bring(&home, &list, false).unwrap();
    assert_eq!(found(&home, "123"), "1:a 2: 3:");
    // Added: other content replaces, the same is present, and what was replaced once may come back.
    let imported = bring(&home, &[("a", '3', false), ("e", '1', false)], true).unwrap();
    assert_eq!((found(&home, "13").as_str(), imported.present), ("1:e 3:a", 0));
    let imported = bring(&home, &[("a", '3', false), ("e", '1', false)], true).unwrap();
    assert_eq!((found(&home, "13").as_str(), imported.present), ("1:e 3:a", 2));
    bring(&home, &[("a", '1', false)], true).unwrap();
    assert_eq!(found(&home, "13"), "1:ae 3:");
    bring(&home, &[("a", '1', false), ("a", '2', false), ("a", '1', false)], true).unwrap();
    assert_eq!(found(&home, "12"), "1:ae 2:");
}

#[test]
fn a_snapshot_whose_description_is_forgotten_meanwhile_is_opened_again() {
    let (_dir, home) = home();
    import_one(&home, "DEMO", '1');
    let before = Index::open(&home.index_dir()).unwrap();
    import_one(&home, "DEMO", '2');
    let forgotten = Sets::open(&home).unwrap().at_revisions(&live_revisions(&before));
    assert!(matches!(forgotten, Err(SetError::NoRevision { revision: 1, .. })));

    // The import came between the opening of the index and the reading of the database.
    let mut snapshots = vec![Index::open(&home.index_dir()).unwrap(), before];
    let (index, sets) = describe(&home, |_| Ok(snapshots.pop().unwrap())).unwrap();
    assert_eq!((sets.len(), sets[0].revision), (1, 2));
    assert_eq!(live_revisions(&index), [(sets[0].name.clone(), 2)]);
}

#[test]
fn a_database_that_does_not_belong_to_the_index_is_told_and_not_waited_for() {
    let (_dir, home) = home();
    import_one(&home, "DEMO", '1');
    Sets::open(&home).unwrap().remove(&"DEMO".parse().unwrap()).unwrap();
    let mut opened = 0;
    let result = describe(&home, |_| {
        opened += 1;
        Index::open(&home.index_dir())
    });
    assert!(matches!(result, Err(DescribeError::Sets(SetError::NoRevision { .. }))));
    assert_eq!(opened, 2);
    // A writer that never pauses ends in an error too.
    let mut pairs = 0;
    let result = describe(&home, |_| {
        pairs += 1;
        let (lock, dir) = (home.lock().unwrap(), home.index_dir());
        IndexWriter::open(&dir, &lock)?.replace_set("DEMO", pairs, vec![], vec![])?;
        Index::open(&dir)
    });
    assert!(matches!(result, Err(DescribeError::Sets(SetError::NoRevision { .. }))));
    assert_eq!(pairs, ATTEMPTS as u64);
}
