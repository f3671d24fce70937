//! What HMA's clients and Coop's call, against the binary, with the double slash that a base URL with a slash at its end makes;
//! and a home that is filled from a dump of HMA's database.

use std::process::Command;

use serde_json::{Value, json};

use super::http::{Answer, Request};
use super::service::{Service, picture, token};
use crate::ward::{Ward, testdata};

const OPEN: [&str; 2] = ["--open", "match,manage"];
const BANK: &str = "COOP_ORG1_MY_BANK";

/// A client whose base URL ends with a slash.
struct Coop<'a>(&'a Service);

impl Coop<'_> {
    fn get(&self, path: &str) -> Answer {
        self.0.get(&format!("/{path}"))
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.0.ask(&Request::json(method, &format!("/{path}"), body))
    }

    fn form(&self, path: &str, parts: &[(&str, Option<&str>, &[u8])]) -> Answer {
        self.0.ask(&Request::form(&format!("/{path}"), parts))
    }
}

#[test]
fn coops_calls_work_from_the_first_bank_to_the_last() {
    let ward = Ward::new();
    let service = Service::on_any_home(&ward, &OPEN);
    let coop = Coop(&service);
    assert_eq!(coop.get("/status/live").of(200).text(), "I-AM-ALIVE");
    // The ratio is a number as text: `(1.0).toString()`.
    let made = coop.send("POST", "/c/banks", &json!({"name": BANK, "enabled_ratio": "1"}));
    assert_eq!(made.of(201).json(), json!({"name": BANK, "matching_enabled_ratio": 1.0}));
    let coffee = picture("originals/coffee.jpg");
    let hashed = coop.form("/h/hash", &[("photo", Some("blob"), &coffee)]).of(200).json();
    let pdq = hashed["pdq"].as_str().unwrap().to_owned();
    assert_eq!(pdq.len(), 64, "{hashed}");

    let parts: [(&str, Option<&str>, &[u8]); 4] = [
        ("photo", Some("blob"), &coffee),
        ("content_id", None, b"type1:item1"),
        ("metadata", None, br#"{"source":"report"}"#),
        ("note", None, b"Reported"),
    ];
    let added = coop.form(&format!("/c/bank/{BANK}/content"), &parts).of(200).json();
    let id = added["id"].as_u64().unwrap();
    assert_eq!(added["signals"]["pdq"], json!(pdq));
    let looked = coop.get(&format!("/m/lookup?signal_type=pdq&signal={pdq}")).of(200).json();
    assert_eq!(looked, json!({BANK: [{"bank_content_id": id, "distance": "0"}]}));
    let raw = format!("/m/raw_lookup?signal_type=pdq&signal={pdq}&include_distance=true");
    let raw = coop.get(&raw).of(200).json();
    assert_eq!(raw["matches"].as_array().unwrap().len(), 1, "{raw}");
    let shown = coop.get(&format!("/c/bank/{BANK}/content/{id}")).of(200).json();
    assert_eq!((&shown["id"], &shown["note"]), (&json!(id), &json!("Reported")));
    // A copy is found by its picture.
    let copy = picture("edits/coffee-recompressed.jpg");
    let found = coop.form("/m/lookup", &[("photo", Some("blob"), &copy)]).of(200).json();
    assert_eq!(found["pdq"][BANK][0]["bank_content_id"], json!(id), "{found}");

    // The number, the note and the match are those of the home, not of a process.
    service.end();
    let service = Service::start(&ward, &OPEN);
    let coop = Coop(&service);
    assert_eq!(coop.get(&format!("/c/bank/{BANK}/content/{id}")).of(200).json(), shown);
    assert_eq!(coop.get(&format!("/m/lookup?signal_type=pdq&signal={pdq}")).of(200).json(), looked);

    coop.send("PUT", &format!("/c/bank/{BANK}"), &json!({"enabled_ratio": 0.0})).of(200);
    assert_eq!(coop.get(&format!("/m/lookup?signal_type=pdq&signal={pdq}")).of(200).json(), json!({}));
    coop.send("PUT", &format!("/c/bank/{BANK}"), &json!({"enabled_ratio": 1.0})).of(200);
    let content = Request::new("DELETE", &format!("//c/bank/{BANK}/content/{id}"));
    assert_eq!(service.ask(&content).of(200).json(), json!({"deleted": 1}));
    assert_eq!(coop.get(&format!("/m/lookup?signal_type=pdq&signal={pdq}")).of(200).json(), json!({}));
    service.ask(&Request::new("DELETE", &format!("//c/bank/{BANK}"))).of(200);
    assert_eq!(coop.get(&format!("/c/bank/{BANK}")).status, 404);
    assert_eq!(coop.get("/c/exchanges/apis").of(200).json(), json!([]));
    service.end();
}

#[test]
fn without_a_token_where_one_is_needed_hmas_paths_refuse_in_hmas_words() {
    let ward = Ward::new();
    ward.import("BANK", &format!("pdq:{}\n", crate::ward::digits("entry", 32)), &[]);
    let matcher = token(&ward, "matcher", "match");
    let service = Service::start(&ward, &[]);
    for path in ["/m/raw_lookup", "/m/lookup", "/c/banks", "//c/bank/BANK"] {
        let answer = service.get(path).of(401).json();
        assert!(answer["message"].is_string() || answer["detail"].is_string(), "{path}: {answer}");
    }
    assert_eq!(service.ask(&Request::get("//c/banks").by(&matcher)).status, 403);
    assert_eq!(service.ask(&Request::get("/m/lookup?signal=x&signal_type=pdq").by(&matcher)).status, 400);
    service.end();
}

#[test]
fn a_dump_of_hmas_database_becomes_a_home_with_the_same_numbers_switches_and_notes() {
    let ward = Ward::new();
    let expected = testdata().join("hma/expected");
    for bank in ["HALF_ON", "MADE_UP", "UNDERSCORE"] {
        let list = expected.join(format!("{bank}.jsonl"));
        ward.must(&["set", "import", bank, list.to_str().unwrap()]);
    }
    let manager = token(&ward, "migration", "manage");
    let reader = token(&ward, "coop", "match,manage");
    let service = Service::start(&ward, &[]);
    let file = ward.write("token", format!("{manager}\n"));
    let script = testdata().parent().unwrap().join("docs/hma_migrate.py");
    let mut command = Command::new("python3");
    command.arg(script).arg("--apply").arg(&expected).arg("--token-file").arg(file);
    command.args(["--url", &format!("http://{}/", service.address)]);
    let Ok(done) = command.output() else {
        eprintln!("there is no python3 to run docs/hma_migrate.py: left out");
        return;
    };
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}{}", String::from_utf8_lossy(&done.stdout));

    let ask = |target: &str| service.ask(&Request::get(target).by(&reader));
    let banks = ask("/c/banks").of(200).json();
    let ratio = |name: &str| {
        let found = banks.as_array().unwrap().iter().find(|bank| bank["name"] == name);
        found.unwrap_or_else(|| panic!("no {name} in {banks}"))["matching_enabled_ratio"].clone()
    };
    assert_eq!(
        (ratio("EMPTY_YET"), ratio("HALF_ON"), ratio("MADE_UP")),
        (json!(0.0), json!(0.5), json!(1.0))
    );
    // One content matches under its old number, the one that was switched off does not.
    let list = std::fs::read_to_string(expected.join("MADE_UP.jsonl")).unwrap();
    let pdq_of = |key: &str| {
        let line = list.lines().find(|line| line.contains(&format!("\"{key}\""))).unwrap();
        serde_json::from_str::<Value>(line).unwrap()["data"]["hashes"]["pdq"].as_str().unwrap().to_owned()
    };
    let matches = |key: &str| {
        let query = format!("/m/lookup?signal_type=pdq&banks=MADE_UP&signal={}", pdq_of(key));
        ask(&query).of(200).json()
    };
    let first = json!({"MADE_UP": [{"bank_content_id": 1, "distance": "0"}]});
    assert_eq!((matches("hma:1"), matches("hma:2")), (first, json!({})));
    let shown = ask("/c/bank/MADE_UP/content/2").of(200).json();
    assert_eq!(shown["note"], "switched off\nfor good; it's made up");
    assert_eq!(shown["metadata"]["content_id"], "type1:item2");
    // What was said twice is so twice.
    assert!(command.output().unwrap().status.success());
    assert_eq!(matches("hma:2"), json!({}));
    service.end();
}
