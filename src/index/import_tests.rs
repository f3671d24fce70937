use super::*;
use crate::hashset::{Hashes, ListHeader, ListWriter, read_records};
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

/// A list of entries `id`, hashes, time, in our own form.
fn list(entries: &[(&str, &str, Option<u32>)]) -> Vec<u8> {
    let mut list = ListWriter::new(Vec::new(), &ListHeader::default()).unwrap();
    for &(id, hashes, updated) in entries {
        let mut all = Hashes::default();
        for hash in hashes.split(' ') {
            let (kind, digit) = hash.split_once(':').unwrap();
            let len = if kind == "sha1" { 40 } else { 32 };
            all.set(format!("{kind}:{}", digit.repeat(len)).parse().unwrap());
        }
        let entry = Entry { key: EntryKey::new(id).unwrap(), updated, ..Entry::bare(all) };
        list.entry(&entry).unwrap();
    }
    list.finish().unwrap()
}

fn added(home: &Home, name: &str, entries: &[(&str, &str, Option<u32>)]) -> Result<Imported, ImportError> {
    let (lock, options, update) = (home.lock().unwrap(), ReadOptions::default(), SetUpdate::default());
    let today = jiff::civil::date(2026, 7, 1);
    add(home, &lock, &name.parse().unwrap(), &mut &list(entries)[..], &options, &update, today)
}

#[test]
fn an_entry_that_lost_a_hash_does_not_match_by_it_any_more() {
    let (_scratch, home) = home();
    added(&home, "DEMO", &[("a", "md5:1 sha1:2", None), ("b", "md5:3 sha1:4", None)]).unwrap();
    let again = added(&home, "DEMO", &[("a", "sha1:2", None), ("b", "md5:3 sha1:4", None)]).unwrap();
    assert_eq!((again.present, found(&home, "13")), (1, "1: 3:b".to_owned()));
    let index = Index::open(&home.index_dir()).unwrap();
    let sha1 = format!("sha1:{}", "2".repeat(40)).parse().unwrap();
    assert_eq!(index.exact(&sha1).unwrap().len(), 1);
}

#[test]
fn each_line_of_an_item_goes_by_its_own_time() {
    let (_scratch, home) = home();
    added(&home, "DEMO", &[("a", "md5:1", Some(10)), ("b", "md5:2", Some(10))]).unwrap();
    let older = [("a", "md5:1", Some(5)), ("b", "md5:2", Some(10)), ("a", "md5:3", Some(5))];
    added(&home, "DEMO", &older).unwrap();
    assert_eq!(found(&home, "123"), "1:a 2:b 3:");
    added(&home, "DEMO", &[("a", "md5:1", Some(5)), ("a", "md5:4", Some(20))]).unwrap();
    assert_eq!(found(&home, "124"), "1: 2:b 4:a");
}

#[test]
fn what_was_corrected_may_be_put_back_on_the_same_day() {
    let (_scratch, home) = home();
    for (digit, expected) in [('1', "1:a 2:"), ('2', "1: 2:a"), ('1', "1:a 2:"), ('2', "1: 2:a")] {
        bring(&home, &[("a", digit, false)], true).unwrap();
        assert_eq!(found(&home, "12"), expected);
        assert!(Index::verify(&home.index_dir()).unwrap().is_sound());
    }
}

#[test]
fn a_damaged_set_keeps_nobody_from_writing_and_can_be_imported_again() {
    let (_scratch, home) = home();
    import_one(&home, "A", '1');
    import_one(&home, "B", '2');
    let file = Index::open(&home.index_dir()).unwrap().stat()[0].file.clone();
    // A withdrawal that was begun and not carried out, of a set whose segment is gone.
    let name: SetName = "A".parse().unwrap();
    let made = Made { at: Clock::start_of(jiff::civil::date(2026, 7, 1)).now(), by: None };
    let mut sets = Sets::open(&home).unwrap();
    sets.begin_withdrawal(&name, 1, &[EntryKey::derived(&hashes('1'))], made).unwrap();
    std::fs::remove_file(home.index_dir().join(file)).unwrap();
    import_one(&home, "C", '3');
    import_one(&home, "B", '4');
    import_one(&home, "A", '1');
    assert!(!found(&home, "34").contains(": ") && !found(&home, "4").ends_with(':'));
    assert!(found(&home, "1").ends_with(':'), "what was withdrawn stays so");
    let lock = home.lock().unwrap();
    let segment = |name: &str| {
        let stat = Index::open(&home.index_dir()).unwrap().stat();
        stat.into_iter().find(|segment| segment.set == name).unwrap().file
    };
    std::fs::remove_file(home.index_dir().join(segment("C"))).unwrap();
    crate::index::remove(&home, &lock, &"C".parse().unwrap(), made).unwrap();
    assert_eq!(Index::open(&home.index_dir()).unwrap().sets().len(), 2);
}

fn hashes(digit: char) -> Hashes {
    format!("md5:{}", digit.to_string().repeat(32)).parse::<crate::digest::Signal>().unwrap().into()
}

#[test]
fn a_sweep_leaves_what_the_manifest_on_disk_names() {
    let (_scratch, home) = home();
    let lock = home.lock().unwrap();
    let (dir, name) = (home.index_dir(), "A");
    let unaware = IndexWriter::open(&dir, &lock).unwrap();
    let mut builder = SegmentBuilder::new();
    builder.push(&Entry::bare(hashes('1'))).unwrap();
    let segment = builder.write(&dir).unwrap();
    // As a commit leaves it that put its manifest in place and failed to make that safe.
    IndexWriter::open(&dir, &lock).unwrap().replace_set(name, 1, vec![segment], vec![]).unwrap();
    unaware.sweep().unwrap();
    assert_eq!(Index::open(&dir).unwrap().sets().len(), 1);
}

#[test]
fn an_item_that_lost_its_last_hash_keeps_the_time_of_that() {
    let (_scratch, home) = home();
    bring(&home, &[("a@4", '1', false), ("b", '2', false), ("c@4", '3', false)], false).unwrap();
    bring(&home, &[("a@9", '-', false), ("c@9", '-', false)], true).unwrap();
    assert_eq!(found(&home, "123"), "1: 2:b 3:");
    let older = bring(&home, &[("a@4", '1', false), ("c@8", '4', false)], true).unwrap();
    assert_eq!((found(&home, "1234").as_str(), older.report.outdated), ("1: 2:b 3: 4:", 2));
    // Pages in between, and what is later, count as ever.
    bring(&home, &[("b", '5', false)], true).unwrap();
    bring(&home, &[("a@8", '1', false), ("c@10", '4', false)], true).unwrap();
    assert_eq!(found(&home, "1345"), "1: 3: 4:c 5:b");
    // It is not withdrawn: a list that replaces the set may bring it.
    let whole = bring(&home, &[("a@4", '1', false), ("b", '2', false)], false).unwrap();
    assert_eq!((found(&home, "12").as_str(), whole.withdrawn), ("1:a 2:b", 0));
    bring(&home, &[("a@5", '6', false)], true).unwrap();
    assert_eq!(found(&home, "16"), "1: 6:a", "what was before that list is forgotten");
    // Within one list, too.
    bring(&home, &[("a@4", '1', false), ("b", '2', false), ("a@9", '-', false)], false).unwrap();
    bring(&home, &[("a@4", '1', false)], true).unwrap();
    assert_eq!(found(&home, "12"), "1: 2:b");
}

#[test]
fn what_an_import_emptied_that_failed_does_not_count() {
    let (_scratch, home) = home();
    bring(&home, &[("a@4", '1', false), ("b", '2', false)], false).unwrap();
    let name: SetName = "DEMO".parse().unwrap();
    let before = std::fs::read(home.index_dir().join("manifest.iwm")).unwrap();
    bring(&home, &[("a@9", '-', false)], true).unwrap();
    assert_eq!(Sets::open(&home).unwrap().emptied(&name, Some(2)).unwrap().len(), 1);
    // As if it had been killed before its manifest was in place.
    std::fs::write(home.index_dir().join("manifest.iwm"), before).unwrap();
    let db = home.database("").unwrap();
    db.execute_batch("UPDATE hashset_import SET in_force = 0 WHERE revision = 2").unwrap();
    drop(db);
    let mut sets = Sets::open(&home).unwrap();
    assert!(sets.emptied(&name, Some(1)).unwrap().is_empty());
    assert_eq!(sets.emptied(&name, Some(2)).unwrap().len(), 1, "or after, and nobody settled it");
    sets.settle(&[(name.clone(), 1)]).unwrap();
    assert!(sets.emptied(&name, Some(2)).unwrap().is_empty());
}

#[test]
fn an_upgrade_that_reads_more_is_another_way_to_read() {
    let made = Made { at: Clock::start_of(jiff::civil::date(2026, 7, 1)).now(), by: None };
    let options = ImportOptions::new(ReadOptions::default(), SetUpdate::default(), made);
    let readers = format!("readers {},", crate::hashset::READERS_VERSION);
    assert!(options.read_as().contains(&readers), "{}", options.read_as());
}

#[test]
fn what_the_index_alone_knows_to_be_withdrawn_outlives_the_set() {
    let (_scratch, home) = home();
    let name: SetName = "DEMO".parse().unwrap();
    let made = Made { at: Clock::start_of(jiff::civil::date(2026, 7, 1)).now(), by: None };
    let key = |id: &str| EntryKey::new(id).unwrap();
    let list = [("a", '1', false), ("b@4", '2', false), ("c", '3', false), ("d", '4', false)];
    bring(&home, &list, false).unwrap();
    bring(&home, &[("b@9", '-', false), ("d", '5', false)], true).unwrap();
    let lock = home.lock().unwrap();
    crate::index::withdraw(&home, &lock, &name, &[key("a")], made).unwrap();
    drop(lock);
    // The database is of the time before, and the revision does not tell.
    let forget = || {
        let db = home.database("").unwrap();
        db.execute_batch("DELETE FROM hashset_withdrawal; DELETE FROM hashset_event").unwrap();
    };
    let known = || {
        let mut keys: Vec<_> =
            Sets::open(&home).unwrap().withdrawn_keys(&name).unwrap().into_iter().collect();
        keys.sort();
        keys
    };
    forget();
    bring(&home, &[("a", '1', false)], true).unwrap();
    assert_eq!((found(&home, "1").as_str(), known()), ("1:", vec![key("a")]), "added");
    forget();
    bring(&home, &list, false).unwrap();
    // What was left without a hash, or got another, was not withdrawn.
    assert_eq!((found(&home, "1234").as_str(), known()), ("1: 2:b 3:c 4:d", vec![key("a")]), "replaced");
    forget();
    let lock = home.lock().unwrap();
    crate::index::remove(&home, &lock, &name, made).unwrap();
    drop(lock);
    assert_eq!(known(), [key("a")], "removed");
    bring(&home, &list, false).unwrap();
    assert_eq!(found(&home, "1234"), "1: 2:b 3:c 4:d");
}
