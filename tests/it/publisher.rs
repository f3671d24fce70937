//! A made-up publisher: a demo's home that publishes through the binary, and hands that sign what no home would.

use std::fs;
use std::path::PathBuf;

use base64ct::{Base64, Encoding};
use innerward::home::minisign::Signatory;
use innerward::release::log::{Entry, Logged, ReleaseEntry, head_of, origin, read_entries};
use sha2::{Digest, Sha256};

use crate::ward::Ward;

pub(crate) struct Publisher {
    pub(crate) ward: Ward,
}

impl Publisher {
    /// With the shipped plan, registered in September 2026.
    pub(crate) fn new() -> Self {
        let publisher = Self { ward: Ward::for_demo() };
        publisher.ward.must(&["release", "plan", "register", "--today", "2026-09-15"]);
        publisher
    }

    /// Publishes a month of 2026 on the second day of the next.
    pub(crate) fn publish(&self, month: u8) -> String {
        let (period, today) = Self::dates(month);
        self.ward.must(&["release", "publish", "--period", &period, "--today", &today]);
        format!("DEMO-{period}-coarse-v1")
    }

    /// The month as a period, and a day after it.
    pub(crate) fn dates(month: u8) -> (String, String) {
        let next = if month == 12 { "2027-01-02".to_owned() } else { format!("2026-{:02}-02", month + 1) };
        (format!("2026-{month:02}"), next)
    }

    pub(crate) fn public(&self) -> PathBuf {
        self.ward.home().join("public")
    }

    pub(crate) fn key_file(&self) -> String {
        self.public().join("innerward.pub").to_str().unwrap().to_owned()
    }

    pub(crate) fn folder(&self) -> String {
        self.public().to_str().unwrap().to_owned()
    }

    pub(crate) fn entries(&self) -> Vec<Logged> {
        read_entries(&fs::read_to_string(self.public().join("log/entries.jsonl")).unwrap()).unwrap()
    }

    fn signatory(&self) -> Signatory {
        let key = fs::read(self.ward.home().join("keys/signing.key")).unwrap();
        Signatory::new(&key.try_into().unwrap())
    }

    /// A head over these lines, signed with the publisher's own key.
    pub(crate) fn sign(&self, size: u64, root: &[u8; 32]) -> String {
        let signatory = self.signatory();
        let name = origin(&signatory.public());
        let text = format!("{name}\n{size}\n{}\n", Base64::encode_string(root));
        let key = signatory.public();
        let id = Sha256::new_with_prefix(&name)
            .chain_update([b'\n', 1])
            .chain_update(key.verifying_key())
            .finalize();
        let signature = [&id[..4], &signatory.sign_bare(text.as_bytes())].concat();
        format!("{text}\n\u{2014} {name} {}\n", Base64::encode_string(&signature))
    }

    /// Serves these lines as if they were the log, under a signed head.
    pub(crate) fn show(&self, lines: &[String]) {
        let entry = ReleaseEntry {
            release_id: String::new(),
            manifest_sha256: String::new(),
            previous: String::new(),
        };
        let logged =
            |line: &String| Logged { n: 0, entry: Entry::Release(entry.clone()), line: line.clone() };
        let head = head_of(&lines.iter().map(logged).collect::<Vec<_>>());
        let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
        fs::write(self.public().join("log/entries.jsonl"), text).unwrap();
        fs::write(self.public().join("log/checkpoint"), self.sign(head.size, &head.root)).unwrap();
    }

    /// The lines of the log.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.entries().into_iter().map(|logged| logged.line).collect()
    }
}

/// Lines of a log, each changed as asked and chained anew: what a publisher that lies would sign.
pub(crate) fn rewritten(lines: &[String], change: impl Fn(&str) -> String) -> Vec<String> {
    let mut before = String::new();
    let relink = |line: &String| {
        let line = change(line);
        let (start, rest) = line.split_once("\"prev\":\"").unwrap();
        let rest = rest.split_once('"').unwrap().1;
        let line = format!("{start}\"prev\":\"{before}\"{rest}");
        before = hex::encode(Sha256::digest(line.as_bytes()));
        line
    };
    lines.iter().map(relink).collect()
}
