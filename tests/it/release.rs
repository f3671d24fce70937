//! The gate through its public door: register, publish, verify, and the stock `minisign` command.

use std::convert::Infallible;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use innerward::home::{Clock, Config, Home};
use innerward::release::{
    COARSE, PUBLIC_KEY_FILE, PeriodFacts, PublicKey, Published, Release, Request, account, plans, publish,
    register, system_rng, verify,
};
use innerward::tally::{Cell, Cube, Sensitive};
use innerward::vocabulary::{Indicator, channel, media, verdict};
use jiff::civil::date;

fn published(root: &Path) -> (Home, Published) {
    let home = Home::create(&root.join("ward"), true).unwrap();
    let lock = home.lock().unwrap();
    let september = Clock::of(&home, Some(date(2026, 9, 30))).unwrap();
    register(&home, &lock, september, COARSE, None).unwrap();
    let config = Config { organisation: "Example Hotline".into(), ..Config::default() };
    let request = Request {
        clock: Clock::of(&home, Some(date(2026, 11, 2))).unwrap(),
        period: "2026-10".parse().unwrap(),
        plan: "coarse",
        revise: false,
        witness: None,
        cosigner: None,
        config: &config,
    };
    let counts = |_: Option<u32>| {
        let mut cube = Cube::default();
        let cell = Cell::blank().with(verdict::UNKNOWN).with(media::IMAGE).with(channel::BULK);
        cube.add(Indicator::ItemsScanned, cell, 5000);
        Ok::<_, Infallible>((Sensitive::new(cube), PeriodFacts::default()))
    };
    let published = publish(&home, &lock, &request, counts, &mut system_rng()).unwrap();
    drop(lock);
    (home, published)
}

#[test]
fn a_third_party_needs_only_the_folder_and_the_key() {
    let dir = tempfile::tempdir().unwrap();
    let (home, published) = published(dir.path());
    let key: PublicKey =
        fs::read_to_string(home.public_dir().join(PUBLIC_KEY_FILE)).unwrap().parse().unwrap();
    // Carried away under another name, with the home gone.
    let carried = dir.path().join("download");
    fs::rename(&published.dir, &carried).unwrap();
    fs::remove_dir_all(home.root()).unwrap();
    let release = Release::open(&carried, &key).unwrap();
    assert_eq!(release.manifest().publisher, "DEMO: Example Hotline");
    assert_eq!(release, verify(&carried, &key).unwrap());
}

#[test]
fn ledger_and_plans_list_what_was_done() {
    let dir = tempfile::tempdir().unwrap();
    let (home, published) = published(dir.path());
    let account = account(&home).unwrap();
    assert_eq!(account.charges[0].release_id.as_ref(), Some(&published.release_id));
    assert_eq!(account.budgets[1].left_nano(), 0);
    assert_eq!(plans(&home).unwrap()[0].applies_from.to_string(), "2026-10");
}

/// Prints and passes where the command is not installed.
#[test]
fn the_stock_minisign_command_agrees() {
    let dir = tempfile::tempdir().unwrap();
    let (home, published) = published(dir.path());
    let key = home.public_dir().join(PUBLIC_KEY_FILE);
    let line = PublicKey::read(&key).unwrap().to_string();
    let run =
        |arguments: &[&str]| Command::new("minisign").args(arguments).current_dir(&published.dir).output();
    let by_file = match run(&["-V", "-m", "manifest.json", "-p", &key.to_string_lossy()]) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            eprintln!("skipped: minisign is not installed");
            return;
        }
        outcome => outcome.unwrap(),
    };
    let said = String::from_utf8_lossy(&by_file.stdout);
    assert!(by_file.status.success(), "{said}{}", String::from_utf8_lossy(&by_file.stderr));
    assert!(said.contains("Trusted comment: innerward release DEMO-2026-10-coarse-v1"), "{said}");
    assert!(run(&["-V", "-m", "manifest.json", "-P", &line]).unwrap().status.success());
    let manifest = published.dir.join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("Example", "Exomple")).unwrap();
    assert!(!run(&["-V", "-m", "manifest.json", "-P", &line]).unwrap().status.success());
}
