use innerward::hashset::{
    Bounds, Counts, EntryKey, Made, ReadReport, Role, SetError, SetName, SetUpdate, Sets, Staging,
};
use innerward::home::{Clock, Home};
use innerward::kernel::Distance;
use innerward::vocabulary::{Code, Dimension, list_class};
use jiff::civil::{Date, date};

use super::{LONG, MD5, read_as};

const DAY: Date = date(2026, 10, 1);
const LATER: Date = date(2026, 10, 2);

fn sets() -> (tempfile::TempDir, Home, Sets) {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::create(&dir.path().join("ward"), false).unwrap();
    let sets = Sets::open(&home).unwrap();
    (dir, home, sets)
}

fn name(text: &str) -> SetName {
    text.parse().unwrap()
}

fn report() -> ReadReport {
    read_as(None, format!("{MD5}\nnonsense\n")).unwrap().1
}

fn class(text: &str) -> Option<Code> {
    Some(Dimension::ListClass.code(text).unwrap())
}

#[test]
fn a_revision_counts_once_the_manifest_names_it() {
    let (_dir, home, mut sets) = sets();
    let demo = name("DEMO");
    let update = SetUpdate {
        list_class: class("NATIONAL"),
        max_distance: Some(Distance::new(20).unwrap()),
        source: Some("from the north".into()),
        ..Default::default()
    };
    let first = sets.stage_revision(&demo, None, &update, &report(), DAY).unwrap();
    // Staged and never named, as after a power cut: the next import does not inherit from it.
    let lost = SetUpdate { source: Some("lost".into()), ..Default::default() };
    let second = sets.stage_revision(&demo, Some(first), &lost, &report(), LATER).unwrap();
    let third = sets.stage_revision(&demo, Some(first), &SetUpdate::default(), &report(), LATER).unwrap();
    assert_eq!([first, second, third], [1, 2, 3]);

    sets.prune(&[(demo.clone(), third)]).unwrap();
    drop(sets);
    let mut sets = Sets::open(&home).unwrap();
    let info = sets.at_revisions(&[(demo.clone(), third)]).unwrap().remove(0);
    assert_eq!((info.revision, info.entries, info.role), (3, 1, Role::Match));
    assert_eq!((info.list_class.as_str(), info.source.as_str()), ("NATIONAL", "from the north"));
    assert_eq!(info.max_distance.map(Distance::bits), Some(20));
    assert_eq!((info.created_on, info.revised_on), (DAY, LATER));
    assert_eq!(sets.get(&demo, second).unwrap(), None);
    assert!(matches!(
        sets.at_revisions(&[(demo.clone(), second)]),
        Err(SetError::NoRevision { revision: 2, .. })
    ));
    assert!(matches!(
        sets.stage_revision(&demo, Some(second), &SetUpdate::default(), &report(), LATER),
        Err(SetError::NoRevision { .. })
    ));

    let imports = sets.imports(&demo).unwrap();
    assert_eq!(imports.iter().map(|import| import.revision).collect::<Vec<_>>(), [1, 2, 3]);
    let import = &imports[2];
    assert_eq!((import.imported_on, import.form.as_str(), import.counts.bad), (LATER, "plain", 1));
    assert_eq!((import.file_blake3, import.bytes), (report().file_blake3, report().bytes));
}

#[test]
fn numbers_are_not_used_again_after_a_removal() {
    let (_dir, _home, mut sets) = sets();
    let demo = name("DEMO");
    let first = sets.stage_revision(&demo, None, &SetUpdate::default(), &report(), DAY).unwrap();
    assert!(sets.remove(&demo).unwrap());
    assert!(!sets.remove(&demo).unwrap());
    assert_eq!(sets.get(&demo, first).unwrap(), None);
    assert_eq!(sets.stage_revision(&demo, None, &SetUpdate::default(), &report(), DAY).unwrap(), first + 1);
}

#[test]
fn withdrawals_outlive_imports_and_removal() {
    let (_dir, home, mut sets) = sets();
    let demo = name("DEMO");
    let keys = ["7-demo-1", "7-demo-2"].map(|key| EntryKey::new(key).unwrap());
    assert_eq!(sets.withdraw(&demo, &keys[..1], DAY).unwrap(), 1);
    assert_eq!(sets.withdraw(&demo, &keys, LATER).unwrap(), 1);
    sets.stage_revision(&demo, None, &SetUpdate::default(), &report(), LATER).unwrap();
    sets.prune(&[]).unwrap();
    sets.remove(&demo).unwrap();
    let sets = Sets::open(&home).unwrap();
    assert_eq!(sets.withdrawn_keys(&demo).unwrap(), keys.into_iter().collect());
    assert!(sets.withdrawn_keys(&name("OTHER")).unwrap().is_empty());
}

#[test]
fn what_a_list_takes_back_is_told_as_soon_as_the_manifest_has_it() {
    let (_dir, _home, mut sets) = sets();
    let demo = name("DEMO");
    let keys = ["7-demo-1", "7-demo-2"].map(|key| EntryKey::new(key).unwrap());
    sets.withdraw(&demo, &keys[..1], DAY).unwrap();
    let (update, report) = (SetUpdate::default(), report());
    let staging = Staging {
        base: None,
        current: None,
        update: &update,
        report: &report,
        counts: Counts::default(),
        added: None,
        taken_back: &keys,
        emptied: &[],
        signed_by: None,
        read_as: "",
        made: Made { at: Clock::start_of(LATER).now(), by: None },
    };
    let revision = sets.stage(&demo, &staging).unwrap();
    // Whoever staged it was killed before it settled that.
    let told = |sets: &Sets, current, since| sets.withdrawn_since(&demo, current, since).unwrap();
    for current in [None, Some(revision + 1)] {
        assert_eq!(told(&sets, current, None), keys[..1], "the manifest never came to name it");
    }
    assert_eq!(told(&sets, Some(revision), None), keys);
    let since = told(&sets, Some(revision), Some(LATER));
    sets.settle(&[(demo.clone(), revision)]).unwrap();
    assert_eq!(told(&sets, Some(revision), Some(LATER)), since);
    assert_eq!(since, keys[1..], "the other was withdrawn earlier");
}

#[test]
fn the_last_that_is_known_of_a_set_outlives_what_is_pruned() {
    let (_dir, _home, mut sets) = sets();
    let (demo, other) = (name("DEMO"), name("OTHER"));
    let mut stage =
        |name, base| sets.stage_revision(name, base, &SetUpdate::default(), &report(), DAY).unwrap();
    stage(&demo, None);
    let second = stage(&demo, Some(1));
    let third = stage(&demo, Some(2));
    let own = stage(&other, None);
    // The index is of a later day than the database.
    sets.prune(&[(demo.clone(), 9), (other.clone(), own)]).unwrap();
    let there = |sets: &Sets, revision| sets.get(&demo, revision).unwrap().is_some();
    assert_eq!([1, second, third].map(|revision| there(&sets, revision)), [false, false, true]);
    assert_eq!(sets.last_known(&demo, 9).unwrap(), Some(third));
    assert_eq!(sets.last_known(&demo, second).unwrap(), None);
    assert_eq!(sets.last_known(&name("NEW"), 9).unwrap(), None);
    sets.prune(&[(other, own)]).unwrap();
    assert!(!there(&sets, third), "a set that is removed leaves nothing");
}

#[test]
fn a_set_to_ignore_cannot_hide_abuse() {
    let (_dir, _home, mut sets) = sets();
    let ignore = SetUpdate { role: Some(Role::Ignore), ..Default::default() };
    let good = name("good");
    let revision = sets.stage_revision(&good, None, &ignore, &report(), DAY).unwrap();
    assert_eq!(sets.get(&good, revision).unwrap().unwrap().list_class, list_class::KNOWN_GOOD);

    let labelled =
        format!("signal_type,signal_str,collab,category,tags\npdq,{LONG},DEMO,POSITIVE_CLASS,SEV_C\n");
    let labelled = read_as(None, labelled).unwrap().1;
    let refused = sets.stage_revision(&good, Some(revision), &SetUpdate::default(), &labelled, DAY);
    assert!(matches!(refused, Err(SetError::IgnoresAbuse { entries: 1 })));

    let national = SetUpdate { list_class: class("NATIONAL"), ..Default::default() };
    let demo = name("DEMO");
    let base = sets.stage_revision(&demo, None, &national, &report(), DAY).unwrap();
    let turned = sets.stage_revision(&demo, Some(base), &ignore, &report(), DAY);
    let turned = turned.unwrap_err();
    assert!(matches!(turned, SetError::RoleAndClass { role: Role::Ignore }));
    assert!(turned.to_string().contains("--class KNOWN_GOOD"), "{turned}");
    let found = SetUpdate { role: Some(Role::Match), ..Default::default() };
    let turned = sets.stage_revision(&good, Some(revision), &found, &report(), DAY).unwrap_err();
    assert!(turned.to_string().contains("another --class"), "{turned}");
    assert_eq!(sets.imports(&demo).unwrap().len(), 1, "a refused import leaves nothing");
}

#[test]
fn what_is_added_counts_and_never_changes_what_a_set_is_for() {
    let (_dir, _home, mut sets) = sets();
    let (demo, update) = (name("DEMO"), SetUpdate { source: Some("us".into()), ..Default::default() });
    let base = sets.stage_revision(&demo, None, &update, &report(), DAY).unwrap();
    let next = sets.stage_addition(&demo, base, &SetUpdate::default(), &report(), 7, LATER).unwrap();
    let set = sets.get(&demo, next).unwrap().unwrap();
    assert_eq!((set.entries, &*set.source, set.created_on, set.revised_on), (8, "us", DAY, LATER));
    assert_eq!(sets.imports(&demo).unwrap()[1].counts.entries, 1, "the history has what the list held");
    // Its older entries may speak of abuse, though the list at hand does not.
    let (role, list_class) = (Some(Role::Ignore), Some(list_class::KNOWN_GOOD));
    let ignore = SetUpdate { role, list_class, ..Default::default() };
    let turned = sets.stage_addition(&demo, next, &ignore, &report(), 1, LATER);
    assert!(matches!(turned, Err(SetError::AddedRole)));
    assert!(matches!(
        sets.stage_addition(&demo, 99, &update, &report(), 1, LATER),
        Err(SetError::NoRevision { revision: 99, .. })
    ));
}

#[test]
fn notes_and_classes_are_checked() {
    let (_dir, _home, mut sets) = sets();
    let demo = name("DEMO");
    for note in ["\x1b[2J".to_owned(), "two\nlines".to_owned(), "x".repeat(501)] {
        let update = SetUpdate { licence: Some(note), ..Default::default() };
        let result = sets.stage_revision(&demo, None, &update, &report(), DAY);
        assert!(matches!(result, Err(SetError::Note)));
    }
    for found in [list_class::NOT_APPLICABLE, Dimension::Severity.code("SEV_A").unwrap()] {
        let update = SetUpdate { list_class: Some(found), ..Default::default() };
        let result = sets.stage_revision(&demo, None, &update, &report(), DAY);
        assert!(matches!(result, Err(SetError::ListClass { .. })));
    }
}

#[test]
fn bounds_of_classic_kinds_are_inherited_one_by_one_and_go_with_their_revision() {
    let (_dir, home, mut sets) = sets();
    let demo = name("DEMO");
    let bounds = |text: &str| {
        let Bounds { pdq, classic } = text.parse().unwrap();
        SetUpdate { max_distance: pdq, classic_distances: classic, ..Default::default() }
    };
    let first =
        sets.stage_revision(&demo, None, &bounds("9,gradient8=3,mean32=1024"), &report(), DAY).unwrap();
    let second = sets.stage_revision(&demo, Some(first), &bounds("gradient8=4"), &report(), LATER).unwrap();
    drop(sets);
    let mut sets = Sets::open(&home).unwrap();
    let of = |sets: &Sets, revision| sets.get(&demo, revision).unwrap().unwrap().bounds();
    assert_eq!(of(&sets, first), "9,gradient8=3,mean32=1024".parse().unwrap());
    assert_eq!(of(&sets, second), "9,gradient8=4,mean32=1024".parse().unwrap());
    let stored = || -> i64 {
        let db = home.database("").unwrap();
        db.query_one("SELECT count(*) FROM hashset_classic_bound", [], |row| row.get(0)).unwrap()
    };
    assert_eq!(stored(), 4);
    sets.prune(&[(demo.clone(), second)]).unwrap();
    assert_eq!((stored(), of(&sets, second)), (2, "9,gradient8=4,mean32=1024".parse().unwrap()));
    let break_it = |value: &str| {
        let db = home.database("").unwrap();
        db.execute(&format!("UPDATE hashset_classic_bound SET {value} WHERE kind = 'gradient8'"), [])
            .unwrap();
    };
    for (value, column) in
        [("max_distance = 65", "max_distance"), ("max_distance = 4, kind = 'nothing'", "kind")]
    {
        break_it(value);
        let error = sets.get(&demo, second).unwrap_err();
        assert!(matches!(error, SetError::Damaged { column: found, .. } if found == column), "{error}");
    }
    assert!(sets.remove(&demo).unwrap());
    assert_eq!(stored(), 0);
}
