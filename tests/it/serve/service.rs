//! `innerward serve` as a process on the home of a ward.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;

use super::http::{Answer, Client, Request};
use crate::ward::Ward;

/// What a start, or an end in good order, may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A service that runs; killed when dropped.
pub(super) struct Service {
    child: Child,
    pub(super) address: SocketAddr,
    /// All that it has said on stderr.
    said: Arc<Mutex<String>>,
    listener: Option<JoinHandle<()>>,
}

impl Service {
    /// On the home of `ward`, which has lists, at a port of its own; it is ready.
    pub(super) fn start(ward: &Ward, flags: &[&str]) -> Self {
        let service = Self::on_any_home(ward, flags);
        service.wait_for("to be ready", || service.get("/readyz").status == 200);
        service
    }

    /// The same on a home that may have no list yet.
    pub(super) fn on_any_home(ward: &Ward, flags: &[&str]) -> Self {
        let mut command = ward.command();
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(flags);
        Self::of(command)
    }

    /// That `command` starts.
    pub(super) fn of(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        let (lines, heard) = (BufReader::new(child.stderr.take().unwrap()).lines(), said.clone());
        let listener = std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                *heard.lock().unwrap() += &(line + "\n");
            }
        });
        let began = Instant::now();
        let address = loop {
            if let Some(address) = address_in(&said.lock().unwrap()) {
                break address;
            }
            let ended = child.try_wait().unwrap();
            if ended.is_some() || began.elapsed() >= PATIENCE {
                let _ = child.kill(); // nobody else will
                panic!("{ended:?}: {}", said.lock().unwrap());
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        Self { child, address, said, listener: Some(listener) }
    }

    pub(super) fn client(&self) -> Client {
        Client::to(self.address).unwrap()
    }

    /// Asks on a connection of its own.
    #[track_caller]
    pub(super) fn ask(&self, request: &Request) -> Answer {
        match self.client().send(request) {
            Ok(answer) => answer,
            Err(error) => panic!("{} {}: {error}; {}", request.method, request.target, self.said()),
        }
    }

    pub(super) fn get(&self, target: &str) -> Answer {
        self.ask(&Request::get(target))
    }

    /// What is said of a hash, as `kind:hex`.
    pub(super) fn outcome(&self, signal: &str) -> String {
        let answer = self.get(&format!("/v1/match/hash/{signal}")).of(200).json();
        answer["outcome"].as_str().unwrap().to_owned()
    }

    /// How many matches HMA's two look-ups tell for it.
    pub(super) fn hma_matches(&self, signal: &str) -> [usize; 2] {
        let (kind, hex) = signal.split_once(':').unwrap();
        let query = format!("signal={hex}&signal_type={kind}");
        let banks = self.get(&format!("/m/lookup?{query}")).of(200).json();
        let banks = banks.as_object().unwrap().values().map(|bank| bank.as_array().unwrap().len()).sum();
        let raw = self.get(&format!("/m/raw_lookup?{query}")).of(200).json();
        [banks, raw["matches"].as_array().unwrap().len()]
    }

    pub(super) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    pub(super) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    pub(super) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    #[track_caller]
    pub(super) fn wait_for(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let began = Instant::now();
        while !is_so() {
            assert!(began.elapsed() < PATIENCE, "waited too long for it {what}: {}", self.said());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends it in good order; all that it said.
    pub(super) fn end(mut self) -> String {
        self.signal(Signal::TERM);
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(began.elapsed() < PATIENCE, "it does not end: {}", self.said());
            std::thread::sleep(Duration::from_millis(5));
        };
        self.heard_out();
        let said = self.said();
        assert_eq!(status.code(), Some(0), "{said}");
        assert!(!said.contains(r#""event":"panic""#), "a fault of the program: {said}");
        said
    }

    /// `kill -9`.
    pub(super) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Its descendants, and theirs.
    pub(super) fn descendants(&self) -> Vec<Pid> {
        let mut found = vec![self.pid()];
        let parents = parents();
        let mut at = 0;
        while at < found.len() {
            let parent = found[at];
            found.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(child, _)| *child));
            at += 1;
        }
        found.remove(0);
        found
    }

    fn heard_out(&mut self) {
        if let Some(listener) = self.listener.take() {
            listener.join().unwrap();
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended
        let _ = self.child.wait();
    }
}

/// Where it says that it listens.
fn address_in(said: &str) -> Option<SocketAddr> {
    let line = said.lines().find_map(|line| line.split_once("listening at "))?.1;
    line.split(' ').next()?.parse().ok()
}

/// Every process with its parent.
fn parents() -> Vec<(Pid, Pid)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let name = entry.file_name();
        let Some(number) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
        // It may have ended meanwhile.
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        // The name of the program, in brackets, may hold anything.
        let after = stat.rsplit_once(") ").map(|(_, after)| after).unwrap_or_default();
        let parent = after.split(' ').nth(1).and_then(|parent| parent.parse().ok());
        let pair = (Pid::from_raw(number), parent.and_then(Pid::from_raw));
        if let (Some(child), Some(parent)) = pair {
            all.push((child, parent));
        }
    }
    all
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenSummary {
    #[serde(rename = "token")]
    _name: String,
    secret: String,
}

/// A new token with these scopes.
pub(super) fn token(ward: &Ward, name: &str, scopes: &str) -> String {
    let done = ward.must(&["token", "create", name, "--scope", scopes, "--format", "json"]);
    done.summary::<TokenSummary>().secret
}

/// A picture of the repository's.
pub(super) fn picture(path: &str) -> Vec<u8> {
    std::fs::read(crate::ward::testdata().join("pictures").join(path)).unwrap()
}

/// A small picture of its own for each seed.
pub(super) fn small_picture(seed: &str) -> Vec<u8> {
    [b"P6 16 16 255\n".as_slice(), &crate::ward::noise(seed, 16 * 16 * 3)].concat()
}

/// True in the long run.
pub(super) fn is_deep() -> bool {
    std::env::var_os("INNERWARD_DEEP").is_some()
}

/// A list with an entry for each digest, in our own form, with keys of the digests' own.
pub(super) fn sha256_list(digests: &[&str]) -> String {
    digests.iter().map(|digest| format!("sha256:{digest}\n")).collect()
}

/// The names of the files in a folder.
pub(super) fn names(folder: &Path) -> std::collections::BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}
