//! The migration from a database dump of HMA (`docs/hma_migrate.py`), where there is a Python to run it.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use innerward::hashset::{ReadOptions, read_list};

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Runs it; `None` without a Python.
fn migrate(dump: &Path, out: &Path, more: &[&str]) -> Option<Output> {
    let mut command = Command::new("python3");
    command.arg(root("docs/hma_migrate.py")).arg(dump).arg("--out").arg(out).args(more);
    command.output().ok()
}

fn files(folder: &Path) -> Vec<(String, String)> {
    let read = |entry: fs::DirEntry| {
        (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap())
    };
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| read(entry.unwrap())).collect();
    files.sort();
    files
}

#[test]
fn every_form_of_a_dump_becomes_the_same_lists() {
    let scratch = tempfile::tempdir().unwrap();
    for dump in ["dump.sql", "inserts.sql", "csv"] {
        let out = scratch.path().join(dump);
        let rename = ["--rename", "_UNDERSCORE=UNDERSCORE"];
        let Some(done) = migrate(&root("testdata/hma").join(dump), &out, &rename) else { return };
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        assert_eq!(files(&out), files(&root("testdata/hma/expected")), "{dump}");
        let said: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
        assert_eq!((&said["banks"], &said["entries"], &said["disabled"]), (&4.into(), &5.into(), &1.into()));
        assert_eq!(said["lost"].as_object().unwrap().len(), 3, "{said}");
    }
    for (name, text) in files(&root("testdata/hma/expected")).iter().filter(|(name, _)| name != "calls.jsonl")
    {
        if name.ends_with(".jsonl") {
            let taken = &mut |_| Ok::<(), std::convert::Infallible>(());
            let report = read_list(&mut text.as_bytes(), &ReadOptions::default(), taken).unwrap();
            assert_eq!((report.bad_total, report.refused_entries), (0, 0), "{name}");
        }
    }
}

#[test]
fn what_is_switched_off_can_be_left_behind() {
    let scratch = tempfile::tempdir().unwrap();
    let more = ["--rename", "_UNDERSCORE=UNDERSCORE", "--leave-out-disabled"];
    let Some(done) = migrate(&root("testdata/hma/dump.sql"), scratch.path(), &more) else { return };
    assert!(done.status.success());
    let list = fs::read_to_string(scratch.path().join("MADE_UP.jsonl")).unwrap();
    assert!(list.contains("hma:1\"") && !list.contains("hma:2\""));
}

#[test]
fn a_dump_that_is_cut_or_of_something_else_is_refused_with_the_cure() {
    let scratch = tempfile::tempdir().unwrap();
    let whole = fs::read_to_string(root("testdata/hma/dump.sql")).unwrap();
    let inserts = fs::read_to_string(root("testdata/hma/inserts.sql")).unwrap();
    let cut = |text: &str, at: &str| text[..text.find(at).unwrap()].to_owned();
    for (dump, words) in [
        (cut(&whole, "8\traw_text"), "cut short"),
        (cut(&inserts, "Ä tab"), "cut short"),
        (String::new(), "no bank"),
        ("INSERT INTO public.bank VALUES (1, 'A', 1, NULL);\n".to_owned(), "--column-inserts"),
        ("COPY public.bank (id, title) FROM stdin;\n1\tA\n\\.\n".to_owned(), "no column name"),
        (whole, "--rename"),
    ] {
        let path = scratch.path().join("dump.sql");
        fs::write(&path, dump).unwrap();
        let Some(done) = migrate(&path, &scratch.path().join("out"), &[]) else { return };
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(2), "{said}");
        assert!(said.contains(words) && !said.contains("Traceback"), "{said}");
    }
}

#[test]
fn the_calls_are_made_in_order_with_the_token_and_what_is_refused_is_told() {
    let scratch = tempfile::tempdir().unwrap();
    let token = scratch.path().join("token");
    fs::write(&token, "made-up-token\n").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let expected = fs::read_to_string(root("testdata/hma/expected/calls.jsonl")).unwrap();
    let calls: Vec<serde_json::Value> =
        expected.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let many = calls.len();
    let mut command = Command::new("python3");
    command.arg(root("docs/hma_migrate.py")).args(["--url", &url]).arg("--token-file").arg(&token);
    command.arg("--apply").arg(root("testdata/hma/expected"));
    let server = std::thread::spawn(move || {
        let mut heard = Vec::new();
        for number in 0..many {
            let (mut stream, _) = listener.accept().unwrap();
            let mut input = BufReader::new(stream.try_clone().unwrap());
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                input.read_line(&mut line).unwrap();
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
                head += &line;
            }
            let mut body = vec![0; length];
            input.read_exact(&mut body).unwrap();
            heard.push((head, serde_json::from_slice::<serde_json::Value>(&body).unwrap()));
            // The first, of a bank that is there, and one that is not.
            let status = match number {
                0 => "403 Forbidden",
                2 => "404 Not Found",
                _ => "204 No Content",
            };
            write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
        }
        heard
    });
    let Ok(done) = command.output() else { return };
    let said = String::from_utf8(done.stderr).unwrap();
    let told = String::from_utf8(done.stdout).unwrap();
    assert_eq!(told, format!("{} calls made, 1 refused\n", many - 1));
    assert_eq!(done.status.code(), Some(1), "{said}");
    assert!(said.lines().count() == 1 && said.contains("404"), "{said}");
    for ((head, body), call) in server.join().unwrap().iter().zip(&calls) {
        let first =
            format!("{} {} HTTP/1.1", call["method"].as_str().unwrap(), call["path"].as_str().unwrap());
        assert!(head.starts_with(&first), "{head}");
        assert!(head.contains("Authorization: Bearer made-up-token"), "{head}");
        assert_eq!(*body, call["body"]);
    }
}
