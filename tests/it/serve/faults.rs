//! Faults of the machine below a service: a damaged segment, a killed worker, no room on the disk.

use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, Signal, kill_process, prlimit};

use super::http::Request;
use super::live::{is_steady, steady};
use super::load::Load;
use super::service::{Service, names, picture, sha256_list, small_picture};
use crate::ward::{Ward, digits, flipped};

const OPEN: [&str; 2] = ["--open", "match,manage,tally,metrics"];

/// Flips every bit of a stretch in the middle of a file, in the file itself.
fn flip(path: &Path) {
    let mut file = fs::OpenOptions::new().read(true).write(true).open(path).unwrap();
    let middle = file.metadata().unwrap().len() / 2;
    let mut bytes = [0; 64];
    file.seek(SeekFrom::Start(middle)).unwrap();
    let read = file.read(&mut bytes).unwrap();
    bytes.iter_mut().for_each(|byte| *byte ^= 0xff);
    file.seek(SeekFrom::Start(middle)).unwrap();
    file.write_all(&bytes[..read]).unwrap();
    file.sync_all().unwrap();
}

#[test]
fn a_damaged_segment_that_arrives_under_load_changes_no_answer_and_is_told() {
    let ward = Ward::new();
    let [kept, coming] = ["kept", "coming"].map(|seed| digits(seed, 32));
    ward.import("LIST", &sha256_list(&[&kept]), &[]);
    let service = Service::start(&ward, &OPEN);
    let index = ward.home().join("index");
    let before = names(&index);
    let rows: String = (0..2000).map(|row| digits(&format!("row {row}"), 32) + "\n").collect();
    let list = ward.write("next.list", format!("{rows}{coming}\n"));
    // It stands still while the list is written and damaged, so that it meets the damage first; but not while it holds the
    // database for a look.
    let imports = |_: &usize| {
        service.signal(Signal::STOP);
        let done = ward.run(&["set", "import", "NEXT", list.to_str().unwrap(), "--as", "plain:sha256"]);
        if done.code != 0 {
            service.signal(Signal::CONT);
            std::thread::sleep(Duration::from_millis(30));
        }
        done.code == 0
    };
    (0..10).find(imports).expect("an import at one of ten moments");
    let new: Vec<String> = names(&index).difference(&before).cloned().collect();
    let largest = new.iter().max_by_key(|name| index.join(name).metadata().unwrap().len()).unwrap();
    flip(&index.join(largest));
    service.signal(Signal::CONT);
    let load = Load::start(service.address, 2, Duration::from_millis(4), steady(&kept), is_steady);

    service.wait_for("to meet the damage", || service.get("/readyz").status == 503);
    let metrics = service.get("/metrics").of(200).text();
    assert!(metrics.contains("innerward_lists_fault 1"), "{metrics}");
    assert_eq!(
        service.outcome(&format!("sha256:{coming}")),
        "unknown",
        "a segment that is damaged is not searched"
    );
    assert_eq!(service.outcome(&format!("sha256:{kept}")), "known");
    std::thread::sleep(Duration::from_secs(2));
    let told = service.said().lines().filter(|line| line.contains(r#""event":"lists""#)).count();
    assert_eq!(told, 1, "once, and not at every look: {}", service.said());

    flip(&index.join(largest));
    service.wait_for("to open it", || service.outcome(&format!("sha256:{coming}")) == "known");
    service.wait_for("to be ready", || service.get("/readyz").status == 200);
    load.end().all_well(Duration::from_secs(2));
    service.end();
}

#[test]
fn killed_workers_cost_no_answer_and_no_match() {
    let ward = Ward::new();
    let coffee = picture("originals/coffee.jpg");
    let pdq = {
        let path = ward.write("coffee.jpg", &coffee);
        let done = ward.must(&["hash", path.to_str().unwrap(), "--format", "json"]);
        let at = done.out.find(r#""pdq":""#).expect("a picture has a PDQ hash") + 7;
        done.out[at..at + 64].to_owned()
    };
    // Near, and not by its digest, so that only who decodes it finds it.
    ward.import("LIST", &format!("pdq:{}\n", flipped(&pdq, 4)), &[]);
    let service = Service::start(&ward, &OPEN);
    let upload = Request::post("/v1/match", coffee.clone());
    assert_eq!(service.ask(&upload).of(200).json()["outcome"], "near");
    let judge = |_, answer: &super::http::Answer| {
        let text = answer.text();
        // Whoever was killed over it may leave it unchecked; nothing makes it unknown.
        answer.status == 200
            && ["near", "unchecked"].iter().any(|one| text.contains(&format!(r#""outcome":"{one}""#)))
    };
    let load = Load::start(service.address, 2, Duration::ZERO, vec![upload.clone()], judge);
    let mut killed = 0;
    for _ in 0..10 {
        std::thread::sleep(Duration::from_millis(150));
        for child in service.descendants() {
            // It may have ended by itself.
            killed += usize::from(kill_process(child, Signal::KILL).is_ok());
        }
    }
    assert!(killed >= 10, "{killed}");
    load.end().all_well(Duration::from_secs(20));
    assert_eq!(service.ask(&upload).of(200).json()["outcome"], "near");
    service.end();
}

/// A service that is told of a write for which there is no room, in place of being ended by it.
fn outliving_full_disks(ward: &Ward) -> Service {
    let found = ward.command();
    let mut command = Command::new("sh");
    command.env_clear().current_dir(found.get_current_dir().unwrap());
    command.envs(found.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(found.get_program());
    command.args(["serve", "--listen", "127.0.0.1:0"]).args(OPEN);
    let service = Service::of(command);
    service.wait_for("to be ready", || service.get("/readyz").status == 200);
    service
}

#[test]
fn without_room_on_the_disk_nothing_is_acknowledged_that_is_not_kept() {
    let ward = Ward::new();
    let kept = digits("kept", 32);
    ward.import("LIST", &sha256_list(&[&kept]), &[]);
    let service = outliving_full_disks(&ward);
    let load = Load::start(service.address, 1, Duration::from_millis(4), steady(&kept), is_steady);
    let upload = |number: usize| Request::post("/v1/match", small_picture(&format!("disk {number}")));
    for number in 0..3 {
        service.ask(&upload(number)).of(200);
    }
    // No file of its own may grow beyond this; workers and the log have no part in it.
    let room = |bytes| {
        let limit = Rlimit { current: bytes, maximum: None };
        prlimit(Some(service.pid()), Resource::Fsize, limit).unwrap();
    };
    room(Some(2048));
    let mut acknowledged = 3;
    for number in 3..9 {
        let answer = service.ask(&upload(number));
        match answer.status {
            200 => acknowledged += 1,
            status => assert!([500, 503].contains(&status), "{}", answer.text()),
        }
    }
    assert!(acknowledged < 9, "the bound does not reach what counts");
    let rows: String = (0..2000).map(|row| digits(&format!("row {row}"), 32) + "\n").collect();
    let import = Request::post("/v1/sets/NEXT/import?as=plain:sha256", rows.as_bytes());
    let refused = service.ask(&import);
    assert!([500, 503].contains(&refused.status), "{}", refused.text());
    assert_eq!(service.outcome(&format!("sha256:{}", digits("row 5", 32))), "unknown");
    assert_eq!(service.outcome(&format!("sha256:{kept}")), "known");
    load.asks(20);

    room(None);
    // What was refused for want of room is taken once there is some, and counted once.
    let began = Instant::now();
    while service.ask(&import).status != 200 {
        assert!(began.elapsed() < Duration::from_secs(20), "it does not get over it: {}", service.said());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(service.outcome(&format!("sha256:{}", digits("row 5", 32))), "known");
    for number in 0..9 {
        service.ask(&upload(number)).of(200);
    }
    let tally = service.get("/v1/tally").of(200).json();
    assert_eq!(tally["totals"]["ITEMS_SCANNED"], 9, "{tally}");
    load.end().all_well(Duration::from_secs(5));
    service.end();
}
