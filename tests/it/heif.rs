//! The command for HEIC and AVIF in the jail: what it decodes, and what programs in its place get to.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use innerward::digest::{Digests, Pdq, Wanted};
use innerward::jail::{HelperRun, memory_file, run_helper};
use innerward::media::{Gap, Killed, Limits};
use innerward::screen::{WorkerOptions, Workers, fingerprint};
use serde_json::Value;

use crate::jail::{PATIENCE, options, screened, small_png};
use crate::ward::{Ward, testdata};

fn heif(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/heif").join(name)
}

#[test]
fn heic_without_its_command_says_what_to_install() {
    let ward = Ward::new();
    let (cat, listed) = (fs::read(heif("cat.heic")).unwrap(), fs::read(heif("cat.avif")).unwrap());
    ward.import("own", &Digests::of(&listed).sha256.to_hex(), &["--as", "plain:sha256"]);
    ward.write("in/cat.heic", &cat);
    ward.write("in/cat.avif", &listed);
    let done = ward.run(&["screen", "in", "--format", "json"]); // without a search path there is no command
    let lines = screened(&done);
    let reason = lines["cat.heic"].reason.as_deref();
    assert_eq!(reason, Some("no decoder for HEIC; install heif-convert (Debian: libheif-examples)"));
    assert_eq!((&*lines["cat.heic"].outcome, &*lines["cat.avif"].outcome), ("unchecked", "known"));
    let done = ward.run(&["screen", "in", "--format", "json", "--in-process"]);
    let reason = screened(&done)["cat.heic"].reason.clone();
    assert_eq!(reason.as_deref(), Some("no decoder for HEIC; heif-convert is run in the jail alone"));
}

#[test]
fn heic_and_avif_are_hashed_as_they_are_seen() {
    let workers = Workers::start(options()).unwrap();
    if options().heif_convert.is_none() || !workers.in_force().is_complete() {
        eprintln!("skipped: heif-convert is not installed, or cannot be confined here");
        return;
    }
    let cat = fingerprint(&testdata().join("pictures/forms/cat-rgb.png"), &Wanted::default()).unwrap();
    let seen = cat.forms[0].hash;
    let distance = |a: &Pdq, b: &Pdq| {
        let bits = a.code().as_bytes().iter().zip(b.code().as_bytes()).map(|(a, b)| (a ^ b).count_ones());
        bits.sum::<u32>()
    };
    // The same picture, smaller and lossy. `lying` is a quarter turn off, and only that.
    for (name, turned, forms) in [
        ("cat.heic", 0, 1),
        ("cat.avif", 0, 1),
        ("turned.heic", 0, 1),
        ("lying.heic", 1, 1),
        ("profile.heic", 0, 1),
        ("several.heic", 0, 3),
    ] {
        let print = workers.fingerprint(&heif(name), &Wanted::default()).unwrap();
        assert_eq!((print.gap.clone(), print.forms.len()), (None, forms), "{name}");
        let bytes = fs::read(heif(name)).unwrap();
        assert_eq!(
            (print.digests, print.bytes),
            (Digests::of(&bytes), bytes.len() as u64),
            "of the file itself"
        );
        let off = distance(&print.forms[0].hash.original(), &seen.dihedral[turned]);
        assert!(off <= 24, "{name} is {off} bits from the picture");
        let names: Vec<String> = print.forms.iter().map(|form| form.form.to_string()).collect();
        assert_eq!(names, ["correct", "frame-2", "frame-3"][..forms], "{name}");
        if let [_, _, flipped] = &print.forms[..] {
            let off = distance(&flipped.hash.original(), &seen.dihedral[4]);
            assert!(off <= 24, "the third is upside down: {off}");
        }
    }
    // Cut anywhere, or changed, it is a gap and no more.
    let bytes = fs::read(heif("cat.heic")).unwrap();
    for end in [30, 100, 300, 400, 600, 3000, bytes.len() - 1] {
        let print = workers.fingerprint_bytes(&bytes[..end], &Wanted::default()).unwrap();
        assert!(print.gap.is_some() || end > 3000, "cut at {end}");
        assert_eq!(print.digests, Digests::of(&bytes[..end]));
    }
    let slow = Workers::start(WorkerOptions { max_seconds: 0, ..options() }).unwrap();
    let killed = slow.fingerprint(&heif("cat.heic"), &Wanted::default()).unwrap();
    assert_eq!(killed.gap.unwrap().to_string(), "decoder killed (time)");
    let left = folders_of_links();
    // Other tests of this process have theirs for a moment.
    let begun = Instant::now();
    while folders_of_links().iter().any(|folder| left.contains(folder)) {
        assert!(begun.elapsed() < Duration::from_secs(60), "a folder of links is left behind");
        sleep(Duration::from_millis(20));
    }
}

/// The folders in which this process shares files with the command that decodes.
fn folders_of_links() -> Vec<OsString> {
    let mine = format!("innerward.{}.", std::process::id());
    let Ok(all) = fs::read_dir("/dev/shm") else { return Vec::new() };
    let names = all.map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().starts_with(&mine)).collect()
}

/// A program in C that stands in for heif-convert; `None` where there is no compiler.
pub(crate) fn program(ward: &Ward, source: &str) -> Option<PathBuf> {
    let (code, program) = (ward.write("program.c", source), ward.path("program"));
    let compiled = Command::new("cc").arg(&code).arg("-o").arg(&program).status();
    if compiled.is_ok_and(|status| status.success()) {
        return Some(program);
    }
    eprintln!("skipped: no C compiler");
    None
}

pub(crate) fn can_confine() -> bool {
    let complete = Workers::start(options()).unwrap().in_force().is_complete();
    if !complete {
        eprintln!("skipped: no program of somebody else's can be confined here");
    }
    complete
}

#[test]
fn a_command_for_heic_gets_no_further_than_it_may() {
    if !can_confine() {
        return;
    }
    let ward = Ward::new();
    let secret = ward.write("secret.txt", "secret");
    // Talked into what it must not do: what it manages, it prints.
    let source = format!(
        "#define _GNU_SOURCE\n#include <stdio.h>\n#include <unistd.h>\n#include <fcntl.h>\n\
         #include <sys/socket.h>\n#include <sys/resource.h>\n\
         int main(void) {{\n\
         int n = 0;\n\
         struct rlimit bound;\n\
         if (open(\"{}\", O_RDONLY) >= 0) n |= 1;\n\
         if (open(\"{}\", O_CREAT | O_WRONLY, 0600) >= 0) n |= 2;\n\
         if (socket(AF_INET, SOCK_STREAM, 0) >= 0) n |= 4;\n\
         if (fork() >= 0) n |= 8;\n\
         if (open(\"/proc/self/fd/3\", O_RDONLY) < 0) n |= 16;\n\
         if (getrlimit(RLIMIT_AS, &bound) != 0 || bound.rlim_max != {}) n |= 32;\n\
         if (prlimit(getppid(), RLIMIT_CORE, 0, &bound) == 0) n |= 64;\n\
         bound.rlim_cur = 0;\n\
         if (prlimit(getppid(), RLIMIT_CORE, &bound, 0) == 0) n |= 128;\n\
         bound.rlim_cur = bound.rlim_max = RLIM_INFINITY;\n\
         if (prlimit(0, RLIMIT_AS, &bound, 0) == 0) n |= 256;\n\
         if (setrlimit(RLIMIT_AS, &bound) == 0) n |= 512;\n\
         execl(\"/bin/sh\", \"sh\", \"-c\", \"exit 0\", (char *)0);\n\
         printf(\"File contains %d images\\n\", n);\n\
         return 0; }}\n",
        secret.display(),
        ward.path("made.txt").display(),
        1 << 30,
    );
    let Some(program) = program(&ward, &source) else { return };
    let input = memory_file(b"bytes").unwrap();
    let ran = run_helper(&HelperRun {
        own_program: &options().program,
        program: &program,
        arguments: &|_, _| Vec::new(),
        input: &input,
        names: &[("out.png", 0)],
        memory_bytes: 1 << 30,
        output_bytes: 1 << 20,
        allowance: PATIENCE,
    })
    .unwrap();
    assert!(ran.well && !ran.overran);
    assert_eq!(
        String::from_utf8(ran.said).unwrap(),
        "File contains 0 images\n",
        "each bit is something it could do"
    );
    assert!(!ward.path("made.txt").exists());
}

/// A program that writes a picture, with `padding` bytes after it, under each of these names, and then does `last`.
fn writer(ward: &Ward, names: &[&str], padding: usize, last: &str) -> Option<PathBuf> {
    let picture: Vec<String> = small_png().iter().map(ToString::to_string).collect();
    let source = format!(
        "#include <stdio.h>\n#include <string.h>\n#include <unistd.h>\n\
         static const unsigned char picture[] = {{{}}};\n\
         static const char zeros[1000];\n\
         int main(int count, char **words) {{\n\
         const char *names[] = {{\"{}\"}};\n\
         for (unsigned n = 0; n < sizeof names / sizeof *names; n++) {{\n\
         char path[4096];\n\
         strcpy(path, words[count - 1]);\n\
         strcpy(strrchr(path, '/') + 1, names[n]);\n\
         FILE *out = fopen(path, \"wb\");\n\
         fwrite(picture, 1, sizeof picture, out);\n\
         for (long left = {padding}; left > 0; left -= 1000) fwrite(zeros, 1, 1000, out);\n\
         fclose(out); }}\n\
         {last} }}\n",
        picture.join(","),
        names.join("\",\""),
    );
    program(ward, &source)
}

#[test]
fn all_that_a_command_for_heic_writes_is_bounded_together() {
    if !can_confine() {
        return;
    }
    let limits = Limits { max_file_bytes: 1 << 20, ..Limits::default() };
    let wanted = Wanted { limits, ..Wanted::default() };
    let several = ["out-1.png", "out-2.png", "out-3.png", "out-4.png", "out-5.png", "out-6.png"];
    let some = small_png().len() as u64;
    assert!(some < 100_000, "{some}");
    for (names, padding, expected) in [
        // Each of them is well within the bound, and so are the first two together.
        (&several[..], 400_000, Ok(2)),
        (&several, 900_000, Ok(1)),
        (&["out.png"], 2_000_000, Err(Killed::Memory)),
        (&several, 2_000_000, Err(Killed::Memory)),
    ] {
        let ward = Ward::new();
        let Some(program) = writer(&ward, names, padding, "pause();") else { return };
        let workers = Workers::start(WorkerOptions { heif_convert: Some(program), ..options() }).unwrap();
        let start = Instant::now();
        let print = workers.fingerprint(&heif("cat.heic"), &wanted).unwrap();
        assert!(start.elapsed() < Duration::from_secs(20), "ended for its outputs, not for its time");
        let found = (print.forms.len(), print.gap);
        let expected = match expected {
            Ok(pictures) => (pictures, Some(Gap::MoreFrames)),
            Err(killed) => (0, Some(Gap::Killed(killed))),
        };
        assert_eq!(found, expected, "{} times {padding}", names.len());
    }
}

#[test]
fn the_doctor_has_the_command_decode_a_picture() {
    if !can_confine() {
        return;
    }
    let ward = Ward::new();
    let about = |program: &Path| {
        let path = program.display();
        ward.import("own", &"a".repeat(32), &["--as", "plain:md5"]);
        ward.write("ward/innerward.toml", format!("heif_convert = \"{path}\"\n"));
        fs::set_permissions(ward.path("ward/innerward.toml"), fs::Permissions::from_mode(0o600)).unwrap();
        let done = ward.run(&["doctor", "--format", "json"]);
        let check =
            done.all::<Value>("check").into_iter().find(|line| line["check"] == "heif-convert").unwrap();
        (done.code, check["state"].as_str().unwrap().to_owned(), check["found"].as_str().unwrap().to_owned())
    };
    // One that ends well and writes nothing.
    if let Some(program) = program(&ward, "int main(void) { return 0; }\n") {
        let (code, state, found) = about(&program);
        assert_eq!((code, &*state), (2, "fault"), "{found}");
        assert!(found.contains("does not decode") && found.contains("HEIC is damaged"), "{found}");
    }
    // One that writes another picture.
    if let Some(program) = writer(&ward, &["out.png"], 0, "printf(\"File contains 1 image\\n\");") {
        let (code, state, found) = about(&program);
        assert_eq!((code, &*state), (2, "fault"), "{found}");
        assert!(found.contains("the picture is another"), "{found}");
    }
    if let Some(program) = options().heif_convert {
        let (code, state, found) = about(&program);
        assert_eq!((code, &*state), (0, "ok"), "{found}");
    }
}
