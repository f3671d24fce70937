use std::fs;
use std::path::Path;
use std::sync::Arc;

use axum::body::{Body, Bytes};

use super::super::testing::Ward;
use super::super::{Caller, Problem, ProblemCode, Scope, Settings, State};
use super::{Ask, Upload};
use crate::digest::{Digests, Fingerprint, Signal, Wanted};
use crate::media::{Gap, Kind};
use crate::screen::{Live, Outcome};
use crate::tally::Brought;
use crate::vocabulary::channel;

pub(super) fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.unwrap().block_on(work)
}

fn caller() -> Caller {
    Caller::new("test", Scope::ALL)
}

fn picture(name: &str) -> Bytes {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/pictures/originals").join(name);
    fs::read(path).unwrap().into()
}

/// A body that comes in pieces, as from a client.
fn in_pieces(bytes: &Bytes, piece: usize) -> Body {
    let (bytes, mut from) = (bytes.clone(), 0);
    let next = move || {
        let to = bytes.len().min(from + piece);
        let part = bytes.slice(from..to);
        from = to;
        (!part.is_empty()).then_some(part)
    };
    Body::new(Pieces(next))
}

struct Pieces<F>(F);

impl<F: FnMut() -> Option<Bytes> + Unpin> axum::body::HttpBody for Pieces<F> {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Ready((self.0)().map(|piece| Ok(hyper::body::Frame::data(piece))))
    }
}

fn set_up(lists: &[(&str, &str)], change: impl FnOnce(&mut Settings)) -> Ward {
    let mut settings = Settings { open: Scope::ALL.to_vec(), count: false, ..Settings::default() };
    change(&mut settings);
    Ward::set_up(lists, settings)
}

fn room_left(state: &State) -> (u64, u64) {
    (state.0.engine.memory.left(), state.0.engine.disk.left())
}

#[test]
fn an_upload_is_what_was_sent_however_it_comes_and_wherever_it_is_held() {
    let ward = set_up(&[], |_| ());
    let before = room_left(&ward.state);
    let coffee = picture("coffee.jpg");
    let long: Bytes = (0..3 << 20).map(|at: u32| ((at * 7) >> 3) as u8).collect::<Vec<u8>>().into();
    run(async {
        for (bytes, pieces) in [(&coffee, [1 << 20, 1000, 65_536]), (&long, [4 << 20, 9999, 65_536])] {
            for piece in pieces {
                let upload = Upload::receive(&ward.state, in_pieces(bytes, piece)).await.ok().unwrap();
                assert_ne!(room_left(&ward.state), before, "what is held is counted");
                let told = ward.state.fingerprint(&caller(), upload).await.unwrap();
                assert_eq!(told, Fingerprint::read_with(&bytes[..], &Wanted::default()).unwrap());
            }
        }
        let nothing = Upload::receive(&ward.state, Body::empty()).await.ok().unwrap();
        assert_eq!(ward.state.fingerprint(&caller(), nothing).await.unwrap().gap, Some(Gap::Empty));
    });
    assert_eq!(room_left(&ward.state), before, "and given back");
    let left: Vec<_> =
        fs::read_dir(ward.home.root()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with(".spool")), "{left:?}");
}

#[test]
fn uploads_that_are_too_long_or_find_no_room_are_refused_and_leave_room() {
    let ward = set_up(&[], |settings| {
        settings.max_upload_bytes = 3 << 20;
        settings.max_held_memory_bytes = 100_000;
        settings.max_held_disk_bytes = 4 << 20;
    });
    let before = room_left(&ward.state);
    let bytes = Bytes::from(vec![7; (3 << 20) + 1]);
    let receive = |body| Upload::receive(&ward.state, body);
    run(async {
        let code = |told: Result<Upload, Problem>| told.err().map(|problem| problem.code);
        assert_eq!(code(receive(Body::from(bytes.clone())).await), Some(ProblemCode::TooLarge));
        assert_eq!(code(receive(in_pieces(&bytes, 1 << 16)).await), Some(ProblemCode::TooLarge));
        assert_eq!(room_left(&ward.state), before);
        // Memory for one, then files for two, then nothing.
        let fine = bytes.slice(..90_000);
        let mut held = vec![receive(in_pieces(&fine, 7000)).await.ok().unwrap()];
        assert_eq!(room_left(&ward.state), (10_000, 4 << 20));
        for _ in 0..2 {
            held.push(receive(in_pieces(&bytes.slice(..2 << 20), 50_000)).await.ok().unwrap());
        }
        assert_eq!(room_left(&ward.state), (10_000, 0));
        let refused = receive(in_pieces(&fine, 7000)).await.err().unwrap();
        assert_eq!((refused.code, refused.retry_after), (ProblemCode::Unavailable, Some(1)));
        assert_eq!(room_left(&ward.state), (10_000, 0));
        held.truncate(2);
        assert!(receive(in_pieces(&fine, 7000)).await.is_ok());
        drop(held);
    });
    assert_eq!(room_left(&ward.state), before);
}

#[test]
fn a_follower_holds_long_uploads_in_memory_and_writes_nothing() {
    let ward = set_up(
        &[("DEMO", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n")],
        |_| (),
    );
    let live = Live::follow(&ward.home, None).unwrap();
    let state = State::new(ward.home.clone(), Settings::default(), live, None, None);
    let names = || fs::read_dir(ward.home.root()).unwrap().count();
    let before = names();
    assert_eq!(state.may_change().unwrap_err().code, ProblemCode::Unavailable);
    run(async {
        let bytes = Bytes::from(vec![7; 5 << 20]);
        let (memory, disk) = room_left(&state);
        let upload = Upload::receive(&state, in_pieces(&bytes, 1 << 16)).await.ok().unwrap();
        assert_eq!(room_left(&state), (memory - (5 << 20), disk));
        let told = state.screen(&caller(), upload, &Ask::default(), Brought::by(channel::SERVICE)).await;
        let told = told.ok().unwrap();
        assert_eq!(told.fingerprint.unwrap().digests, Digests::of(&bytes));
        assert_eq!(told.verdict.outcome, Outcome::Unknown);
        assert_eq!(room_left(&state), (memory, disk));
    });
    assert_eq!(names(), before);
    assert!(!ward.home.root().join("tally.lock").exists());
}

#[test]
fn a_follower_without_lists_sends_to_where_they_are_written() {
    let ward = set_up(&[], |_| ());
    let live = Live::follow(&ward.home, None).unwrap();
    let state = State::new(ward.home.clone(), Settings::default(), live, None, None);
    let refused = state.matcher().err().unwrap();
    assert_eq!(refused.code, ProblemCode::Unavailable);
    assert!(refused.detail.contains("where the home is written"), "{}", refused.detail);
}

/// Names of files in the home that an upload might have made.
fn on_disk_under_a_name(ward: &Ward) -> bool {
    let files = fs::read_dir(ward.home.root()).unwrap().map(|file| file.unwrap().file_name());
    files.into_iter().any(|name| name.to_string_lossy().starts_with(".spool"))
}

#[test]
fn a_long_upload_is_in_memory_up_to_a_bound_and_then_on_the_disk() {
    let (long, bound) = (Bytes::from(vec![7; 5 << 20]), 4 << 20);
    let ward = set_up(&[], |settings| settings.max_memory_upload_bytes = bound);
    let (memory, disk) = room_left(&ward.state);
    run(async {
        for (bytes, held) in [
            (long.slice(..bound as usize), (memory - bound, disk)),
            (long.slice(..bound as usize + 1), (memory, disk - bound - 1)),
            (long.clone(), (memory, disk - (5 << 20))),
        ] {
            // One that says how long it is, and one that does not.
            for body in [Body::from(bytes.clone()), in_pieces(&bytes, 1 << 16)] {
                let upload = Upload::receive(&ward.state, body).await.ok().unwrap();
                assert_eq!(room_left(&ward.state), held);
                let told = ward.state.fingerprint(&caller(), upload).await.unwrap();
                assert_eq!(told.digests, Digests::of(&bytes));
                assert_eq!(room_left(&ward.state), (memory, disk));
            }
        }
    });
    // Where the operator wants nothing on a disk, what is too long for the memory is refused.
    let ward = set_up(&[], |settings| {
        settings.max_memory_upload_bytes = bound;
        settings.max_held_disk_bytes = 0;
    });
    let refused = run(Upload::receive(&ward.state, in_pieces(&long, 1 << 16))).err().unwrap();
    assert_eq!(refused.code, ProblemCode::Unavailable);
    assert!(!on_disk_under_a_name(&ward));
}

#[test]
fn what_a_killed_service_left_is_swept_at_the_start() {
    let ward = set_up(&[], |_| ());
    fs::write(ward.home.root().join(format!(".spool.{}.1", std::process::id())), "left").unwrap();
    assert!(on_disk_under_a_name(&ward));
    let _again = Ward::on(&ward.home);
    assert!(!on_disk_under_a_name(&ward));
}

#[test]
fn all_bodies_share_one_bound_on_memory_until_they_are_answered() {
    let list = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n";
    let ward = set_up(&[("DEMO", list)], |settings| {
        settings.max_held_memory_bytes = 10_000;
        settings.max_held_disk_bytes = 0;
    });
    let before = room_left(&ward.state);
    let hashes = serde_json::json!({ "hashes": vec![list.trim(); 100] });
    assert!(hashes.to_string().len() < 10_000);
    let compact = || {
        let value = [7; 32];
        let mut body = [&b"IWHQ\x01\x03\x20\x00"[..], &100_u32.to_le_bytes(), &[0; 4]].concat();
        (0..100).for_each(|_| body.extend(value));
        body
    };
    let json = [("content-type", "application/json")];
    let ask = |path: &str, headers: &[(&str, &str)], body: Vec<u8>| {
        let answer = ward.ask(axum::http::Method::POST, path, headers, body);
        (answer.status.as_u16(), answer.headers.contains_key("retry-after"))
    };
    let all = || {
        [
            ask("/v1/match/hashes", &json, hashes.to_string().into()),
            ask("/v1/match/hashes", &[("content-type", "application/vnd.innerward.hashes")], compact()),
            ask("/v1/compare", &json, format!("{{\"a\":\"{}\",\"b\":\"x\"}}", "y".repeat(3500)).into()),
            ask("/m/compare", &json, format!("{{\"pdq\":[\"{}\",\"\"]}}", "y".repeat(3500)).into()),
            ask("/c/bank/DEMO/signal", &json, format!("{{\"pdq\":\"{}\"}}", "y".repeat(3500)).into()),
            ask("/v1/match", &[], vec![7; 3500]),
        ]
    };
    let with_room = all().map(|(status, _)| status);
    assert!(with_room.iter().all(|status| *status != 503), "{with_room:?}");
    assert_eq!(room_left(&ward.state), before, "given back");
    // Somebody else holds most of it.
    let upload = run(Upload::receive(&ward.state, in_pieces(&vec![7; 9000].into(), 1000))).ok().unwrap();
    assert_eq!(all(), [(503, true); 6]);
    drop(upload);
    assert_eq!(room_left(&ward.state), before);
}

#[test]
fn what_a_request_holds_is_given_back_when_it_is_answered_and_not_before() {
    let ward = set_up(&[], |settings| settings.max_held_memory_bytes = 1000);
    let holding = ward.state.0.engine.holding();
    assert!(holding.grow(600).is_ok() && holding.clone().grow(400).is_ok());
    assert_eq!(holding.grow(1).unwrap_err().code, ProblemCode::Unavailable);
    assert!(holding.expect(1).is_err() && room_left(&ward.state).0 == 0);
    drop(holding);
    assert_eq!(room_left(&ward.state).0, 1000);
}

#[test]
fn a_guard_that_cannot_write_fails_no_match_and_is_told() {
    let ward = set_up(
        &[("DEMO", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n")],
        |_| (),
    );
    fs::write(ward.home.root().join("innerward.toml"), "[flood]\nhits = 10\nwithin = \"31d\"\n").unwrap();
    let ward = Ward::on(&ward.home);
    let outcome = || {
        let told = ward.ask(axum::http::Method::POST, "/v1/match", &[], "test");
        assert_eq!(told.status.as_u16(), 200, "{}", told.text());
        told.json()["outcome"].as_str().unwrap().to_owned()
    };
    assert_eq!(outcome(), "known");
    // What counts are written to is gone.
    let broken = "ALTER TABLE hashset_flood RENAME TO elsewhere; CREATE TABLE hashset_flood (other)";
    ward.home.database("").unwrap().execute_batch(broken).unwrap();
    let outcomes: Vec<String> = (0..12).map(|_| outcome()).collect();
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "known").count(), 9, "{outcomes:?}");
    assert_eq!(outcomes[11], "quarantined");
    let start = std::time::Instant::now();
    while ward.state.0.live.guard_fault().is_none() {
        assert!(start.elapsed() < std::time::Duration::from_secs(5), "it is told");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let ready = ward.get("/readyz");
    assert!(ready.status.is_success() && ready.text().contains("flood guard"), "{}", ready.text());
    assert!(ward.get("/metrics").text().contains("innerward_flood_fault 1"));
    ward.settle();
    assert_eq!(outcome(), "quarantined", "whatever else is looked up anew");
}

#[test]
fn what_cannot_be_decoded_is_unchecked_with_its_reason() {
    let ward = set_up(
        &[("DEMO", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n")],
        |_| (),
    );
    let coffee = picture("coffee.jpg");
    let cut = coffee.slice(..coffee.len() / 50);
    let screen = |bytes: Bytes| {
        let state = &ward.state;
        run(async move {
            let upload = Upload::of(bytes);
            state
                .screen(&caller(), upload, &Ask::default(), Brought::by(channel::SERVICE))
                .await
                .ok()
                .unwrap()
        })
    };
    let told = screen(cut);
    assert_eq!(told.verdict.outcome, Outcome::Unchecked);
    assert!(told.fingerprint.unwrap().gap.is_some_and(|gap| gap != Gap::Empty));
    let text = screen(Bytes::from_static(b"test"));
    assert_eq!((text.verdict.outcome, text.fingerprint.unwrap().content.kind), (Outcome::Known, Kind::Text));
}

#[test]
fn many_are_answered_as_each_alone_and_a_far_bound_is_refused() {
    // All within a few bits of each other: more matches than a verdict lists.
    let base = blake3::hash(b"base").to_hex();
    let text = |at: u32| format!("pdq:{}{:08x}", &base[..56], 0x5ca1_ab1e ^ at);
    let signal = |at: u32| -> Signal { text(at).parse().unwrap() };
    let list: String = (0..300).map(|at| format!("{}\n", text(at * 3))).collect();
    let ward = set_up(&[("DEMO", &list)], |_| ());
    let signals: Vec<Signal> = (0..1000).map(signal).collect();
    let ask = |bits: u16| Ask { bounds: bits.to_string().parse().unwrap(), ..Ask::default() };
    run(async {
        for bits in [0, 3, 31, 64] {
            let many = ward.state.look_up(&caller(), signals.clone(), &ask(bits)).await.ok().unwrap();
            assert_eq!(many.len(), signals.len());
            for (signal, of_many) in signals.iter().zip(&many).step_by(97) {
                let alone = ward.state.look_up(&caller(), vec![*signal], &ask(bits)).await.ok().unwrap();
                assert!(&alone[0] == of_many, "within {bits}");
            }
            assert!(many.iter().filter(|verdict| !verdict.matches.is_empty()).count() >= 300);
        }
        // All answers together are bounded.
        let twice = [signals.clone(), signals.clone()].concat();
        let many = ward.state.look_up(&caller(), twice, &ask(31)).await.ok().unwrap();
        assert!(many.iter().all(|verdict| verdict.matches.len() == 50 && verdict.matches_cut));
        for bits in [65, 256] {
            let refused =
                ward.state.look_up(&caller(), signals[..1].to_vec(), &ask(bits)).await.err().unwrap();
            assert_eq!(refused.code, ProblemCode::Unprocessable);
            assert!(ward.state.asked(&ask(bits)).is_err());
        }
        assert!(ward.state.look_up(&caller(), Vec::new(), &Ask::default()).await.ok().unwrap().is_empty());
    });
}

#[test]
fn a_heavy_caller_and_light_ones_are_served_side_by_side() {
    let text = |at: u32| format!("pdq:{}", blake3::hash(&at.to_le_bytes()).to_hex());
    let signal = |at: u32| -> Signal { text(at).parse().unwrap() };
    let list: String = (0..20_000).map(|at| format!("{}\n", text(at))).collect();
    let ward = Arc::new(set_up(&[("DEMO", &list)], |_| ()));
    let far = Ask { bounds: "64".parse().unwrap(), ..Ask::default() };
    run(async {
        let heavy = {
            let (ward, signals) = (Arc::clone(&ward), (0..3000).map(signal).collect::<Vec<_>>());
            tokio::spawn(
                async move { ward.state.look_up(&caller(), signals, &far).await.ok().unwrap().len() },
            )
        };
        let mut light = 0;
        while !heavy.is_finished() {
            let told = ward.state.look_up(&caller(), vec![signal(light)], &Ask::default()).await;
            assert!(!told.ok().unwrap()[0].matches.is_empty());
            light = (light + 1) % 20_000;
            tokio::task::yield_now().await;
        }
        assert_eq!(heavy.await.unwrap(), 3000);
        assert!(light > 20, "{light} beside it");
    });
}
