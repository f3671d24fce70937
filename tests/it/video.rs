//! Videos by way of ffmpeg in the jail: what is decoded, and what programs in its place get to.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use innerward::digest::{Digests, Fingerprint, Sampling, VideoText, Wanted};
use innerward::media::{FrameLayout, Gap, Killed, Limits, yuv420_to_rgb};
use innerward::screen::{Ffmpeg, WorkerOptions, Workers};

use crate::heif::{can_confine, program};
use crate::jail::{is_installed, options, screened};
use crate::ward::{Done, MatchLine, ScreenLine, Ward, digits, testdata};

/// Workers with ffmpeg; `None` where it is not installed or cannot be confined.
fn workers() -> Option<Workers> {
    if options().ffmpeg.is_none() {
        eprintln!("skipped: ffmpeg is not installed");
        return None;
    }
    can_confine().then(|| Workers::start(options()).unwrap())
}

/// A video that ffmpeg makes of `arguments`.
fn made(ward: &Ward, name: &str, arguments: &[&str]) -> PathBuf {
    let path = ward.path(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-bitexact"]).args(arguments).arg(&path);
    let made = command.output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    path
}

/// Ten frames a second of a picture in which much moves.
fn test_source(seconds: &str, size: &str) -> [String; 4] {
    ["-f".into(), "lavfi".into(), "-i".into(), format!("testsrc2=size={size}:rate=10:duration={seconds}")]
}

fn strings(all: &[String]) -> Vec<&str> {
    all.iter().map(String::as_str).collect()
}

fn every_frame() -> Wanted {
    Wanted { sampling: Sampling { millis: 0, ..Sampling::default() }, ..Wanted::default() }
}

/// `number`, `quality`, `hash`, `timestamp` of each line.
fn lines(text: &str) -> Vec<(u32, u8, String, f32)> {
    let line = |line: &str| {
        let [number, quality, hash, time] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
        (number.parse().unwrap(), quality.parse().unwrap(), hash.to_owned(), time.parse().unwrap())
    };
    text.lines().map(line).collect()
}

fn bits(a: &str, b: &str) -> u32 {
    let bytes = |hex: &str| hex::decode(hex).unwrap();
    bytes(a).iter().zip(bytes(b)).map(|(a, b)| (a ^ b).count_ones()).sum()
}

#[test]
fn colours_are_those_of_ffmpeg_to_the_last_bit() {
    if !is_installed("ffmpeg") {
        eprintln!("skipped: ffmpeg is not installed");
        return;
    }
    let ward = Ward::new();
    for (width, height) in [(2, 2), (6, 4), (16, 2), (98, 62), (640, 362)] {
        let size = (width, height);
        let mut planes = vec![0; FrameLayout::Yuv420.bytes(size).unwrap()];
        blake3::Hasher::new().update(&width.to_le_bytes()).finalize_xof().fill(&mut planes);
        let frame = ward.path("frame.yuv");
        fs::write(&frame, &planes).unwrap();
        let sides = format!("{width}x{height}");
        let scale = format!("scale={width}:{height}:flags=area+accurate_rnd:in_color_matrix=bt601");
        let mut command = Command::new("ffmpeg");
        command
            .args(["-v", "error", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", &sides, "-i"])
            .arg(&frame);
        let made =
            command.args(["-vf", &scale, "-pix_fmt", "rgb24", "-f", "rawvideo", "pipe:1"]).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let mut rgb = vec![0; made.stdout.len()];
        yuv420_to_rgb(size, &planes, &mut rgb);
        let differing = rgb.iter().zip(&made.stdout).filter(|(ours, theirs)| ours != theirs).count();
        assert_eq!(differing, 0, "{differing} of {} samples at {sides}", rgb.len());
    }
}

#[test]
fn published_hashes_come_out_again() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = ["../shared/data/vpdq", "../../shared/data/vpdq"].map(|folder| here.join(folder));
    let Some(folder) = folder.into_iter().find(|folder| folder.exists()) else {
        eprintln!("skipped: the published videos are not here");
        return;
    };
    let Some(workers) = workers() else { return };
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "mp4") {
            continue;
        }
        for side in [0, 128] {
            let suffix = if side == 0 { ".txt" } else { "-128x128.txt" };
            let stem = path.file_stem().unwrap().to_str().unwrap();
            let golden = lines(&fs::read_to_string(path.with_file_name(format!("{stem}{suffix}"))).unwrap());
            let sampling = Sampling { millis: 0, width: side, height: side };
            let print = workers.fingerprint(&path, &Wanted { sampling, ..Wanted::default() }).unwrap();
            assert_eq!(print.gap, None, "{stem}{suffix}");
            let found = lines(&print.video.unwrap().to_text(VideoText::Cpp));
            assert_eq!(found.len(), golden.len(), "{stem}{suffix}");
            let (mut equal, mut most) = (0, 0);
            for (found, golden) in found.iter().zip(&golden) {
                assert_eq!((found.0, found.3), (golden.0, golden.3), "{stem}{suffix}");
                if golden.1 < 50 || found.1 < 50 {
                    continue;
                }
                let apart = bits(&found.2, &golden.2);
                (equal, most) = (equal + usize::from(apart == 0), most.max(apart));
            }
            eprintln!("{stem}{suffix}: {equal} of {} equal, most {most} bits", golden.len());
            // Those of 128 by 128 were published with frames made smaller in another way; the reference asks for no more.
            assert!(most <= if side == 0 { 4 } else { 30 }, "{stem}{suffix}: {most} bits");
            seen += 1;
        }
    }
    assert_eq!(seen, 8);
}

#[test]
fn one_frame_a_second_is_hashed_and_nothing_else() {
    let Some(workers) = workers() else { return };
    let ward = Ward::new();
    let source = test_source("3.5", "320x240");
    let path = made(&ward, "a.mp4", &[&strings(&source)[..], &["-c:v", "mpeg4", "-g", "7"]].concat());
    let print = workers.fingerprint(&path, &Wanted::default()).unwrap();
    assert_eq!((print.gap.clone(), print.size), (None, Some((320, 240))));
    assert_eq!(print.digests, Digests::of(&fs::read(&path).unwrap()), "of the file itself");
    let all = workers.fingerprint(&path, &every_frame()).unwrap().video.unwrap();
    let some = print.video.unwrap();
    assert_eq!((all.frames.len(), some.frames.len()), (35, 4));
    for (at, frame) in some.frames.iter().enumerate() {
        assert_eq!(frame, &all.frames[at * 10], "the same frame, whichever others are hashed");
        assert_eq!(some.time_of(frame), at as f32);
    }
    assert!(all.frames.windows(2).all(|pair| pair[0].number + 1 == pair[1].number));
    // From memory, as a member of an archive comes.
    let bytes = fs::read(&path).unwrap();
    let again = workers.fingerprint_bytes(&bytes, &Wanted::default()).unwrap();
    assert_eq!(again.video.unwrap(), some);
}

#[test]
fn a_change_of_size_within_a_video_moves_no_frame() {
    let Some(workers) = workers() else { return };
    let ward = Ward::new();
    let part = |name, size| {
        let source = test_source("1", size);
        made(
            &ward,
            name,
            &[&strings(&source)[..], &["-c:v", "mpeg2video", "-r", "25", "-f", "mpeg"]].concat(),
        )
    };
    let parts = [part("a.mpg", "320x240"), part("b.mpg", "160x120")].map(|path| fs::read(path).unwrap());
    let path = ward.write("both.mpg", parts.concat());
    let print = workers.fingerprint(&path, &every_frame()).unwrap();
    let frames = print.video.expect("what is decoded is kept").frames;
    let alone =
        |bytes: &[u8]| workers.fingerprint_bytes(bytes, &every_frame()).unwrap().video.unwrap().frames;
    // The decoder may lose a frame at the seam.
    assert_eq!(frames[..24], alone(&parts[0])[..24]);
    assert!((48..=50).contains(&frames.len()), "{} frames, {:?}", frames.len(), print.gap);
}

#[test]
fn a_long_animation_goes_the_same_way() {
    let Some(workers) = workers() else { return };
    let ward = Ward::new();
    for (name, codec, forms) in [("a.gif", "gif", 66), ("a.png", "apng", 65)] {
        let source = test_source("8", "64x48");
        let path = made(&ward, name, &[&strings(&source)[..], &["-c:v", codec, "-f", codec]].concat());
        let print = workers.fingerprint(&path, &Wanted::default()).unwrap();
        assert_eq!((print.gap.clone(), print.forms.len()), (None, forms), "{name}");
        assert_eq!(print.video.unwrap().frames.len(), 8, "{name}");
        let without = Workers::start(WorkerOptions { ffmpeg: None, ..options() }).unwrap();
        let print = without.fingerprint(&path, &Wanted::default()).unwrap();
        assert_eq!((print.gap, print.video), (Some(Gap::MoreFrames), None), "{name}");
    }
}

#[test]
fn what_is_cut_or_wrong_is_a_gap_and_what_was_decoded_is_kept() {
    let Some(workers) = workers() else { return };
    let ward = Ward::new();
    let source = test_source("8", "320x240");
    let with =
        |name, more: &[&str]| fs::read(made(&ward, name, &[&strings(&source)[..], more].concat())).unwrap();
    let print = |bytes: &[u8]| workers.fingerprint_bytes(bytes, &Wanted::default()).unwrap();
    let frames = |print: &Fingerprint| print.video.as_ref().map_or(0, |video| video.frames.len());
    // With its directory at the end, and at the beginning.
    let (late, early) = (
        with("late.mp4", &["-c:v", "mpeg4"]),
        with("early.mp4", &["-c:v", "mpeg4", "-movflags", "+faststart"]),
    );
    assert_eq!((frames(&print(&late)), frames(&print(&early))), (8, 8));
    let cut = print(&late[..late.len() / 2]);
    assert_eq!((frames(&cut), cut.gap), (0, Some(Gap::Video("MPEG-4 video"))));
    assert_eq!(cut.digests, Digests::of(&late[..late.len() / 2]));
    let cut = print(&early[..early.len() / 2]);
    assert!((2..8).contains(&frames(&cut)), "{} frames", frames(&cut));
    assert_eq!(cut.gap, Some(Gap::Damaged("MPEG-4 video")));
    // One that says that it is a video, and is none.
    let none = [&late[..64], &[7; 4000][..]].concat();
    assert_eq!(print(&none).gap, Some(Gap::Video("MPEG-4 video")));
    // Plain frames.
    let plain = ["-f", "lavfi", "-i", "color=red:size=64x48:rate=10:duration=2", "-c:v", "mpeg4"];
    let plain = print(&fs::read(made(&ward, "plain.mp4", &plain)).unwrap());
    assert!(matches!(plain.gap, Some(Gap::LowQuality(0..50))) && frames(&plain) == 2, "{:?}", plain.gap);
    // Larger than allowed.
    let limits = Limits { max_pixels: 320 * 240 - 1, ..Limits::default() };
    let large = workers.fingerprint_bytes(&late, &Wanted { limits, ..Wanted::default() }).unwrap();
    let gap = Gap::TooLarge { name: "MPEG-4 video", unit: "pixels", found: 76_800, limit: 76_799 };
    assert_eq!((large.gap, large.video), (Some(gap), None));
}

/// The binary, with the search path of the tests, so that it finds ffmpeg.
fn run(ward: &Ward, arguments: &[&str]) -> Done {
    let mut command = ward.command();
    command.args(arguments).env("PATH", std::env::var_os("PATH").unwrap()).stdin(Stdio::null());
    Done::of(command.output().unwrap())
}

#[test]
fn a_video_is_found_in_a_list_of_its_frames() {
    if workers().is_none() {
        return;
    }
    let ward = Ward::new();
    let source = test_source("20", "320x240");
    let whole =
        made(&ward, "in/whole.mp4", &[&strings(&source)[..], &["-c:v", "mpeg4", "-q:v", "3"]].concat());
    let text = whole.to_str().unwrap();
    // From the sixth second on, smaller, in another form, and with as much that is not listed behind it.
    let part = ["-ss", "6", "-i", text, "-t", "8", "-vf", "scale=240:180", "-c:v", "mpeg2video", "-r", "25"];
    made(&ward, "in/part.mpg", &part);
    let from = [
        "-ss",
        "6",
        "-t",
        "8",
        "-i",
        text,
        "-f",
        "lavfi",
        "-i",
        "mandelbrot=size=240x180:rate=25:end_pts=200,trim=duration=8",
    ];
    let joined = "[0:v]scale=240:180,fps=25[a];[a][1:v]concat=n=2:v=1";
    made(
        &ward,
        "in/half.mkv",
        &[&from[..], &["-filter_complex", joined, "-c:v", "mpeg4", "-q:v", "3"]].concat(),
    );
    made(
        &ward,
        "in/other.mp4",
        &["-f", "lavfi", "-i", "mandelbrot=size=160x120:rate=10", "-t", "5", "-c:v", "mpeg4"],
    );
    // The picture of its fourth second.
    made(&ward, "still.png", &["-ss", "4", "-i", text, "-frames:v", "1"]);
    let list = run(&ward, &["hash", text, "--vpdq", "cpp", "--every", "0.5"]);
    assert_eq!((list.code, list.err.as_str(), list.out.lines().count()), (0, "", 40));
    ward.import("videos", &list.out, &["--as", "vpdq"]);
    let still = run(&ward, &["hash", "still.png", "--format", "json"]);
    let still = still.all::<serde_json::Value>("hash")[0]["pdq"].as_str().unwrap().to_owned();
    ward.import("stills", &still, &["--as", "plain:pdq"]);
    let found = |more: &[&str]| {
        let done = run(&ward, &[&["screen", "in", "--format", "json", "--no-tally"], more].concat());
        screened(&done)
    };
    let lines = found(&[]);
    let of_videos = |line: &ScreenLine| -> Vec<_> {
        line.matches.iter().filter(|found| found.set == "videos").cloned().collect()
    };
    let [all] = &of_videos(&lines["whole.mp4"])[..] else { panic!("{:?}", lines["whole.mp4"]) };
    assert_eq!((&*lines["whole.mp4"].outcome, &*all.signal, all.distance), ("near", "vpdq", 0));
    assert_eq!((all.query_percent, all.interval), (Some(100.0), Some([0.0, 19.0])));
    assert_eq!((all.entry.len(), all.form.as_deref(), all.frame), (16, None, None));
    let still = lines["whole.mp4"].matches.iter().find(|found| found.set == "stills").unwrap();
    assert_eq!((&*still.signal, still.frame, still.timestamp), ("pdq", Some(40), Some(4.0)));
    let [part] = &of_videos(&lines["part.mpg"])[..] else { panic!("{:?}", lines["part.mpg"]) };
    assert_eq!(part.entry, all.entry);
    assert!(part.query_percent >= Some(80.0) && part.index_percent < all.index_percent, "{part:?}");
    assert_eq!((of_videos(&lines["half.mkv"]), of_videos(&lines["other.mp4"])), (vec![], vec![]));
    assert_eq!(lines["other.mp4"].outcome, "unknown");
    let lines = found(&["--video-match", "40"]);
    let [half] = &of_videos(&lines["half.mkv"])[..] else { panic!("{:?}", lines["half.mkv"]) };
    assert!(half.query_percent < Some(80.0) && half.interval.unwrap()[1] < 9.0, "{half:?}");
    // A person decides on the video as a whole.
    ward.must(&["decide", "videos", &all.entry, "deconfirm", "--by", "ana"]);
    let line = &found(&[])["whole.mp4"];
    assert!(of_videos(line)[0].deconfirmed);
}

#[test]
fn a_file_of_frames_is_looked_up_as_videos() {
    let ward = Ward::new();
    let line = |number: u32, quality: u8, seed: &str| {
        format!("{number},{quality},{},{number}.000\n", digits(seed, 32))
    };
    let listed = [line(0, 100, "a"), line(1, 100, "b"), line(2, 40, "plain"), line(3, 90, "c")].concat();
    ward.import("videos", &listed, &["--as", "vpdq"]);
    // The half of it, another, one that is plain, and a line of nothing.
    let asked =
        [line(5, 100, "c"), line(6, 100, "a"), line(0, 100, "x"), line(0, 10, "a"), "nothing\n".into()]
            .concat();
    let file = ward.write("asked.txt", asked);
    let done = ward.run(&["match", "--vpdq", file.to_str().unwrap(), "--format", "json"]);
    assert_eq!(done.code, 5);
    assert!(done.err.contains(":5: "), "{}", done.err);
    let lines: Vec<MatchLine> = done.all("match");
    let outcomes: Vec<&str> = lines.iter().map(|line| &*line.outcome).collect();
    assert_eq!(outcomes, ["near", "unknown", "unchecked"]);
    assert!(lines[0].query.ends_with("asked.txt:1") && lines[2].query.ends_with("asked.txt:4"));
    let [found] = &lines[0].matches[..] else { panic!() };
    assert_eq!((&*found.signal, found.distance, found.max_distance), ("vpdq", 0, 31));
    assert_eq!((found.query_percent, found.index_percent), (Some(100.0), Some(66.67)));
    assert_eq!((found.interval, found.transform.as_deref()), (Some([5.0, 6.0]), None));
    assert!(lines[2].reason.as_deref().unwrap().contains("quality 10"));
    let strict = ["match", "--vpdq", file.to_str().unwrap(), "--format", "json", "--video-match", "80,67"];
    assert_eq!(ward.run(&strict).all::<MatchLine>("match")[0].outcome, "unknown");
    let text = ward.run(&["match", "--vpdq", file.to_str().unwrap()]).out;
    assert!(
        text.contains("100 % of the video and 66.67 % of the listed one are alike, from 5 to 6 s"),
        "{text}"
    );
    ward.run(&["match", "--vpdq", file.to_str().unwrap(), "--video-match", "81,101"]).refused(&["0 to 100"]);
}

#[test]
fn the_doctor_has_the_commands_decode_a_video() {
    if workers().is_none() {
        return;
    }
    let ward = Ward::new();
    let about = |done: Done| {
        let checks = done.all::<serde_json::Value>("check");
        let check = checks.into_iter().find(|check| check["check"] == "ffmpeg").unwrap();
        (check["state"].as_str().unwrap().to_owned(), check["found"].as_str().unwrap().to_owned())
    };
    let (state, found) = about(run(&ward, &["doctor", "--format", "json"]));
    assert_eq!(state, "ok", "{found}");
    // Programs that decode nothing.
    let Some(_) = stand_in(&ward, "64", "10/1", "2", "") else { return };
    ward.import("own", &digits("a", 16), &[]);
    let setting =
        ward.write("ward/innerward.toml", format!("ffmpeg = \"{}\"\n", ward.path("bin/ffmpeg").display()));
    fs::set_permissions(setting, fs::Permissions::from_mode(0o600)).unwrap();
    let (state, found) = about(ward.run(&["doctor", "--format", "json"]));
    assert_eq!(state, "fault");
    assert!(found.contains("does not decode") && found.contains("MPEG-4 video is damaged"), "{found}");
}

#[test]
fn without_its_command_a_video_is_matched_by_its_digests_and_says_so() {
    let ward = Ward::new();
    let bytes = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom rest";
    ward.import("own", &Digests::of(bytes).sha256.to_hex(), &["--as", "plain:sha256"]);
    ward.write("in/listed.mp4", bytes);
    ward.write("in/other.mp4", [&bytes[..], b"!"].concat());
    let done = ward.run(&["screen", "in", "--format", "json"]); // without a search path there is no command
    let lines = screened(&done);
    assert_eq!(
        lines["other.mp4"].reason.as_deref(),
        Some("video frames are not compared (MPEG-4 video); install ffmpeg (Debian: ffmpeg)")
    );
    assert_eq!((&*lines["listed.mp4"].outcome, &*lines["other.mp4"].outcome), ("known", "unchecked"));
    let done = ward.run(&["screen", "in", "--format", "json", "--in-process"]);
    assert_eq!(
        screened(&done)["other.mp4"].reason.as_deref(),
        Some("video frames are not compared (MPEG-4 video); ffmpeg is run in the jail alone")
    );
}

/// Where a stand-in is one for ffprobe, what it says: a video of 64 by 48 pixels, 10 frames a second.
const SAYS: &str = "{\\\"streams\\\":[{\\\"index\\\":0,\\\"width\\\":WIDTH,\\\"height\\\":48,\\\"avg_frame_rate\\\":\
                    \\\"RATE\\\",\\\"r_frame_rate\\\":\\\"RATE\\\",\\\"duration\\\":\\\"SECONDS\\\"}]}";

/// Two programs that stand in for ffprobe and ffmpeg: one says what a video it is, the other does `work`.
fn stand_in(ward: &Ward, width: &str, rate: &str, seconds: &str, work: &str) -> Option<Ffmpeg> {
    let says = SAYS.replace("WIDTH", width).replace("RATE", rate).replace("SECONDS", seconds);
    let main = |body: &str| {
        format!(
            "#define _GNU_SOURCE\n#include <stdio.h>\n#include <string.h>\n#include <unistd.h>\n#include <fcntl.h>\n\
             #include <errno.h>\n#include <pthread.h>\n#include <sys/socket.h>\n#include <sys/un.h>\n\
             static unsigned char frame[64 * 48 * 3];\n\
             static void fill(int n) {{ for (int i = 0; i < 64 * 48; i++) memset(frame + 3 * i,\n\
             (i % 64 / 8 * 37 + i / 64 / 6 * 53 + n * (i % 64 / 16) * (i / 640)) & 255, 3); }}\n\
             int main(void) {{ {body} return 0; }}\n"
        )
    };
    fs::create_dir_all(ward.path("bin")).unwrap();
    for (name, body) in [("ffprobe", format!("puts(\"{says}\");")), ("ffmpeg", work.to_owned())] {
        let made = program(ward, &main(&body))?;
        fs::rename(made, ward.path("bin").join(name)).unwrap();
    }
    Some(Ffmpeg::at(&ward.path("bin/ffmpeg")).unwrap())
}

const VIDEO: &[u8] = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom rest";
const FRAMES: &str = "for (int n = 0; n < 5; n++) { fill(n); write(1, frame, sizeof frame); }";

fn decoded_by(ffmpeg: Ffmpeg, max_seconds: u64) -> Fingerprint {
    let workers = Workers::start(WorkerOptions { ffmpeg: Some(ffmpeg), max_seconds, ..options() }).unwrap();
    workers.fingerprint_bytes(VIDEO, &Wanted::default()).unwrap()
}

#[test]
fn what_a_command_for_videos_writes_is_bounded_in_time_and_number() {
    if !can_confine() {
        return;
    }
    let ward = Ward::new();
    let damaged = || Some(Gap::Damaged("MPEG-4 video"));
    let killed = |why| Some(Gap::Killed(why));
    for (work, frames, gap) in [
        (FRAMES.to_owned(), 5, None),
        (format!("{FRAMES} write(1, frame, 100);"), 5, damaged()),
        (format!("{FRAMES} return 1;"), 5, damaged()),
        (format!("{FRAMES} fputs(\"secret words\", stderr);"), 5, damaged()),
        (format!("{FRAMES} *(volatile int *)0 = 1;"), 5, killed(Killed::Crash)),
        (format!("{FRAMES} pause();"), 5, killed(Killed::Time)),
        (format!("{FRAMES} for (;;) fputs(\"words\", stderr);"), 5, killed(Killed::Time)),
        (format!("{FRAMES} close(1); close(2); pause();"), 5, killed(Killed::Time)),
        (String::new(), 0, damaged()),
    ] {
        let Some(ffmpeg) = stand_in(&ward, "64", "10/1", "0.5", &work) else { return };
        let start = Instant::now();
        let print = decoded_by(ffmpeg, 3);
        assert!(start.elapsed() < Duration::from_secs(40), "{work}");
        let found = print.video.as_ref().map_or(0, |video| video.frames.len());
        assert_eq!((found, print.gap), (frames, gap), "{work}");
        assert_eq!(print.digests, Digests::of(VIDEO));
    }
    // A length that it is allowed to play for is no leave to be silent.
    let slow = format!("{FRAMES} pause();");
    let Some(ffmpeg) = stand_in(&ward, "64", "10/1", "36000", &slow) else { return };
    let start = Instant::now();
    assert_eq!(decoded_by(ffmpeg, 2).gap, killed(Killed::Time));
    assert!(start.elapsed() < Duration::from_secs(40));
    // Nor is a stream of frames that does not end.
    let endless = "fill(1); for (;;) { write(1, frame, sizeof frame); usleep(100000); }";
    let Some(ffmpeg) = stand_in(&ward, "64", "10/1", "0.5", endless) else { return };
    let print = decoded_by(ffmpeg, 3);
    assert_eq!(print.gap, killed(Killed::Time));
    assert!(!print.video.unwrap().frames.is_empty());
}

#[test]
fn a_video_of_impossible_sides_or_rates_takes_nothing() {
    if !can_confine() {
        return;
    }
    let ward = Ward::new();
    let of = |width: &str, rate: &str| {
        let ffmpeg = stand_in(&ward, width, rate, "36000000", FRAMES)?;
        Some((decoded_by(ffmpeg, 5).gap, ward.path("bin")))
    };
    let Some((gap, _)) = of("100000000", "10/1") else { return };
    assert!(matches!(gap, Some(Gap::TooLarge { unit: "pixels", found: 4_800_000_000, .. })), "{gap:?}");
    let nothing = Some(Gap::Video("MPEG-4 video"));
    for (width, rate) in [("64", "0/0"), ("0", "10/1"), ("-1", "10/1"), ("99999999999", "10/1"), ("64", "x")]
    {
        assert_eq!(of(width, rate).unwrap().0, nothing, "{width}, {rate}");
    }
    assert_eq!(of("4", "10/1").unwrap().0, Some(Gap::LowQuality(0)));
    // A rate that no video has: the frames that it leaves are hashed.
    assert_eq!(of("64", "4294967295/1").unwrap().0, None);
}

#[test]
fn a_command_for_videos_gets_no_further_than_it_may() {
    if !can_confine() {
        return;
    }
    let ward = Ward::new();
    let secret = ward.write("secret.txt", "secret");
    let video = ward.write("video.mp4", VIDEO);
    // Of what it must not do it writes a frame for each that it could, and of what it must be able to for each that it
    // could not.
    let work = format!(
        "int n = 0; fill(1);\n\
         struct sockaddr_un to = {{ AF_UNIX, \"/run/any\" }};\n\
         if (open(\"{}\", O_RDONLY) >= 0) n++;\n\
         if (open(\"{}\", O_CREAT | O_WRONLY, 0600) >= 0) n++;\n\
         if (open(\"/etc/passwd\", O_RDONLY) >= 0) n++;\n\
         if (open(\"{}\", O_RDONLY) >= 0) n++;\n\
         if (open(\"/proc/self/fd/3\", O_RDWR) >= 0) n++;\n\
         if (open(\"/dev/shm\", O_TMPFILE | O_RDWR, 0600) >= 0) n++;\n\
         int s = socket(AF_UNIX, SOCK_STREAM, 0); if (s >= 0 && connect(s, (void *)&to, sizeof to) == 0) n++;\n\
         if (s >= 0 || socket(AF_INET, SOCK_STREAM, 0) >= 0) n++;\n\
         if (fork() >= 0) n++;\n\
         execl(\"/bin/sh\", \"sh\", \"-c\", \"exit 0\", (char *)0);\n\
         char bytes[9] = {{0}}; int f = open(\"/proc/self/fd/3\", O_RDONLY);\n\
         if (f < 0 || lseek(f, 4, SEEK_SET) != 4 || read(f, bytes, 8) != 8 || strcmp(bytes, \"ftypmp42\")) n++;\n\
         for (n++; n > 0; n--) write(1, frame, sizeof frame);",
        secret.display(),
        ward.path("made.txt").display(),
        ward.path("in/other.mp4").display(),
    );
    ward.write("in/other.mp4", b"another");
    // As root, a rule is all that keeps a file from being written to, and the rule is for reading.
    let Some(ffmpeg) = stand_in(&ward, "64", "10/1", "1", &work) else { return };
    let workers = Workers::start(WorkerOptions { ffmpeg: Some(ffmpeg), ..options() }).unwrap();
    let frames = |print: Fingerprint| print.video.unwrap().frames.len();
    assert_eq!(
        frames(workers.fingerprint(&video, &Wanted::default()).unwrap()),
        1,
        "each more is something that it could"
    );
    assert!(!ward.path("made.txt").exists());
    assert_eq!(fs::read(&video).unwrap(), VIDEO);
}

#[test]
fn nothing_that_is_decoded_reaches_a_file() {
    let Some(workers) = workers() else { return };
    if !is_installed("strace") {
        eprintln!("skipped: strace is not installed");
        return;
    }
    drop(workers);
    let ward = Ward::new();
    let source = test_source("3", "320x240");
    let path = made(&ward, "a.mp4", &[&strings(&source)[..], &["-c:v", "mpeg4"]].concat());
    let mut command = Command::new("strace");
    command
        .args(["-f", "-e", "trace=%file,%network,%process,memfd_create,ftruncate", "-o"])
        .arg(ward.path("trace"));
    command.arg(env!("CARGO_BIN_EXE_innerward")).args(["hash", "--format", "json"]).arg(&path);
    let traced = command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).output().unwrap();
    let trace = fs::read_to_string(ward.path("trace")).unwrap_or_default();
    if trace.is_empty() {
        eprintln!("skipped: strace may not watch here: {}", String::from_utf8_lossy(&traced.stderr));
        return;
    }
    assert!(String::from_utf8(traced.stdout).unwrap().contains("\"vpdq\":[{"));
    let begun = trace.lines().filter_map(|line| line.split_once("execve(\"")?.1.split('"').next());
    let begun: Vec<&str> = begun.filter(|program| program.contains("/ff")).collect();
    assert_eq!(begun.len(), 2, "ffprobe and ffmpeg: {begun:?}");
    let done = |line: &&str| !line.contains(" = -1 ");
    let opened_to_write = |line: &&str| {
        line.contains("open") && ["O_WRONLY", "O_RDWR", "O_CREAT"].iter().any(|flag| line.contains(flag))
    };
    let written: Vec<&str> = trace.lines().filter(done).filter(opened_to_write).collect();
    let written: Vec<_> = written.into_iter().filter(|line| !line.contains("\"/dev/null\"")).collect();
    assert!(written.is_empty(), "{written:?}");
    let connected: Vec<&str> = trace.lines().filter(done).filter(|line| line.contains(" connect(")).collect();
    assert!(connected.is_empty(), "{connected:?}");
}

/// What a traced process did with files and the network, one call a line; `None` where nobody may trace.
fn traced(ward: &Ward, arguments: &[&str]) -> Option<String> {
    let trace = ward.path("trace");
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-e", "trace=%file,%network,memfd_create", "-o"]).arg(&trace);
    command.arg(env!("CARGO_BIN_EXE_innerward")).arg("--home").arg(ward.home()).args(arguments);
    let done = Done::of(command.current_dir(ward.path("")).output().unwrap());
    let trace = fs::read_to_string(trace).ok().filter(|trace| !trace.is_empty());
    assert!(trace.is_none() || [0, 1, 4, 5].contains(&done.code), "{}", done.err);
    trace
}

#[test]
fn what_is_unpacked_and_decoded_touches_no_disk_and_no_network() {
    if !is_installed("strace") || workers().is_none() {
        eprintln!("skipped: there is no strace, or no ffmpeg that can be confined");
        return;
    }
    let ward = Ward::new();
    ward.import("own", &digits("own", 16), &[]);
    fs::create_dir(ward.path("in")).unwrap();
    made(&ward, "in/clip.mp4", &strings(&test_source("2", "64x48")));
    for name in ["streamed.zip", "solid.7z", "outer.eml", "images.pdf"] {
        fs::copy(testdata().join("parts").join(name), ward.path("in").join(name)).unwrap();
    }
    let Some(trace) = traced(&ward, &["screen", "in", "--quiet", "--no-tally"]) else {
        eprintln!("skipped: strace may not watch here");
        return;
    };
    assert!(
        trace.contains("memfd_create(") && trace.contains("/ffmpeg\""),
        "all that is looked for was at work"
    );
    let home = ward.home().to_str().unwrap().to_owned();
    let changes = |call: &&str| {
        let writes = ["O_WRONLY", "O_RDWR", "O_CREAT"].iter().any(|flag| call.contains(flag));
        let makes = ["mkdir", "rename", "link", "symlink", "mknod", "creat("].iter();
        writes
            || makes
                .clone()
                .any(|name| call.split_once(' ').is_some_and(|(_, call)| call.trim().starts_with(name)))
    };
    let outside: Vec<&str> = trace
        .lines()
        .filter(changes)
        .filter(|call| !call.contains(&home) && !call.contains("\"/dev/null\"") && !call.contains(" = -1 "))
        .collect();
    assert_eq!(outside, [""; 0], "outside of the home");
    assert!(trace.lines().any(|call| changes(&call) && call.contains(&home)), "the home is written to");
    let network: Vec<&str> =
        trace.lines().filter(|call| call.contains("socket(") || call.contains("connect(")).collect();
    assert_eq!(network, [""; 0], "of the network");
}
