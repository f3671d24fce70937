//! The demo: what it finds against what the lists' maker says, what it publishes, and what it must not touch.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use innerward::home::Home;
use innerward::media::{Content, Gap, Kind, PartBounds, PartName, TakeParts, open_parts};
use innerward::release::{PublicKey, verify};

use crate::ward::{self, Done, Match, ReleaseLine, ScreenLine, TallyLine, Ward, snapshot, testdata};

const DEMO_GOOD: &str = "demo-known-good";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn demo(ward: &Ward, home: &Path, more: &[&str]) -> Done {
    let mut command = ward.command();
    command.current_dir(root()).env_remove("INNERWARD_HOME").stdin(Stdio::null());
    Done::of(command.args(["demo", "--home"]).arg(home).args(more).output().unwrap())
}

/// A demo that has run.
struct Ran {
    home: PathBuf,
    out: String,
}

/// The demo, run once for all tests here. Nothing drops a static: its folder is cleared away by the next run.
fn shared() -> &'static Ran {
    static RAN: OnceLock<Ran> = OnceLock::new();
    RAN.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let name = entry.file_name().into_string().unwrap_or_default();
            let over = |process: &str| !Path::new("/proc").join(process).exists();
            if name.strip_prefix("demo-").is_some_and(over) {
                fs::remove_dir_all(entry.path()).unwrap();
            }
        }
        let home = folder.join(format!("demo-{}", std::process::id())).join("home");
        let done = demo(&Ward::new(), &home, &[]);
        assert_eq!((done.code, &*done.err), (0, ""));
        Ran { home, out: done.out }
    })
}

fn innerward(arguments: &[&str]) -> Done {
    let mut command = Command::new(env!("CARGO_BIN_EXE_innerward"));
    command.current_dir(root()).env_clear().stdin(Stdio::null());
    Done::of(command.args(arguments).output().unwrap())
}

fn only(folder: &Path, wanted: impl Fn(&str) -> bool) -> PathBuf {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut found: Vec<PathBuf> =
        names.filter(|entry| wanted(entry.file_name().to_str().unwrap())).map(|entry| entry.path()).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn release_of(home: &Path) -> PathBuf {
    only(&home.join("public"), |name| name.starts_with("DEMO-"))
}

fn verdicts(home: &Path) -> Vec<ScreenLine> {
    let path = only(&home.join("runs"), |_| true).join("verdicts.jsonl");
    ward::all(&fs::read_to_string(path).unwrap(), "screen")
}

fn rows(path: &str) -> Vec<csv::StringRecord> {
    let reader = csv::Reader::from_path(root().join(path)).unwrap();
    reader.into_records().collect::<Result<_, _>>().unwrap()
}

/// The match that an outcome rests on: the first of a list that matches, or the digest of the known-good list.
fn grounds(line: &ScreenLine) -> Option<&Match> {
    match &*line.outcome {
        "known" | "near" => line.matches.iter().find(|found| found.set != DEMO_GOOD),
        "ignored" => line.matches.iter().find(|found| found.set == DEMO_GOOD),
        _ => None,
    }
}

fn severity(line: &ScreenLine) -> String {
    match (&*line.outcome, grounds(line)) {
        ("known" | "near", Some(found)) => match &found.labels[..] {
            [] => "SEV_U".into(),
            [label] => label.clone(),
            several => panic!("the demo's entries have one label: {several:?}"),
        },
        _ => "_Z".into(),
    }
}

type Counts = BTreeMap<(String, String), u64>;

#[test]
fn the_drawn_pictures_count_as_the_lists_maker_says() {
    let expected: Counts = rows("hashsets/expected.csv")
        .iter()
        .map(|row| ((row[0].to_lowercase(), row[1].to_owned()), row[2].parse().unwrap()))
        .collect();
    let pictures = shared().home.join("demo-pictures");
    let mut found = Counts::new();
    for line in verdicts(&shared().home).iter().filter(|line| Path::new(&line.path).starts_with(&pictures)) {
        *found.entry((line.outcome.clone(), severity(line))).or_default() += 1;
    }
    assert_eq!(found.values().sum::<u64>(), 2000);
    assert_eq!(found, expected);
}

#[test]
fn every_file_of_testdata_gets_the_verdict_that_is_written_down() {
    let on_disk = verdicts(&shared().home).into_iter().filter(|line| line.file.is_none());
    let found: BTreeMap<String, ScreenLine> =
        on_disk.filter_map(|line| Some((line.path.strip_prefix("testdata/")?.to_owned(), line))).collect();
    let expected = rows("hashsets/expected-testdata.csv");
    let pictures = found.keys().filter(|path| path.starts_with("pictures/"));
    assert!(pictures.eq(expected.iter().map(|row| &row[0])), "every file has a row, every row a file");
    let (mut outcomes, mut nearest) = (0, 0);
    // A build that decodes JPEG XL finds in one what it finds in the same picture of another kind.
    let same = expected.iter().find(|row| row[0].ends_with("kinds/plain.qoi")).unwrap();
    for row in &expected {
        let name = &row[0];
        let row = if cfg!(feature = "jxl") && name.ends_with(".jxl") { same } else { row };
        let line = &found[name];
        if !row[5].is_empty() {
            assert_eq!(line.outcome, row[5], "{name}: {line:?}");
            assert!(row[5] != *"unchecked" || line.reason.is_some(), "{name} says why");
            outcomes += 1;
        }
        if row[6].is_empty() {
            continue;
        }
        let near =
            line.matches.iter().filter(|found| found.signal == "pdq").min_by_key(|found| found.distance);
        let near = near.unwrap_or_else(|| panic!("{name} is near an entry"));
        // Decoders of lossy formats, and of blended alpha, may differ by a few bits; nothing else may.
        let lossy = [".jpg", ".webp", ".jxl", "alpha.png", "kept.png", "slope.png"]
            .iter()
            .any(|end| name.ends_with(end));
        let apart = near.distance.abs_diff(row[6].parse().unwrap());
        assert!(apart <= if lossy { 4 } else { 0 }, "{name}: {near:?}");
        let form = match &row[7] {
            "rgb" => "correct",
            "rgb-black" => "correct-black",
            "tx" => "compat",
            frame if frame.starts_with("frame-") => frame,
            other => panic!("no form {other}"),
        };
        let turned = near.transform.as_deref().unwrap();
        assert_eq!((near.form.as_deref().unwrap(), turned), (form, &row[8]), "{name}: {near:?}");
        nearest += 1;
    }
    assert!(outcomes >= 45 && nearest >= 30, "{outcomes} outcomes, {nearest} distances");
}

/// What is inside of files, by its address; several parts may have one name.
#[derive(Default)]
struct Inside(BTreeMap<String, Contents>);

/// By address, the bytes of each part, as far as they can be had.
type Contents = BTreeMap<String, VecDeque<Option<Vec<u8>>>>;

impl Inside {
    /// The bytes of the next part of `file` at this address; `None` if they cannot be had.
    fn next(&mut self, file: &str, address: &str) -> Option<Vec<u8>> {
        let parts = self.0.entry(file.to_owned()).or_insert_with(|| {
            let mut parts = BTreeMap::new();
            open_all(file, &fs::read(root().join(file)).unwrap(), 0, &mut parts);
            parts
        });
        parts.get_mut(address).and_then(VecDeque::pop_front).unwrap_or_else(|| panic!("no part {address}"))
    }
}

fn open_all(path: &str, bytes: &[u8], depth: u32, all: &mut Contents) {
    let content = Content::of(&bytes[..bytes.len().min(Content::HEAD_BYTES)]);
    if depth == 8 || !matches!(content.kind, Kind::Container(_)) {
        return;
    }
    let mut parts = Parts::default();
    open_parts(Cursor::new(bytes), content, &PartBounds::default(), &mut parts).unwrap();
    for (name, bytes, gap) in parts.0 {
        let stem = Path::new(path).file_stem().unwrap().to_str().unwrap();
        let name = name.as_deref().unwrap_or(stem).trim_start_matches("./").trim_start_matches('/');
        let address = format!("{path}!/{name}");
        let had = (!gap || !bytes.is_empty()).then(|| bytes.clone());
        all.entry(address.clone()).or_default().push_back(had);
        open_all(&address, &bytes, depth + 1, all);
    }
}

/// Name, bytes, and whether something is missing.
#[derive(Default)]
struct Parts(Vec<(Option<String>, Vec<u8>, bool)>);

impl TakeParts for Parts {
    fn begin(&mut self, name: &PartName) -> std::io::Result<()> {
        self.0.push((name.as_str().map(str::to_owned), Vec::new(), false));
        Ok(())
    }

    fn bytes(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.last_mut().unwrap().1.extend_from_slice(bytes);
        Ok(())
    }

    fn end(&mut self, gap: Option<Gap>) -> std::io::Result<()> {
        self.0.last_mut().unwrap().2 = gap.is_some();
        Ok(())
    }
}

/// An item is the entry that it matched, or else its bytes, and has the strongest cell that it was seen in.
#[test]
fn the_tally_is_what_the_verdicts_add_up_to() {
    const VERDICTS: [&str; 5] = ["known", "near", "ignored", "unchecked", "unknown"];
    const SEVERITIES: [&str; 8] = ["SEV_A", "SEV_B", "SEV_AB", "SEV_C", "SEV_X", "SEV_N", "SEV_U", "_Z"];
    let at = |list: &[&str], word: &str| list.iter().position(|other| *other == word).expect("a code");
    let mut items: BTreeMap<Vec<u8>, (usize, usize)> = BTreeMap::new();
    let mut inside = Inside::default();
    for line in verdicts(&shared().home) {
        let bytes = match &line.file {
            None => Some(fs::read(root().join(&line.path)).unwrap()),
            Some(file) => inside.next(file, &line.path),
        };
        // What could not be had at all is no item.
        let Some(bytes) = bytes else { continue };
        let item = match grounds(&line) {
            Some(found) => format!("{} {}", found.set, found.entry).into_bytes(),
            None => blake3::hash(&bytes).as_bytes().to_vec(),
        };
        let cell = (at(&VERDICTS, &line.outcome), at(&SEVERITIES, &severity(&line)));
        items.entry(item).and_modify(|known| *known = cell.min(*known)).or_insert(cell);
    }
    let mut expected = Counts::new();
    for (verdict, severity) in items.into_values() {
        *expected.entry((VERDICTS[verdict].into(), SEVERITIES[severity].into())).or_default() += 1;
    }
    let done = innerward(&["tally", "show", "--format", "json", "--home", shared().home.to_str().unwrap()]);
    let mut found = Counts::new();
    for line in done.all::<TallyLine>("tally") {
        assert_eq!((&*line.local, &*line.channel), ("not for sharing", "BULK"));
        *found.entry((line.verdict.to_lowercase(), line.severity)).or_default() += line.items;
    }
    assert_eq!(found, expected);
}

#[test]
fn page_table_and_release_are_there_and_say_demo() {
    let ran = shared();
    let release = release_of(&ran.home);
    let id = release.file_name().unwrap().to_str().unwrap();
    let site = ran.home.join("public/site");
    let manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(release.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["demo"], true);
    assert_eq!(manifest["release_id"], id);
    for field in ["publisher", "citation"] {
        assert!(manifest[field].as_str().unwrap().contains("DEMO"), "{field}");
    }
    for language in ["en", "fr", "es", "pt", "ar", "ru", "zh", "de"] {
        let page = fs::read_to_string(site.join(language).join(format!("release-{id}.html"))).unwrap();
        assert!(page.contains(id) && page.contains(&format!("<html lang={language} ")), "{language}");
        let page = fs::read_to_string(site.join(language).join("items.html")).unwrap();
        assert!(page.contains("<svg"), "{language}");
    }
    for page in ["index.html", "en/index.html", "en/brief.html", "en/brief.txt"] {
        assert!(fs::read_to_string(site.join(page)).unwrap().contains("DEMO"), "{page}");
    }
    for file in ["items.csv", "manifest.json", "manifest.json.minisig", "log.json"] {
        let copy = fs::read(site.join("releases").join(id).join(file)).unwrap();
        assert_eq!(copy, fs::read(release.join(file)).unwrap(), "{file}");
    }
    let table = csv::Reader::from_path(release.join("items.csv")).unwrap().into_records();
    assert_eq!(table.map(Result::unwrap).filter(|row| row[29] == *id).count(), 17);
    for shown in [&site.join("index.html"), &release, &ran.home.join("runs")] {
        assert!(ran.out.contains(shown.to_str().unwrap()), "it says where {} is", shown.display());
    }
    assert!(ran.out.contains("local, not for sharing") && ran.out.contains("no decoder for HEIC"));
}

#[test]
fn a_second_demo_is_refused_and_leaves_the_first_alone() {
    let ward = Ward::new();
    let home = ward.path("demo");
    Home::create(&home, true).unwrap();
    fs::write(home.join("runs/note"), "kept").unwrap();
    let before = snapshot(&home);
    demo(&ward, &home, &[]).refused(&["exists", "--force"]);
    assert_eq!(snapshot(&home), before);
}

#[test]
fn force_replaces_nothing_but_a_demo() {
    let ward = Ward::new();
    let real = ward.home();
    Home::create(&real, false).unwrap();
    fs::write(real.join("keys/signing.key"), [7; 32]).unwrap();
    let foreign = ward.path("thesis");
    ward.write("thesis/chapter/1.txt", "precious");
    let marked = ward.path("marked");
    ward.write("marked/HOME", "somebody else's HOME, made by a demo\n");
    for (folder, word) in [(&real, "real home"), (&foreign, "not an innerward home"), (&marked, "not an")] {
        let before = snapshot(folder);
        for more in [&["--force"][..], &[]] {
            demo(&ward, folder, more).refused(&[word, folder.to_str().unwrap()]);
            assert_eq!(snapshot(folder), before, "{}", folder.display());
        }
    }
}

#[test]
fn force_makes_a_demo_anew_with_the_same_findings() {
    let ward = Ward::new();
    let home = ward.path("demo");
    Home::create(&home, true).unwrap();
    fs::write(home.join("runs/stale"), "old").unwrap();
    let done = demo(&ward, &home, &["--force", "--today", "2027-01-15", "--threads", "1"]);
    assert_eq!((done.code, &*done.err), (0, ""));
    assert!(!home.join("runs/stale").exists());
    let relative = |home: &Path| {
        let mut lines = verdicts(home);
        let home = home.join("demo-pictures");
        lines.iter_mut().for_each(|line| line.path = line.path.replace(home.to_str().unwrap(), "drawn"));
        lines
    };
    assert_eq!(relative(&home), relative(&shared().home));

    // A release that is gone from the folder comes back byte for byte; the budget is charged once.
    let release = release_of(&home);
    assert!(release.ends_with("DEMO-2026-12-coarse-v1"));
    let before = snapshot(&release);
    fs::remove_dir_all(&release).unwrap();
    let publish = |period: &str, today: &str| {
        let home = home.to_str().unwrap();
        innerward(&[
            "release", "publish", "--home", home, "--period", period, "--today", today, "--format", "json",
        ])
    };
    for _ in 0..2 {
        let [line] = &publish("2026-12", "2027-02-03").all::<ReleaseLine>("release")[..] else { panic!() };
        assert_eq!((line.already, &*line.release_id), (true, "DEMO-2026-12-coarse-v1"));
        assert_eq!(line.folder, release);
        assert_eq!(snapshot(&release), before);
    }
    let ledger = innerward(&["release", "ledger", "--home", home.to_str().unwrap(), "--format", "json"]);
    assert_eq!(ledger.all::<serde_json::Value>("charge").len(), 1);

    publish("2026-11", "2027-02-03").refused(&["no plan", "2026"]);
    publish("2027-02", "2027-02-28").refused(&["2027-03-01"]);
    // What has been altered is not handed out again.
    fs::write(release.join("items.csv"), "x").unwrap();
    publish("2026-12", "2027-02-03").refused(&["items.csv"]);
}

#[test]
fn a_release_verifies_with_its_key_and_with_no_other() {
    let home = &shared().home;
    let release = release_of(home);
    let release = release.to_str().unwrap();
    let key = home.join("public/innerward.pub");
    let done = innerward(&["release", "verify", release, "--key", key.to_str().unwrap(), "--format", "json"]);
    let [line] = &done.all::<serde_json::Value>("release")[..] else { panic!("{}", done.err) };
    assert_eq!((done.code, &line["valid"], &line["demo"]), (0, &true.into(), &true.into()));
    let text = fs::read_to_string(&key).unwrap();
    let typed = text.lines().next_back().unwrap();
    assert_eq!(innerward(&["release", "verify", release, "--key", typed]).code, 0);
    // The key of minisign's own documentation.
    let other = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
    innerward(&["release", "verify", release, "--key", other]).refused(&["minisig"]);
}

#[test]
fn any_changed_byte_of_a_release_is_refused() {
    let ward = Ward::new();
    let home = &shared().home;
    let key = home.join("public/innerward.pub");
    let folder = ward.path("copy");
    fs::create_dir(&folder).unwrap();
    for file in fs::read_dir(release_of(home)).unwrap().map(|entry| entry.unwrap()) {
        fs::copy(file.path(), folder.join(file.file_name())).unwrap();
    }
    let arguments = ["release", "verify", folder.to_str().unwrap(), "--key", key.to_str().unwrap()];
    assert_eq!(ward.run(&arguments).code, 0);
    let public = PublicKey::read(&key).unwrap();
    let mut tried = 0;
    for name in ["manifest.json", "manifest.json.minisig", "items.csv"] {
        let path = folder.join(name);
        let sound = fs::read(&path).unwrap();
        for at in 0..sound.len() {
            let mut bytes = sound.clone();
            bytes[at] ^= 1 << (at % 8);
            fs::write(&path, &bytes).unwrap();
            assert!(verify(&folder, &public).is_err(), "{name}, byte {at}");
            if at % (sound.len() / 10) == 0 {
                ward.run(&arguments).refused(&["innerward: "]);
            }
            tried += 1;
        }
        for bytes in [&sound[..sound.len() - 1], &[&sound[..], b"\n"].concat(), b""] {
            fs::write(&path, bytes).unwrap();
            assert!(verify(&folder, &public).is_err(), "{name} of {} bytes", bytes.len());
        }
        fs::remove_file(&path).unwrap();
        ward.run(&arguments).refused(&[name]);
        fs::write(&path, &sound).unwrap();
    }
    assert!(tried > 5000, "{tried} bytes");
    assert_eq!(ward.run(&arguments).code, 0);
    ward.write("copy/more.txt", "");
    ward.run(&arguments).refused(&["more.txt"]);
}

#[test]
fn a_demo_elsewhere_than_in_a_clone_says_so() {
    let ward = Ward::new();
    ward.run(&["demo"]).refused(&["hashsets/", "clone"]);
    assert!(!ward.home().exists() && testdata().is_dir());
}

#[test]
fn a_bare_demo_is_an_empty_home_in_which_any_day_may_be_pretended() {
    let ward = Ward::new();
    let home = ward.path("bare");
    let at = home.to_str().unwrap();
    let run = |arguments: &[&str]| innerward(&[arguments, &["--home", at]].concat());
    assert_eq!(run(&["demo", "--bare"]).code, 0);
    assert!(!home.join("demo-pictures").exists());
    run(&["demo", "--bare"]).refused(&["--force"]);
    assert_eq!(run(&["demo", "--bare", "--force"]).code, 0);
    assert_eq!(run(&["release", "plan", "register", "--today", "2020-01-31"]).code, 0);
    let published = run(&["release", "publish", "--today", "2020-03-01", "--format", "json"]);
    let [line] = &published.all::<ReleaseLine>("release")[..] else { panic!("{}", published.err) };
    assert_eq!(line.release_id, "DEMO-2020-02-coarse-v1");
}
