//! Every `curl` that the guides show, run as it stands against the binary, where there is a curl.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use super::service::{Service, picture, token};
use crate::ward::{Ward, digits, testdata};

/// The commands in the fenced blocks of a page that begin with `curl`, whole, over however many lines they go.
fn commands(page: &str) -> Vec<String> {
    let text = fs::read_to_string(testdata().parent().unwrap().join("docs").join(page)).unwrap();
    let (mut found, mut is_code, mut goes_on) = (Vec::<String>::new(), false, false);
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with("```") {
            is_code = !is_code;
        } else if goes_on {
            found.last_mut().unwrap().push_str(&format!("\n{line}"));
        } else if is_code && line.starts_with("curl ") {
            found.push(line.to_owned());
        }
        let is_a_command = goes_on || line.starts_with("curl ");
        goes_on = is_code && is_a_command && line.ends_with('\\');
    }
    found
}

/// Where there is a curl that knows all that the guides use of it.
fn has_curl() -> bool {
    let Ok(done) = Command::new("curl").args(["--help", "all"]).output() else { return false };
    let help = String::from_utf8_lossy(&done.stdout);
    ["--json", "--fail-with-body"].iter().all(|option| help.contains(option))
}

/// The files that the guides name, in a folder.
fn files(ward: &Ward) {
    ward.write("picture.jpg", picture("originals/coffee.jpg"));
    ward.write("original.jpg", picture("edits/coffee-recompressed.jpg"));
    ward.write("photo.jpg", picture("originals/rocket.jpg"));
    ward.write("hotline.csv", hotline());
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(hotline().as_bytes()).unwrap();
    ward.write("hotline.csv.gz", packed.finish().unwrap());
    let page = "<queryResult xmlns=\"https://hashsharing.ncmec.org/hashsharing/v2\"><images count=\"1\"><image>\
        <member id=\"7\">M</member><timestamp>2030-01-02T03:00:00Z</timestamp><id>a</id><classification>A1</classification>\
        <fingerprints><md5>c0ffee00c0ffee00c0ffee00c0ffee00</md5></fingerprints></image></images></queryResult>";
    ward.write("page7.xml", page);
    let mut hashes = b"IWHQ\x01\x05".to_vec();
    hashes.extend(32_u16.to_le_bytes());
    hashes.extend(2_u32.to_le_bytes());
    hashes.extend([0; 4]);
    hashes.extend(hex::decode(digits("one", 32) + &digits("two", 32)).unwrap());
    ward.write("hashes.bin", hashes);
}

/// A list with the entries that the guides name.
fn hotline() -> String {
    let md5 = digits("hotline", 16);
    let test = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    format!(
        r#"{{"type":"header","data":{{"format":"innerward-list","version":1}}}}
{{"type":"entry","data":{{"key":"7-hotline-12","status":"active","hashes":{{"md5":"{md5}"}}}}}}
{{"type":"entry","data":{{"key":"7-hotline-13","status":"active","hashes":{{"sha256":"{test}"}}}}}}
{{"type":"summary","data":{{"entries":2,"withdrawn":0}}}}
"#
    )
}

/// Runs `command` on a home of its own, so that none hangs on another; what it printed.
fn run(command: &str) -> String {
    let ward = Ward::new();
    files(&ward);
    ward.import("hotline", &hotline(), &[]);
    for name in ["DEMO", "own"] {
        ward.import(name, &format!("sha256:{}\n", digits(name, 32)), &[]);
    }
    let token = token(&ward, "reader", "match,manage,decide,tally,release,metrics");
    let service = Service::start(&ward, &[]);
    let url = format!("http://{}", service.address);
    let command = command.replace("http://127.0.0.1:8420", &url);
    let script = format!("curl() {{ command curl -sS --fail-with-body \"$@\"; }}\n{command}\n");
    let mut shell = Command::new("sh");
    shell.arg("-euc").arg(script).current_dir(ward.path(""));
    shell.env("WARD", &url).env("W", &url).env("TOKEN", &token);
    shell.env("T", format!("Authorization: Bearer {token}"));
    let done = shell.output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{command}\n{out}{err}");
    for written in ["hotline.jsonl", "own.txt", "verdicts.bin"] {
        let said_so = command.contains(&format!("-o {written}"));
        let size = fs::metadata(Path::new(&ward.path(written))).map_or(0, |file| file.len());
        assert!(!said_so || size > 0, "{command} wrote nothing");
    }
    service.end();
    out.into_owned()
}

fn all_of(page: &str, at_least: usize) {
    if !has_curl() {
        eprintln!(
            "there is no curl with --json and --fail-with-body: the commands of docs/{page} were not run"
        );
        return;
    }
    let commands = commands(page);
    assert!(commands.len() >= at_least, "docs/{page} has {} commands", commands.len());
    for command in commands {
        let answer = run(&command);
        let is_json = answer.starts_with('{') || answer.starts_with('[');
        assert!(is_json || command.contains(" -o ") || command.contains("/readyz"), "{command}: {answer}");
    }
}

#[test]
fn the_commands_of_the_native_api_do_what_the_guide_says() {
    all_of("api.md", 8);
}

#[test]
fn the_commands_of_managing_do_what_the_guide_says() {
    all_of("api-manage.md", 7);
}

#[test]
fn the_commands_of_the_first_day_do_what_the_guide_says() {
    all_of("serve.md", 2);
}
