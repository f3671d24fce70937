//! The rooms, their order, and what may stand in which of them, read from the source as text.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, each of which may import only those before it.
const ROOMS: [&str; 16] = [
    "home",
    "vocabulary",
    "language",
    "kernel",
    "media",
    "digest",
    "hashset",
    "index",
    "jail",
    "screen",
    "tally",
    "release",
    "pull",
    "report",
    "serve",
    "cli",
];

/// What a room must not know although it comes earlier.
const NEVER: [(&str, &[&str]); 10] = [
    ("home", &ROOMS),
    ("vocabulary", &["home"]),
    ("language", &["home"]),
    ("kernel", &["home", "vocabulary"]),
    ("hashset", &["media"]),
    ("index", &["media"]),
    ("jail", &["home", "vocabulary", "kernel", "media", "digest", "hashset", "index"]),
    ("release", &["kernel", "media", "digest", "hashset", "index", "jail", "screen"]),
    ("pull", &["kernel", "media", "digest", "hashset", "index", "jail", "screen", "tally"]),
    ("report", &["kernel", "media", "digest", "hashset", "index", "jail", "screen", "tally"]),
];

const LONGEST: usize = 600;

/// A source file: where it is below `src/`, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        Self { path: path.into(), text: text.into() }
    }

    /// The first folder, or the file that stands for the room.
    fn room(&self) -> &str {
        self.path.split('/').next().unwrap().trim_end_matches(".rs")
    }

    fn is_test(&self) -> bool {
        ["tests.rs", "testing.rs"].iter().any(|end| self.path.ends_with(end))
    }

    /// Numbered lines without comments, and without the tests at the bottom unless they are asked for.
    fn code(&self, with_tests: bool) -> impl Iterator<Item = (usize, &str)> {
        let lines: Vec<&str> = self.text.lines().collect();
        let inline = lines.windows(2).position(|pair| {
            pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{')
        });
        let end = match inline {
            _ if with_tests => lines.len(),
            _ if self.is_test() => 0,
            Some(at) => at,
            None => lines.len(),
        };
        (1..).zip(lines).take(end).filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// Every place whose line holds `word`, as `file:line`.
    fn holding(&self, word: &str, with_tests: bool) -> Vec<String> {
        let lines = self.code(with_tests).filter(|(_, line)| holds(line, word));
        lines.map(|(number, _)| format!("{}:{number}", self.path)).collect()
    }
}

/// True if `word` stands in `line`, and not as the end of a longer name.
fn holds(line: &str, word: &str) -> bool {
    let free = |at: usize| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    line.match_indices(word).any(|(at, _)| free(at))
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths: Vec<PathBuf> = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    assert!(paths.len() > 60, "all of src/ is read: {} files", paths.len());
    let below = |path: &Path| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
    paths.iter().map(|path| Source::new(&below(path), &fs::read_to_string(path).unwrap())).collect()
}

/// The names behind `crate::` or `innerward::` in a line, those in braces too.
fn imported(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for root in ["crate::", "innerward::"] {
        for (at, _) in line.match_indices(root).filter(|(at, _)| holds(&line[*at..], root)) {
            let rest = &line[at + root.len()..];
            let name =
                |text: &'_ str| text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
            match rest.strip_prefix('{') {
                Some(list) => {
                    let list = list.split(',').map(str::trim_start);
                    found.extend(list.map(|item| &item[..name(item)]));
                }
                None => found.push(&rest[..name(rest)]),
            }
        }
    }
    found
}

/// Imports that a room may not have.
fn forbidden_imports(source: &Source) -> Vec<String> {
    let room = source.room();
    if ["lib", "main"].contains(&room) {
        return Vec::new();
    }
    let place = |name: &str| ROOMS.iter().position(|other| *other == name);
    let Some(own) = place(room) else { return vec![format!("{} is in no room", source.path)] };
    let never = NEVER.iter().find(|(other, _)| *other == room).map_or(&[][..], |(_, list)| list);
    let mut found = Vec::new();
    for (number, line) in source.code(false) {
        for name in imported(line) {
            let allowed = name == room || (place(name).is_some_and(|at| at < own) && !never.contains(&name));
            if !allowed {
                found.push(format!("{}:{number} imports {name}", source.path));
            }
        }
        // `super::` leads to the root, and so to any room, once it is said as often as there are folders above.
        let depth = source.path.split('/').count() - usize::from(source.path.ends_with("/mod.rs"));
        if line.contains(&"super::".repeat(depth)) {
            found.push(format!("{}:{number} leaves its room", source.path));
        }
    }
    found
}

/// Places outside `allowed` that hold one of `words`.
fn outside(
    sources: &[Source],
    words: &[&str],
    with_tests: bool,
    allowed: impl Fn(&Source) -> bool,
) -> Vec<String> {
    let scanned = sources.iter().filter(|source| !allowed(source));
    scanned.flat_map(|source| words.iter().flat_map(|word| source.holding(word, with_tests))).collect()
}

fn none(found: Vec<String>) {
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn rooms_import_only_what_stands_before_them() {
    none(sources().iter().flat_map(forbidden_imports).collect());
}

#[test]
fn every_room_is_known_and_declared() {
    let sources = sources();
    let library = sources.iter().find(|source| source.path == "lib.rs").unwrap();
    let mut declared: Vec<&str> = library
        .code(false)
        .filter_map(|(_, line)| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'))
        .collect();
    declared.sort_unstable();
    let mut rooms = ROOMS;
    rooms.sort_unstable();
    assert_eq!(declared, rooms);
    for room in ROOMS {
        let head = sources.iter().find(|source| source.path == format!("{room}/mod.rs"));
        let head = head.unwrap_or_else(|| panic!("{room} has a mod.rs"));
        assert!(head.text.starts_with("//! "), "{room}/mod.rs says what the room owns");
    }
}

#[test]
fn unsafe_code_maps_files_runs_wide_instructions_and_confines_workers() {
    let sources = sources();
    let allowed = |source: &Source| {
        ["index/map.rs", "kernel/lanes.rs", "kernel/lanes/bits.rs", "kernel/lanes/words.rs"]
            .contains(&source.path.as_str())
            || source.room() == "jail"
    };
    none(outside(&sources, &["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern"], true, allowed));
    none(outside(&sources, &["allow(unsafe_code)", "expect(unsafe_code)"], true, allowed));
    assert!(
        sources.iter().any(|source| !source.holding("unsafe {", true).is_empty()),
        "the scanner sees some"
    );
}

#[test]
fn exact_counts_leave_by_two_doors() {
    let sources = sources();
    let home = |source: &Source| source.path == "tally/sensitive.rs";
    let gate = |source: &Source| home(source) || source.room() == "release";
    none(outside(&sources, &["open_at_the_gate"], true, gate));
    let opened = sources.iter().filter(|source| source.room() == "release");
    assert_eq!(opened.map(|source| source.holding("open_at_the_gate", false).len()).sum::<usize>(), 1);
    // The ward's own people see them on their terminal, and through the one path of the service that has a scope of its own.
    let local = |source: &Source| source.room() == "cli" || source.path == "serve/manage/tally.rs";
    none(outside(&sources, &["show_locally"], false, |source| home(source) || local(source)));
    none(outside(&sources, &["show_locally"], true, |source| {
        source.room() == "tally" || local(source) || source.is_test()
    }));
}

#[test]
fn one_place_prints() {
    let sources = sources();
    none(outside(&sources, &["print!", "println!", "dbg!", "io::stdout"], false, |source| {
        source.path == "cli/output.rs"
    }));
    none(outside(&sources, &["eprint!", "eprintln!", "io::stderr"], false, |source| source.room() == "cli"));
    let output = sources.iter().find(|source| source.path == "cli/output.rs").unwrap();
    assert!(output.holding("println!", false).is_empty());
}

/// The files that open a socket: what is pulled, where the service listens and whom it tells that it does, what it fetches, and a
/// shadow.
const SPEAK: [&str; 6] = [
    "pull/http.rs",
    "serve/fetch/web.rs",
    "serve/server/listen.rs",
    "serve/server/notify.rs",
    "serve/shadow/exchange.rs",
    "serve/traces/sender.rs",
];

/// What opens one, in the standard library and in those that are used. Addresses are none of it.
const SOCKETS: [&str; 15] = [
    "net::*",
    "net::connect",
    "net::socket",
    "rustix::net",
    "tokio::net",
    "lookup_host",
    "to_socket_addrs",
    "TcpListener",
    "TcpSocket",
    "TcpStream",
    "UdpSocket",
    "UnixDatagram",
    "UnixListener",
    "UnixStream",
    "ureq",
];

#[test]
fn few_places_open_a_connection_and_one_a_process() {
    let sources = sources();
    let in_jail = |source: &Source| source.room() == "jail";
    let speaks = |source: &Source| SPEAK.contains(&source.path.as_str());
    none(outside(&sources, &SOCKETS, false, |source| in_jail(source) || speaks(source)));
    for path in SPEAK {
        let source = sources.iter().find(|source| source.path == path).unwrap();
        let speaks = SOCKETS.iter().any(|word| !source.holding(word, false).is_empty());
        assert!(speaks, "{path} speaks to nobody any more");
    }
    // The operator's own programs, that are told of a run, are the one exception.
    let processes = ["process::Command", "Command::new"];
    none(outside(&sources, &processes, false, |source| {
        in_jail(source) || source.path == "cli/cmd/screen/hooks.rs"
    }));
}

#[test]
fn files_stay_readable_at_one_sitting() {
    let long = sources().into_iter().map(|source| (source.path.clone(), source.text.lines().count()));
    none(long_files(long));
}

fn long_files(files: impl Iterator<Item = (String, usize)>) -> Vec<String> {
    files
        .filter(|(_, lines)| *lines >= LONGEST)
        .map(|(path, lines)| format!("{path}: {lines} lines"))
        .collect()
}

#[test]
fn the_scanner_finds_what_it_looks_for() {
    for (path, text, bad) in [
        ("report/site/mod.rs", "use crate::tally::Tally;", true),
        ("report/site/mod.rs", "use crate::{release, tally};", true),
        ("report/site/mod.rs", "    let x = crate::screen::walk(&[], None);", true),
        ("report/site/mod.rs", "use super::super::tally::Tally;", true),
        ("report/mod.rs", "use super::tally::Tally;", true),
        ("report/site/mod.rs", "use crate::release::Release;\nuse super::words;", false),
        ("report/site/mod.rs", "//! Never `crate::tally`.\n/// use crate::tally::Tally;", false),
        (
            "report/site/mod.rs",
            "fn x() {}\n#[cfg(test)]\nmod tests {\n    use crate::tally::Tally;\n}",
            false,
        ),
        ("report/tests.rs", "use crate::tally::Tally;", false),
        ("kernel/avx2.rs", "use crate::home::Home;", true),
        ("kernel/avx2.rs", "use crate::vocabulary::Code;", true),
        ("home/mod.rs", "use crate::vocabulary::Period;", true),
        ("media/mod.rs", "use crate::digest::Pdq;", true),
        ("hashset/tx.rs", "use crate::media::Form;", true),
        ("release/plan.rs", "use crate::digest::Pdq;", true),
        ("release/plan.rs", "use crate::pull::Pulled;", true),
        ("pull/release.rs", "use crate::tally::Tally;", true),
        ("pull/release.rs", "use crate::release::Release;", false),
        ("release/plan.rs", "use crate::tally::Cube;", false),
        ("cli/cmd/set.rs", "use crate::tally::Tally;", false),
        ("cli/cmd/set.rs", "use super::super::super::tally::Tally;", true),
        ("attic/mod.rs", "fn x() {}", true),
    ] {
        assert_eq!(!forbidden_imports(&Source::new(path, text)).is_empty(), bad, "{path}: {text}");
    }
    for (text, opens) in [
        ("use std::net::IpAddr;", false),
        ("use std::net::*;", true),
        ("use std::net::{IpAddr, TcpStream};", true),
        ("    let agent = ureq::agent();", true),
    ] {
        let planted = [Source::new("serve/api/ask.rs", text)];
        assert_eq!(!outside(&planted, &SOCKETS, false, |_| false).is_empty(), opens, "{text}");
    }
    let planted = [Source::new("screen/run.rs", "    println!(\"{hash}\");\n    eprintln!(\"x\");")];
    assert_eq!(outside(&planted, &["println!"], false, |_| false), ["screen/run.rs:1"]);
    assert_eq!(outside(&planted, &["eprintln!"], false, |_| false), ["screen/run.rs:2"]);
    assert!(outside(&planted, &["println!"], false, |_| true).is_empty());
    assert_eq!(long_files([("a.rs".into(), LONGEST), ("b.rs".into(), 599)].into_iter()).len(), 1);
}
