//! What `doctor --serve` finds of a service that is to run for long: tokens, lists, room.

use serde_json::Value;

use super::service::{Service, sha256_list};
use crate::ward::{Ward, digits};

/// State and words of each line of that check.
fn checks(ward: &Ward, check: &str, today: &str) -> Vec<(String, String)> {
    let done = ward.run(&["doctor", "--serve", "--format", "json", "--today", today]);
    let all: Vec<Value> = done.all("check");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of = all.iter().filter(|line| line["check"] == check);
    of.map(|line| (text(&line["state"]), text(&line["found"]))).collect()
}

#[test]
fn tokens_without_end_and_those_that_end_are_named() {
    let ward = Ward::for_demo();
    let day = "2026-03-01";
    let create = |name: &str, more: &[&str]| {
        let arguments = [&["token", "create", name, "--today", day][..], more].concat();
        ward.must(&arguments);
    };
    create("bounded", &["--scope", "match", "--quota", "1000", "--expires", "never"]);
    create("watcher", &["--scope", "metrics", "--expires", "never"]);
    assert_eq!(checks(&ward, "tokens", day), [("ok".into(), "2 tokens, none of them without end".into())]);
    create("free", &["--scope", "match,manage", "--expires", "never"]);
    create("short", &["--scope", "metrics", "--expires", "30d"]);
    create("gone", &["--scope", "match", "--expires", "never"]);
    ward.must(&["token", "revoke", "gone", "--today", day]);
    let found = checks(&ward, "tokens", day);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].0 == "notice" && found[0].1.starts_with("free may look up without end"), "{found:?}");
    let found = checks(&ward, "tokens", "2026-03-12");
    assert!(found[1].1.starts_with("short will not work any more within 21 days"), "{found:?}");
    let found = checks(&ward, "tokens", "2026-04-12");
    assert!(found[1].1.starts_with("short does not work any more"), "{found:?}");
    std::fs::write(ward.home().join("tokens.json"), "{").unwrap();
    let found = checks(&ward, "tokens", day);
    assert!(found.len() == 1 && found[0].0 == "fault", "{found:?}");
}

/// On a healthy machine the service runs while the doctor looks.
#[test]
fn a_service_that_runs_already_is_no_fault_of_its_address() {
    let ward = Ward::for_demo();
    ward.import("NEW", &sha256_list(&[&digits("new", 32)]), &["--today", "2026-03-01"]);
    let service = Service::start(&ward, &["--today", "2026-03-01"]);
    let settings = format!("[serve]\nlisten = [\"{}\"]\n", service.address);
    std::fs::write(ward.home().join("innerward.toml"), settings).unwrap();
    let found = checks(&ward, "listen", "2026-03-01");
    assert_eq!(found, [("ok".to_owned(), format!("innerward answers at {}", service.address))]);
    drop(service);
    // Something else that takes the place is told, though it says nothing.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let settings = format!("[serve]\nlisten = [\"{}\"]\n", listener.local_addr().unwrap());
    std::fs::write(ward.home().join("innerward.toml"), settings).unwrap();
    let found = checks(&ward, "listen", "2026-03-01");
    assert!(found.len() == 1 && found[0].0 == "notice", "{found:?}");
}

#[test]
fn the_audit_is_looked_at_whole() {
    let ward = Ward::for_demo();
    let day = "2026-03-01";
    assert_eq!(checks(&ward, "audit", day), [("ok".into(), "nothing is on record yet".into())]);
    ward.must(&["token", "create", "watcher", "--scope", "metrics", "--today", day]);
    let found = checks(&ward, "audit", day);
    assert_eq!(found, [("ok".to_owned(), "3 deeds, each continues the one before".to_owned())]);
    let file = ward.home().join("audit.jsonl");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("watcher", "catcher", 1)).unwrap();
    let found = checks(&ward, "audit", day);
    assert!(found.len() == 1 && found[0].0 == "fault", "{found:?}");
    assert!(found[0].1.starts_with("audit.jsonl:2: ") && found[0].1.contains("1 fault in all"), "{found:?}");
}

#[test]
fn lists_that_nobody_brings_up_to_date_are_named_and_room_is_measured() {
    let ward = Ward::for_demo();
    let found = checks(&ward, "lists", "2026-03-01");
    assert!(found[0].0 == "notice" && found[0].1.contains("there is none"), "{found:?}");
    ward.import("OLD", &sha256_list(&[&digits("old", 32)]), &["--today", "2026-03-01"]);
    ward.import("NEW", &sha256_list(&[&digits("new", 32)]), &["--today", "2026-03-20"]);
    let own = format!("{}\n", digits("good", 32));
    ward.import("GOOD", &own, &["--today", "2026-03-01", "--role", "ignore", "--as", "plain:sha256"]);
    let found = checks(&ward, "lists", "2026-03-20");
    assert_eq!(found, [("ok".to_owned(), "the oldest was brought up to date 19 days ago".to_owned())]);
    let found = checks(&ward, "lists", "2026-04-01");
    assert_eq!(found, [("ok".to_owned(), "the oldest was brought up to date 31 days ago".to_owned())]);
    let found = checks(&ward, "lists", "2026-04-02");
    let expected = "OLD is as its source had it 32 days ago";
    assert_eq!(found, [("notice".to_owned(), expected.to_owned())], "a list of known good files keeps");
    let room = checks(&ward, "room", "2026-04-02");
    assert!(room.len() == 1 && room[0].1.contains("are free"), "{room:?}");
}
