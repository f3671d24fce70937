//! A disk that is really full: the home lies on a small one of its own, which is filled to its last page. Where no disk may be
//! mounted, these tests say so and pass.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use innerward::home::Home;
use serde_json::Value;

use super::http::Request;
use super::live::{is_steady, steady};
use super::load::Load;
use super::service::{Service, sha256_list, small_picture};
use crate::ward::{Done, Ward, digits};

const OPEN: [&str; 2] = ["--open", "match,manage,tally,metrics"];
/// What no file system gives out in smaller pieces.
const PAGE: u64 = 4096;
/// What is left free, one after the other: what is tried fails at its first write, and then a little further each time.
const LEFT: [u64; 7] = [0, PAGE, 4 * PAGE, 16 * PAGE, 48 * PAGE, 96 * PAGE, 192 * PAGE];

/// A disk of its own, gone when dropped.
struct Disk(PathBuf);

impl Disk {
    /// Of so many bytes at `path`; `None` where that is not allowed.
    fn of(bytes: u64, path: PathBuf) -> Option<Self> {
        fs::create_dir_all(&path).unwrap();
        let options = format!("size={bytes},mode=0700");
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&path).output();
        if done.is_ok_and(|done| done.status.success()) {
            return Some(Self(path));
        }
        eprintln!("skipped: no disk can be mounted here (that takes root, and a machine that lets it)");
        None
    }

    fn filler(&self) -> PathBuf {
        self.0.join(".filler")
    }

    /// Fills it, but for so many bytes.
    fn fill(&self, but: u64) {
        let mut file: File = OpenOptions::new().append(true).create(true).open(self.filler()).unwrap();
        for piece in [vec![0; 1 << 16], vec![0; PAGE as usize], vec![0; 1]] {
            while match file.write(&piece) {
                Ok(_) => true,
                Err(error) if error.kind() == ErrorKind::StorageFull => false,
                Err(error) => panic!("{error}"),
            } {}
        }
        let len = file.metadata().unwrap().len();
        file.set_len(len.saturating_sub(but) / PAGE * PAGE).unwrap();
    }

    fn make_room(&self) {
        fs::remove_file(self.filler()).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output(); // nobody is left to tell
    }
}

/// Tries it with ever more room, until it succeeds; each refusal names the cure. How often it was refused.
fn tried(disk: &Disk, mut run: impl FnMut() -> Done, mut refused: impl FnMut()) -> usize {
    for (times, left) in LEFT.into_iter().enumerate() {
        disk.fill(left);
        let done = run();
        disk.make_room();
        if done.code == 0 {
            return times;
        }
        assert_eq!(done.code, 2, "{}", done.err);
        assert!(done.err.contains("make room"), "with {left} bytes left: {}", done.err);
        refused();
    }
    let done = run();
    assert_eq!(done.code, 0, "with room for everything: {}", done.err);
    LEFT.len()
}

/// A ward whose home lies on a disk of so many bytes.
fn ward_on(bytes: u64) -> Option<(Ward, Disk)> {
    let ward = Ward::new();
    let disk = Disk::of(bytes, ward.home())?;
    Some((ward, disk))
}

fn is_sound(ward: &Ward) {
    assert!(ward.must(&["audit", "verify"]).out.contains("each continues the one before"));
    ward.must(&["index", "verify"]);
}

#[test]
fn an_import_or_a_deed_without_room_is_refused_with_the_cure_and_changes_nothing() {
    let Some((ward, disk)) = ward_on(16 << 20) else { return };
    let [old, new] = ["old", "new"].map(|seed| digits(seed, 32));
    ward.import("LIST", &sha256_list(&[&old]), &[]);
    let rows: String =
        (0..4000).map(|row| format!("sha256:{}\n", digits(&format!("row {row}"), 32))).collect();
    let list = ward.write("new.list", format!("{rows}{}", sha256_list(&[&old, &new])));
    let import = || ward.run(&["set", "import", "LIST", list.to_str().unwrap()]);
    let mut others = 0;
    let refused = tried(&disk, import, || {
        others += 1;
        assert_eq!(ward.look_up(&format!("sha256:{old}")), ("known".to_owned(), 1));
        assert_eq!(ward.look_up(&format!("sha256:{new}")), ("unknown".to_owned(), 0));
        is_sound(&ward);
    });
    assert!(refused > 1 && refused == others, "{refused}");
    assert_eq!(ward.look_up(&format!("sha256:{new}")), ("known".to_owned(), 1));

    // A token that cannot be put on record is not made.
    let mut number = 0;
    let create = || {
        number += 1;
        ward.run(&["token", "create", &format!("t{number}"), "--scope", "match"])
    };
    let made = tried(&disk, create, || assert!(!ward.must(&["token", "list"]).out.contains("match")));
    assert!(made > 0, "a full disk takes a line of the audit");
    let tokens: Vec<Value> = ward.must(&["token", "list", "--format", "json"]).all("token");
    assert_eq!(tokens.len(), 1, "{tokens:?}");
    is_sound(&ward);
}

#[test]
fn a_publication_without_room_is_charged_once_and_finished_later() {
    let Some((ward, disk)) = ward_on(24 << 20) else { return };
    Home::create(&ward.home(), true).unwrap();
    ward.must(&["release", "plan", "register", "--today", "2026-09-15"]);
    let publish = || ward.run(&["release", "publish", "--period", "2026-10", "--today", "2026-11-02"]);
    let refused = tried(&disk, publish, || {
        ward.must(&["release", "ledger"]);
    });
    assert!(refused > 1, "{refused}");
    let ledger = ward.must(&["release", "ledger", "--format", "json"]);
    let charges: Vec<Value> = ledger.all("charge");
    assert_eq!(charges.len(), 1, "{}", ledger.out);
    let release = ward.home().join("public").join(charges[0]["release_id"].as_str().unwrap());
    let key = ward.home().join("public/innerward.pub");
    ward.must(&["release", "verify", release.to_str().unwrap(), "--key", key.to_str().unwrap()]);
    assert!(ward.must(&["audit", "verify"]).out.contains("each continues the one before"));
}

#[cfg(feature = "backup")]
#[test]
fn a_backup_without_room_for_it_or_in_the_home_leaves_nothing_behind() {
    let Some((ward, disk)) = ward_on(24 << 20) else { return };
    let rows: String = (0..20_000).map(|row| format!("sha256:{}\n", digits(&row.to_string(), 32))).collect();
    ward.import("LIST", &rows, &[]);
    let identity = innerward::home::backup::Identity::generate();
    let to = identity.to_public().to_string();
    let left_behind = || {
        let names = fs::read_dir(ward.home()).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().starts_with(".spool")).count()
    };
    // The copy of the database takes room in the home.
    let refused = tried(
        &disk,
        || ward.run(&["backup", "--to", &to, "--out", "home.age"]),
        || {
            assert_eq!((left_behind(), ward.path("home.age").exists()), (0, false));
        },
    );
    assert!(refused > 1, "{refused}");
    assert!(ward.path("home.age").exists());
    let before = fs::read(ward.path("home.age")).unwrap();
    // And the backup itself, where it goes.
    let Some(small) = Disk::of(64 << 10, ward.path("small")) else { return };
    let done = ward.run(&["backup", "--to", &to, "--out", "small/home.age"]);
    done.refused(&["small/home.age", "cannot be written"]);
    assert_eq!(fs::read_dir(&small.0).unwrap().count(), 0);
    assert_eq!((left_behind(), fs::read(ward.path("home.age")).unwrap() == before), (0, true));
}

/// The items that are counted.
fn counted(service: &Service) -> u64 {
    let tally = service.get("/v1/tally").of(200).json();
    tally["totals"]["ITEMS_SCANNED"].as_u64().unwrap_or(0)
}

/// Uploads pictures of these numbers; those of which it was said what they are.
fn upload(service: &Service, numbers: std::ops::Range<usize>) -> u64 {
    let mut acknowledged = 0;
    for number in numbers {
        let answer = service.ask(&Request::post("/v1/match", small_picture(&format!("full disk {number}"))));
        match answer.status {
            200 => acknowledged += 1,
            500 | 503 => {
                let problem = answer.json();
                assert!(problem["code"].is_string() && problem["detail"].is_string(), "{problem}");
            }
            other => panic!("{other}: {}", answer.text()),
        }
    }
    acknowledged
}

#[test]
fn a_service_on_a_full_disk_answers_on_and_counts_all_that_it_acknowledged() {
    let Some((ward, disk)) = ward_on(24 << 20) else { return };
    let kept = digits("kept", 32);
    ward.import("LIST", &sha256_list(&[&kept]), &[]);
    let service = Service::start(&ward, &OPEN);
    let load = Load::start(service.address, 1, Duration::from_millis(4), steady(&kept), is_steady);
    assert_eq!(upload(&service, 0..3), 3);

    disk.fill(0);
    let rows: String = (0..2000).map(|row| digits(&format!("row {row}"), 32) + "\n").collect();
    let import = Request::post("/v1/sets/NEXT/import?as=plain:sha256", rows.as_bytes());
    let coming = format!("sha256:{}", digits("row 5", 32));
    // As many as fill what the database has of its own by now.
    let mut acknowledged = 3 + upload(&service, 3..300);
    assert!(acknowledged < 300, "the disk is not full");
    for _ in 0..3 {
        let refused = service.ask(&import);
        assert!([500, 503, 507].contains(&refused.status), "{}", refused.text());
        assert_eq!(service.outcome(&coming), "unknown");
    }
    let switched = service.ask(&Request::new("DELETE", "/v1/sets/LIST"));
    assert!(switched.status >= 500, "what cannot be put on record is not done: {}", switched.text());
    assert_eq!(service.outcome(&format!("sha256:{kept}")), "known");
    let doctor = ward.run(&["doctor", "--serve", "--format", "json"]);
    let checks: Vec<Value> = doctor.all("check");
    let room = checks.iter().find(|check| check["check"] == "room").unwrap();
    assert_eq!(room["state"], "fault", "{room}");

    disk.make_room();
    let (counted_then, began) = (counted(&service), Instant::now());
    assert!((acknowledged..=300).contains(&counted_then), "{counted_then} of {acknowledged}");
    while service.ask(&import).status != 200 {
        assert!(began.elapsed() < Duration::from_secs(20), "it does not get over it: {}", service.said());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(service.outcome(&coming), "known");
    // What was refused is taken when it comes again, and what was counted is not counted twice.
    assert_eq!(upload(&service, 0..300), 300);
    assert_eq!(counted(&service), 300);

    // And when it is killed just then.
    disk.fill(0);
    acknowledged = 300 + upload(&service, 300..600);
    load.end().all_well(Duration::from_secs(5));
    service.kill();
    disk.make_room();
    let service = Service::start(&ward, &OPEN);
    let kept_of_it = counted(&service);
    assert!((acknowledged..=600).contains(&kept_of_it), "{kept_of_it} of {acknowledged}");
    assert_eq!(service.outcome(&coming), "known");
    service.end();
    is_sound(&ward);
}

#[test]
fn a_service_that_starts_on_a_full_disk_says_so_or_serves() {
    let Some((ward, disk)) = ward_on(16 << 20) else { return };
    let kept = digits("kept", 32);
    ward.import("LIST", &sha256_list(&[&kept]), &[]);
    disk.fill(0);
    let mut command = ward.command();
    command.args(["serve", "--listen", "127.0.0.1:0"]).args(OPEN);
    let child = command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped()).spawn();
    let mut child = child.unwrap();
    let began = Instant::now();
    let ended = loop {
        match child.try_wait().unwrap() {
            Some(status) => break Some(status),
            None if began.elapsed() > Duration::from_secs(3) => break None,
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    if ended.is_none() {
        child.kill().unwrap();
    }
    let said = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(!said.contains("panic"), "{said}");
    match ended {
        Some(status) => assert!(status.code() == Some(2) && said.contains("make room"), "{status}: {said}"),
        None => assert!(said.contains("listening at"), "{said}"),
    }
    disk.make_room();
    let service = Service::start(&ward, &OPEN);
    assert_eq!(service.outcome(&format!("sha256:{kept}")), "known");
    service.end();
    assert!(Path::new(&ward.home()).join("HOME").exists());
}
