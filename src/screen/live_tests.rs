//! What a process that lives long knows, and when.

use std::fs;
use std::io::Cursor;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::*;
use crate::digest::Signal;
use crate::hashset::{Annotation, EntryKey, Made, ReadOptions, Role, SetName, SetUpdate};
use crate::index::{ImportOptions, bring};
use crate::screen::Held;

fn home() -> (tempfile::TempDir, Home) {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::create(&dir.path().join("ward"), false).unwrap();
    (dir, home)
}

fn digest(number: u64) -> Signal {
    format!("sha256:{number:064x}").parse().unwrap()
}

fn import_as(home: &Home, name: &str, update: SetUpdate, numbers: impl Iterator<Item = u64>) {
    let lock = home.lock().unwrap();
    let list: String = numbers.map(|number| format!("sha256:{number:064x}\n")).collect();
    let made = Made { at: Clock::system().now(), by: None };
    let options = ImportOptions { agreed: true, ..ImportOptions::new(ReadOptions::default(), update, made) };
    let name: SetName = name.parse().unwrap();
    bring(home, &lock, &name, &mut Cursor::new(list.into_bytes()), &options).unwrap();
}

fn import(home: &Home, name: &str, numbers: impl Iterator<Item = u64>) {
    import_as(home, name, SetUpdate::default(), numbers);
}

fn matches(live: &Live, number: u64) -> usize {
    live.current().map_or(0, |matcher| matcher.look_up(&digest(number)).unwrap().matches.len())
}

fn key_of(live: &Live, number: u64) -> EntryKey {
    let verdict = live.current().unwrap().look_up(&digest(number)).unwrap();
    EntryKey::new(verdict.matches[0].entry.clone()).unwrap()
}

/// All files below `dir`, with what tells that one was written to.
fn state_of(dir: &Path) -> Vec<(std::path::PathBuf, u64, i64, i64)> {
    let mut files: Vec<_> = walkdir::WalkDir::new(dir)
        .into_iter()
        .map(|file| {
            let file = file.unwrap();
            let about = fs::metadata(file.path()).unwrap();
            (file.into_path(), about.len(), about.mtime(), about.mtime_nsec())
        })
        .collect();
    files.sort();
    files
}

fn set_modes(dir: &Path, file: u32, folder: u32) {
    let mut paths: Vec<_> =
        walkdir::WalkDir::new(dir).into_iter().map(|file| file.unwrap().into_path()).collect();
    paths.reverse();
    for path in paths {
        let mode = if path.is_dir() { folder } else { file };
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }
}

#[test]
fn a_follower_answers_as_the_one_that_writes_and_writes_nothing() {
    let (dir, home) = home();
    let strict = SetUpdate { source: Some("made up".into()), ..SetUpdate::default() };
    import_as(&home, "DEMO", strict, 0..50);
    let good = SetUpdate { role: Some(Role::Ignore), ..SetUpdate::default() };
    import_as(&home, "GOOD", good, 40..60);
    let writer = Live::open(&home, None).unwrap();
    let set: SetName = "DEMO".parse().unwrap();
    let mut local = Local::open(&home).unwrap();
    let off = Annotation { off_until: Some(None), ..Annotation::default() };
    local.annotate(&set, &key_of(&writer, 7), &off).unwrap();
    local.set_suppresses(&"GOOD".parse().unwrap(), &[set.clone()].into()).unwrap();
    drop(local);
    assert!(writer.refresh().unwrap());

    // A copy on storage that is mounted for reading only.
    let copy = dir.path().join("copy");
    for file in walkdir::WalkDir::new(home.root()) {
        let file = file.unwrap();
        let to = copy.join(file.path().strip_prefix(home.root()).unwrap());
        if file.file_type().is_dir() {
            fs::create_dir_all(&to).unwrap();
        } else {
            fs::copy(file.path(), &to).unwrap();
        }
    }
    // What a follower has no business with is not even there.
    for gone in ["innerward.sqlite", "innerward.sqlite-wal", "innerward.sqlite-shm", "lock", "tally.lock"] {
        let _ = fs::remove_file(copy.join(gone));
    }
    set_modes(&copy, 0o444, 0o555);
    let before = state_of(&copy);
    let follower = Live::follow(&Home::open(&copy).unwrap(), None).unwrap();
    assert!(follower.is_follower() && !writer.is_follower());
    for number in 0..70 {
        let of = |live: &Live| live.current().unwrap().look_up(&digest(number)).unwrap();
        assert!(of(&follower) == of(&writer), "{number}");
    }
    let held = |number: u64| {
        follower.current().unwrap().look_up(&digest(number)).unwrap().matches.iter().find_map(|one| one.held)
    };
    assert_eq!((held(7), held(8), held(45)), (Some(Held::Quarantined), None, Some(Held::Suppressed)));
    assert_eq!(follower.current().unwrap().sets()[0].source, "made up");
    assert!(!follower.refresh().unwrap());
    follower.close().unwrap();
    assert_eq!(state_of(&copy), before, "not a file was made or touched");
    set_modes(&copy, 0o644, 0o755);
}

#[test]
fn a_follower_sees_withdrawals_decisions_and_new_sets_a_moment_later() {
    let (_dir, home) = home();
    let follower = Live::follow(&home, None).unwrap();
    assert!(follower.current().is_none());
    let writer = Live::open(&home, None).unwrap();
    import(&home, "DEMO", 0..50);
    // Before the one that writes has looked, nobody knows what the new set is for.
    assert!(matches!(follower.refresh(), Err(MatchError::Behind)));
    assert!(follower.health().fault.unwrap().contains("standing.json"));
    assert!(writer.refresh().unwrap() && follower.refresh().unwrap());
    assert_eq!((matches(&follower, 3), follower.health().fault), (1, None));

    let key = key_of(&writer, 3);
    let (lock, set) = (home.lock().unwrap(), "DEMO".parse().unwrap());
    let made = Made { at: Clock::system().now(), by: None };
    crate::index::withdraw(&home, &lock, &set, &[key], made).unwrap();
    drop(lock);
    // Without the one that writes: what is withdrawn is no match whatever else is known.
    assert!(follower.refresh().unwrap());
    assert_eq!((matches(&follower, 3), matches(&follower, 4)), (0, 1));

    let off = Annotation { off_until: Some(None), ..Annotation::default() };
    Local::open(&home).unwrap().annotate(&set, &key_of(&writer, 4), &off).unwrap();
    assert!(writer.refresh().unwrap() && follower.refresh().unwrap());
    let verdict = follower.current().unwrap().look_up(&digest(4)).unwrap();
    assert_eq!(verdict.matches[0].held, Some(Held::Quarantined));
    Local::open(&home).unwrap().set_share("DEMO", 0.3).unwrap();
    assert!(writer.refresh().unwrap() && follower.refresh().unwrap());
    assert_eq!((follower.shares().of("DEMO"), follower.shares().of("OTHER")), (0.3, 1.0));
    assert_eq!(follower.shares(), writer.shares());

    // What is switched off for a time is on again then, whether or not the one that writes is still there.
    let until = jiff::Timestamp::from_second(jiff::Timestamp::now().as_second() + 2).unwrap();
    let off = Annotation { off_until: Some(Some(until)), ..Annotation::default() };
    Local::open(&home).unwrap().annotate(&set, &key_of(&writer, 6), &off).unwrap();
    assert!(writer.refresh().unwrap() && follower.refresh().unwrap());
    let held = || follower.current().unwrap().look_up(&digest(6)).unwrap().matches[0].held;
    assert_eq!(held(), Some(Held::Quarantined));
    drop(writer);
    while jiff::Timestamp::now() <= until {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(follower.refresh().unwrap());
    assert_eq!(held(), None);

    let standing = home.index_dir().join(Stated::NAME);
    let sound = fs::read(&standing).unwrap();
    for damaged in [&b"{}"[..], b"", &sound[..sound.len() - 1], &sound[..].repeat(2)] {
        fs::remove_file(&standing).unwrap();
        fs::write(&standing, damaged).unwrap();
        assert!(matches!(follower.refresh(), Err(MatchError::Standing(_))), "{} bytes", damaged.len());
        assert_eq!(matches(&follower, 5), 1, "what was there before still answers");
    }
    fs::write(&standing, &sound).unwrap();
    assert!(follower.refresh().unwrap());
    assert_eq!(follower.health().fault, None);
}

#[test]
fn a_damaged_segment_leaves_what_was_there_and_a_sound_one_mends_it() {
    let (_dir, home) = home();
    import(&home, "DEMO", 0..200);
    let live = Live::open(&home, None).unwrap();
    let segments = |home: &Home| -> std::collections::BTreeSet<_> {
        let files = fs::read_dir(home.index_dir()).unwrap().map(|file| file.unwrap().path());
        files.filter(|path| path.extension().is_some_and(|end| end == "iws")).collect()
    };
    for (round, at) in [(1_u64, 200_usize), (2, 2000), (3, usize::MAX)] {
        let before = segments(&home);
        let first = 1000 * round;
        import(&home, "OTHER", first..first + 500);
        let new = segments(&home).difference(&before).next().unwrap().clone();
        let sound = fs::read(&new).unwrap();
        let mut damaged = sound.clone();
        let at = at.min(damaged.len() - 1);
        damaged[at] ^= 1;
        let put = |bytes: &[u8]| {
            // As another file, since one that is mapped is never written to.
            let beside = new.with_extension("new");
            fs::write(&beside, bytes).unwrap();
            fs::rename(&beside, &new).unwrap();
        };
        put(&damaged);
        let refused = live.refresh().unwrap_err();
        assert!(matches!(refused, MatchError::Index(_)), "byte {at}: {refused}");
        assert_eq!((matches(&live, 5), matches(&live, first)), (1, 0));
        assert!(live.health().fault.is_some());
        put(&sound);
        let start = Instant::now();
        while !live.refresh().is_ok_and(|changed| changed) {
            assert!(start.elapsed() < Duration::from_secs(20), "never");
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!((matches(&live, 5), matches(&live, first), live.health().fault), (1, 1, None));
    }
}

#[test]
fn a_clock_that_is_set_back_switches_off_again_what_it_had_switched_on() {
    let (_dir, home) = home();
    import(&home, "DEMO", 0..5);
    let live = Live::open(&home, None).unwrap();
    assert!(!live.refresh().unwrap());
    // As if the last look had been an hour later than now.
    live.watched.lock().unwrap().looked_at = Timestamp::now() + SignedDuration::from_hours(1);
    assert!(live.refresh().unwrap(), "everything that hangs on the time is found anew");
    assert!(!live.refresh().unwrap(), "once");
    live.watched.lock().unwrap().changes_at = Some(Timestamp::now());
    assert!(live.refresh().unwrap());
}

/// Files of the index that this process has mapped.
fn mapped(home: &Home) -> usize {
    let dir = home.index_dir();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    maps.lines().filter(|line| line.contains(dir.to_str().unwrap())).count()
}

#[test]
fn a_thousand_updates_leave_no_file_mapped_that_nobody_needs() {
    let (_dir, home) = home();
    import(&home, "DEMO", 0..500);
    let live = Live::open(&home, None).unwrap();
    let dir = home.index_dir();
    let (lock, set) = (home.lock().unwrap(), "DEMO".to_owned());
    let keys: Vec<EntryKey> = (0..500).map(|number| key_of(&live, number)).collect();
    let mut writer = crate::index::IndexWriter::open(&dir, &lock).unwrap();
    let (mut most, done) = (0, AtomicBool::new(false));
    std::thread::scope(|threads| {
        // Somebody matches all the while.
        let asking = threads.spawn(|| {
            let mut asked = 0_u64;
            while !done.load(Ordering::Acquire) {
                assert_eq!(matches(&live, 499), 1);
                asked += 1;
            }
            asked
        });
        for round in 0..1000 {
            // A withdrawal makes a new manifest; from time to time a new segment comes too.
            writer.withdraw(&set, std::slice::from_ref(&keys[round % 400])).unwrap();
            if round % 100 == 99 {
                drop(std::mem::replace(&mut writer, crate::index::IndexWriter::open(&dir, &lock).unwrap()));
            }
            live.refresh().unwrap();
            most = most.max(mapped(&home));
        }
        done.store(true, Ordering::Release);
        assert!(asking.join().unwrap() > 0);
    });
    assert_eq!(matches(&live, 3), 0);
    assert!(most <= 2, "{most} at a time");
}

#[test]
fn imports_of_others_never_leave_a_look_without_a_description() {
    let (_dir, home) = home();
    import(&home, "DEMO", 0..5);
    let (live, done) = (Live::open(&home, None).unwrap(), AtomicBool::new(false));
    std::thread::scope(|threads| {
        threads.spawn(|| {
            (1..25).for_each(|round| import(&home, "DEMO", 0..5 + round));
            done.store(true, Ordering::Release);
        });
        while !done.load(Ordering::Acquire) {
            live.refresh().unwrap();
            assert_eq!(matches(&live, 2), 1);
        }
    });
    live.refresh().unwrap();
    assert_eq!(matches(&live, 28), 1);
}
