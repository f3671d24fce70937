//! What starts the service, watches it and copies its home: the files of `docs/deploy`, and what they count on.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use super::http::Request;
use super::service::{Service, token};
use crate::ward::{Ward, digits, testdata};

fn deployed(name: &str) -> String {
    let path = testdata().parent().unwrap().join("docs/deploy").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn heard(socket: &UnixDatagram) -> String {
    let mut text = [0; 256];
    let read = socket.recv(&mut text).unwrap();
    String::from_utf8(text[..read].to_vec()).unwrap()
}

#[test]
fn whoever_started_it_is_told_when_it_answers_and_when_it_ends() {
    for (unit, is_public) in [("innerward.service", false), ("innerward-public.service", true)] {
        assert!(deployed(unit).contains("\nType=notify\n"), "{unit}");
        let ward = Ward::new();
        let place = ward.path("notify");
        let socket = UnixDatagram::bind(&place).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut command = ward.command();
        command.env("NOTIFY_SOCKET", &place);
        match is_public {
            true => command.args(["serve-public", ".", "--listen", "127.0.0.1:0"]),
            false => command.args(["serve", "--listen", "127.0.0.1:0"]),
        };
        let service = Service::of(command);
        assert_eq!(heard(&socket), "READY=1");
        assert_eq!(service.get("/healthz").status, 200);
        let said = service.end();
        assert_eq!(heard(&socket), "STOPPING=1");
        assert!(!said.contains("\"event\":\"supervisor\""), "{said}");
        let first = said.lines().find(|line| line.starts_with('{')).unwrap();
        let named = format!(
            "\"event\":\"started\",\"about\":\"innerward {} at 127.0.0.1:",
            env!("CARGO_PKG_VERSION")
        );
        assert!(first.contains(&named), "{first}");
    }
}

/// All names of ours in a file for Prometheus.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let names = text
        .split(|c: char| !c.is_ascii_lowercase() && c != '_')
        .filter(|name| name.starts_with("innerward_"));
    names.map(str::to_owned).collect()
}

#[test]
fn the_alarms_are_about_metrics_that_there_are() {
    let ward = Ward::new();
    ward.import("DEMO", &format!("sha256:{}\n", digits("door", 32)), &[]);
    let reader = token(&ward, "prometheus", "metrics");
    let service = Service::start(&ward, &["--open", "match"]);
    service
        .ask(&Request::post("/v1/match", "something").with("Content-Type", "application/octet-stream"))
        .of(200);
    let text = service.ask(&Request::get("/metrics").by(&reader)).of(200).text();
    let there = metrics_in(&text);
    let wanted = metrics_in(&deployed("prometheus-rules.yml"));
    assert!(wanted.len() > 5, "{wanted:?}");
    let missing: Vec<&String> = wanted.difference(&there).collect();
    assert!(missing.is_empty(), "{missing:?} are not in {text}");
    assert!(
        text.contains("innerward_jail_deaths_total{cause=\"crash\"} 0"),
        "a first one is seen as one more"
    );
    service.end();
}

/// The command of the unit, run as it stands but for its places.
#[cfg(feature = "backup")]
#[test]
fn the_nightly_backup_is_one() {
    const RECIPIENT: &str = "--to=age10mfn9qtwsplrysfnre7u7499693y6fcaj074755n40gyftwwcv8se4vugh";
    let ward = Ward::new();
    ward.import("DEMO", &format!("sha256:{}\n", digits("door", 32)), &[]);
    let unit = deployed("innerward-backup.service");
    let start =
        unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/local/bin/innerward ")).unwrap();
    let out = ward.path("home.age");
    let start = start
        .replace("$RECIPIENTS", RECIPIENT)
        .replace("/var/backups/innerward/home.age", out.to_str().unwrap());
    ward.must(&start.split(' ').collect::<Vec<_>>());
    assert!(fs::read(&out).unwrap().starts_with(b"age-encryption.org/v1"));
    assert!(deployed("innerward-backup.timer").contains("\nOnCalendar="));
}
