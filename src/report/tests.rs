//! The folder that a report lies in.

use std::path::{Path, PathBuf};

use super::*;
use crate::release::sample::{Shape, sample};

/// The folder of a release as the gate leaves it, with a signature that nobody checks here.
fn publish(at: &Path, shape: Shape, id: &str) -> (Release, PathBuf) {
    let (mut release, table) = sample(shape, true, "The Example Hotline");
    release.rename(id);
    let folder = at.join(format!("public-{id}"));
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("matches.csv"), table).unwrap();
    fs::write(folder.join("log.json"), b"{}\n").unwrap();
    fs::write(folder.join("manifest.json"), serde_json::to_vec(release.manifest()).unwrap()).unwrap();
    fs::write(folder.join("manifest.json.minisig"), b"untrusted comment: a test\n").unwrap();
    (release, folder)
}

/// A report in English alone.
fn built(releases: &[Published<'_>], out: &Path) -> Result<Built, ReportError> {
    build(releases, &[Locale::english()], out)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_report_has_pages_data_and_the_files_of_its_releases() {
    let at = tempfile::tempdir().unwrap();
    let (release, folder) = publish(at.path(), Shape::Many, "2026-10");
    let out = at.path().join("site");
    let built = built(&[Published { release: &release, folder: &folder }], &out).unwrap();
    assert_eq!(built.index, out.join("index.html"));
    assert!(built.pages.contains(&out.join("en/release-2026-10.html")));
    assert!(built.pages.iter().all(|page| page.is_file()));
    for name in downloads(release.manifest()) {
        let copy = fs::read(out.join("releases/2026-10").join(name)).unwrap();
        assert_eq!(copy, fs::read(folder.join(name)).unwrap(), "{name}");
    }
    for packed in &built.data {
        let page = fs::read_to_string(out.join("en/data.html")).unwrap();
        let below = packed.path.iter().map(|part| part.to_str().unwrap()).collect::<Vec<_>>().join("/");
        assert!(out.join("data").join(&packed.path).is_file(), "{below}");
        assert!(page.contains(&format!("href=\"../data/{below}\"")), "{below} has no link");
    }
    assert_eq!(names(&out), ["contents.b3", "data", "en", "index.html", "releases", "site.css", "site.js"]);
    assert_eq!(names(at.path()), ["public-2026-10", "site"], "nothing is left beside it");
}

#[test]
fn the_list_of_contents_names_every_file_with_its_checksum() {
    let at = tempfile::tempdir().unwrap();
    let (release, folder) = publish(at.path(), Shape::Many, "a");
    let out = at.path().join("site");
    built(&[Published { release: &release, folder: &folder }], &out).unwrap();
    let listed = fs::read_to_string(out.join("contents.b3")).unwrap();
    for line in listed.lines() {
        let (sum, path) = line.split_once("  ").unwrap();
        assert_eq!(blake3::hash(&fs::read(out.join(path)).unwrap()).to_hex().as_str(), sum, "{path}");
    }
    let files =
        walkdir::WalkDir::new(&out).into_iter().filter(|entry| entry.as_ref().unwrap().file_type().is_file());
    assert_eq!(files.count(), listed.lines().count() + 1);
}

#[test]
fn a_report_may_be_built_again_and_the_old_one_is_gone_as_a_whole() {
    let at = tempfile::tempdir().unwrap();
    let (first, first_folder) = publish(at.path(), Shape::Many, "a");
    let (second, second_folder) = publish(at.path(), Shape::AllWithheld, "b");
    let releases = [
        Published { release: &first, folder: &first_folder },
        Published { release: &second, folder: &second_folder },
    ];
    let out = at.path().join("site");
    built(&releases, &out).unwrap();
    let before = fs::read(out.join("contents.b3")).unwrap();
    built(&releases, &out).unwrap();
    assert_eq!(fs::read(out.join("contents.b3")).unwrap(), before, "the same bytes");
    assert_eq!(names(&out.join("releases")), ["a", "b"]);
    built(&releases[..1], &out).unwrap();
    assert_eq!(names(&out.join("releases")), ["a"]);
    assert_eq!(names(at.path()), ["public-a", "public-b", "site"]);
}

#[test]
fn a_foreign_folder_is_left_alone() {
    let at = tempfile::tempdir().unwrap();
    let (release, folder) = publish(at.path(), Shape::Many, "a");
    let releases = [Published { release: &release, folder: &folder }];
    let out = at.path().join("site");
    fs::create_dir(&out).unwrap();
    built(&releases, &out).unwrap(); // empty is free
    for foreign in ["notes.txt", "en/mine.html", "releases/a/more.csv"] {
        fs::write(out.join(foreign), "mine").unwrap();
        assert!(matches!(built(&releases, &out), Err(ReportError::Foreign(_))), "{foreign}");
        fs::remove_file(out.join(foreign)).unwrap();
    }
    for foreign in [folder.as_path(), &folder.join("matches.csv"), Path::new("."), Path::new("/")] {
        assert!(matches!(built(&releases, foreign), Err(ReportError::Foreign(_))), "{foreign:?}");
    }
    built(&releases, &out).unwrap();
    assert_eq!(names(at.path()), ["public-a", "site"]);
}

#[test]
fn files_that_do_not_belong_to_the_release_are_refused() {
    let at = tempfile::tempdir().unwrap();
    for (name, bytes) in [("matches.csv", "severity\n"), ("manifest.json", "{}")] {
        let (release, folder) =
            publish(at.path(), Shape::Many, &name.replace("json", "j").replace("csv", "c"));
        fs::write(folder.join(name), bytes).unwrap();
        let out = at.path().join("site");
        let error = built(&[Published { release: &release, folder: &folder }], &out).unwrap_err();
        assert!(matches!(error, ReportError::Changed { .. }), "{error}");
        assert!(!out.exists());
    }
}

#[test]
fn names_that_leave_the_folder_are_refused() {
    let at = tempfile::tempdir().unwrap();
    let out = at.path().join("site");
    let (mut release, folder) = publish(at.path(), Shape::Many, "a");
    for name in ["", ".", "..", "../b", "a/b", "/tmp", ".hidden", "a b"] {
        release.rename(name);
        let error = built(&[Published { release: &release, folder: &folder }], &out);
        assert!(matches!(error, Err(ReportError::Name(_))), "{name}");
    }
    release.rename("a");
    let one = Published { release: &release, folder: &folder };
    assert!(matches!(built(&[one, one], &out), Err(ReportError::Twice(_))));
    assert!(matches!(built(&[], &out), Err(ReportError::NoRelease)));
    assert!(matches!(build(&[one], &[], &out), Err(ReportError::NoLanguage)));
    assert!(!out.exists());
}

#[test]
fn nothing_is_written_into_a_release_or_where_a_home_keeps_what_it_needs() {
    let at = tempfile::tempdir().unwrap();
    let (release, folder) = publish(at.path(), Shape::Many, "a");
    let one = [Published { release: &release, folder: &folder }];
    let home = at.path().join("home");
    fs::create_dir_all(home.join("runs")).unwrap();
    fs::create_dir_all(home.join("public")).unwrap();
    for file in ["HOME", "innerward.sqlite"] {
        fs::write(home.join(file), "").unwrap();
    }
    std::os::unix::fs::symlink(home.join("runs"), at.path().join("link")).unwrap();
    let inside =
        ["public-a/site", "home/runs", "home/keys/new/site", "home/public/2026-11-hotline-v1", "link/site"];
    for inside in inside {
        let error = built(&one, &at.path().join(inside)).unwrap_err();
        assert!(matches!(error, ReportError::Reserved { .. }), "{inside}: {error}");
        assert!(error.to_string().contains("--out"), "{error}");
    }
    assert!(
        !folder.join("site").exists() && names(&home.join("runs")).is_empty() && !home.join("keys").exists()
    );
    built(&one, &home.join("public/site")).unwrap();
}

#[test]
fn what_a_killed_build_left_goes_and_what_is_in_use_stays() {
    let at = tempfile::tempdir().unwrap();
    let (release, folder) = publish(at.path(), Shape::Many, "a");
    for name in [".site.123.new", ".site.124.old", ".site.125.new", ".site.x.new", ".sites.126.new"] {
        fs::create_dir(at.path().join(name)).unwrap();
        fs::write(at.path().join(name).join("half"), "").unwrap();
    }
    let used = fs::File::open(at.path().join(".site.125.new")).unwrap();
    used.try_lock().unwrap();
    built(&[Published { release: &release, folder: &folder }], &at.path().join("site")).unwrap();
    assert_eq!(names(at.path()), [".site.125.new", ".site.x.new", ".sites.126.new", "public-a", "site"]);
}
