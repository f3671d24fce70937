//! Digests of many files: order, bounds, and what goes wrong with single ones.

use std::fs;
use std::io::Write;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::digest::{Digests, Fingerprint, Wanted};
use crate::media::Gap;
use crate::screen::examine::fingerprint_of;

fn path(path: &Path) -> Source {
    Source::Path(path.to_owned(), fs::metadata(path).map_or(0, |about| about.len()))
}

/// Length and digests, or the cause.
fn told(digested: Result<Digested, ReadError>) -> Result<(u64, Digests), String> {
    let Hashed { bytes, digests } = digested.map_err(|error| error.to_string())?.hashed;
    Ok((bytes, digests))
}

#[test]
fn every_source_gives_its_own_digests_in_its_own_place() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mut sources = Vec::new();
    let mut expected = Vec::new();
    for number in 0..60_usize {
        let bytes = vec![number as u8; number * number * 211 % 900_000];
        let file = at(&number.to_string());
        fs::write(&file, &bytes).unwrap();
        sources.push(path(&file));
        expected.push(Ok((bytes.len() as u64, Digests::of(&bytes))));
    }
    let fifo = at("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let _socket = UnixListener::bind(at("socket")).unwrap();
    for (place, source, cause) in [
        (0, path(&at("missing")), "No such file or directory"),
        (20, path(folder.path()), "Is a directory"),
        (21, path(&fifo), "it is no regular file any more"),
        (22, path(&at("socket")), "No such device or address"),
        (40, Source::Pipe(at("missing"), 9), "No such file or directory"),
    ] {
        sources.insert(place, source);
        expected.insert(place, Err(cause.to_owned()));
    }
    let agree = |found: Vec<Result<(u64, Digests), String>>| {
        assert_eq!(found.len(), expected.len());
        for (number, (found, expected)) in found.iter().zip(&expected).enumerate() {
            match (found, expected) {
                (Err(found), Err(expected)) => assert!(found.contains(&**expected), "{found}"),
                _ => assert_eq!(found, expected, "source {number}"),
            }
        }
    };
    agree(each_digested(None, sources.clone(), |_, digested| told(digested)));
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        agree(pool.install(|| each_digested(None, sources.clone(), |_, digested| told(digested))));
    }
}

#[test]
fn a_long_file_has_the_same_digests_on_any_number_of_threads() {
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(LONG + 100).unwrap();
    file.as_file().write_all(b"begins with this").unwrap();
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| each_digested(None, vec![path(file.path())], |_, digested| told(digested))).remove(0)
    };
    let expected = Digests::of(&fs::read(file.path()).unwrap());
    assert_eq!(with(1), Ok((LONG + 100, expected)));
    assert_eq!(with(4), with(1));
}

#[test]
fn a_pipe_is_read_once_and_within_its_bound() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    for (most, good) in [(70_000, true), (69_999, false)] {
        let writer = thread::spawn({
            let fifo = fifo.clone();
            // Whoever reads too little closes the pipe.
            move || drop(File::options().write(true).open(fifo).unwrap().write_all(&[7; 70_000]))
        });
        let found = each_digested(None, vec![Source::Pipe(fifo.clone(), most)], |_, digested| told(digested));
        assert_eq!(found[0] == Ok((70_000, Digests::of(&[7; 70_000]))), good, "{found:?}");
        writer.join().unwrap();
    }
}

#[test]
fn no_more_files_are_open_than_there_are_places() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, b"bytes").unwrap();
    let sources = vec![path(&file); 3 * MOST_OPEN];
    let open = || {
        let files = fs::read_dir("/proc/self/fd").unwrap();
        files.filter(|entry| fs::read_link(entry.as_ref().unwrap().path()).is_ok_and(|to| to == file)).count()
    };
    let most = AtomicUsize::new(0);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let found = pool.install(|| {
        each_digested(None, sources, |number, digested| {
            if number % 16 == 0 {
                most.fetch_max(open(), Ordering::Relaxed);
            }
            told(digested)
        })
    });
    assert!(found.iter().all(|found| *found == Ok((5, Digests::of(b"bytes")))));
    let most = most.into_inner();
    assert!((1..=MOST_OPEN).contains(&most), "{most} were open");
}

#[test]
fn reads_that_hang_cost_their_files_and_nothing_else() {
    // Threads that hang have more files in hand together than may be open, and give none of them back.
    const HANGING: usize = 6;
    const IN_HAND: usize = MOST_OPEN / HANGING;
    const FILES: usize = HANGING * IN_HAND + 90;
    let folder = tempfile::tempdir().unwrap();
    let jobs: VecDeque<Job> = (0..FILES)
        .map(|number| {
            let file = folder.path().join(number.to_string());
            fs::write(&file, [number as u8; 100]).unwrap();
            Job { number, source: path(&file) }
        })
        .collect();
    let mut supervisor = Supervisor::start(Vec::new(), PATIENCE, false);
    supervisor.left = jobs.len();
    lock(&supervisor.shared.queue).waiting = jobs;
    let (wake, sleep) = channel::<()>();
    let sleep = Arc::new(Mutex::new(sleep));
    let hang = |_| {
        let jobs: Vec<(Job, Place)> =
            (0..IN_HAND).map(|_| supervisor.shared.take(false).expect("there is room")).collect();
        // It does not come back from its second.
        let hung = jobs[1].0.number;
        let desk = Desk { jobs, reading: Some((hung, Instant::now())), abandoned: false };
        let (desk, sleep) = (Arc::new(Mutex::new(desk)), Arc::clone(&sleep));
        let asleep = thread::spawn(move || {
            let _ = lock(&sleep).recv();
        });
        (hung, desk, asleep)
    };
    let hanging: Vec<_> = (0..HANGING).map(hang).collect();
    let desk = Arc::clone(&hanging[0].1);
    let hung: Vec<usize> = hanging.iter().map(|(hung, ..)| *hung).collect();
    supervisor.threads.extend(hanging.into_iter().map(|(_, desk, asleep)| (desk, asleep)));
    let mut found = [const { None }; FILES];
    supervisor.run(|number, digested| assert!(found[number].replace(told(digested)).is_none()));
    for (number, found) in found.into_iter().enumerate() {
        let expected = match number {
            _ if hung.contains(&number) => Err(TOO_LONG.to_owned()),
            _ => Ok((100, Digests::of(&[number as u8; 100]))),
        };
        assert_eq!(found, Some(expected));
    }
    let (send, receive) = channel();
    assert!(!answer(&desk, &send, 1, Err(io::Error::other("late"))), "it learns that nobody waits");
    assert!(receive.try_recv().is_err());
    drop(wake);
}

#[test]
fn a_thread_that_was_left_behind_takes_no_more_files() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let supervisor = Supervisor::start(Vec::new(), PATIENCE, false);
    lock(&supervisor.shared.queue).waiting.push_back(Job { number: 0, source: path(file.path()) });
    let (send, receive) = channel();
    let desk = |abandoned| Arc::new(Mutex::new(Desk { abandoned, ..Desk::default() }));
    work(&supervisor.shared, &desk(true), &send, 1, false, PATIENCE);
    assert_eq!(lock(&supervisor.shared.queue).waiting.len(), 1);
    work(&supervisor.shared, &desk(false), &send, 1, false, PATIENCE);
    assert_eq!(receive.try_recv().unwrap().0, 0, "another thread does");
}

#[test]
fn a_file_that_takes_longer_than_it_may_is_given_up() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), vec![7; 1000]).unwrap();
    let mut found = Vec::new();
    let jobs = vec![Job { number: 0, source: path(file.path()) }];
    Supervisor::start(jobs, Duration::ZERO, false).run(|_, digested| found.push(told(digested)));
    assert_eq!(found, [Err(TOO_LONG.to_owned())]);
}

#[test]
fn digests_and_pixels_are_those_of_the_same_bytes() {
    let picture = |side: usize| {
        let samples = (0..side * side).map(|at| ((at / side / 5 * 83) ^ (at % side / 7 * 41)) as u8);
        [format!("P5\n{side} {side}\n255\n").into_bytes(), samples.collect()].concat()
    };
    let (old, new) = (picture(90), picture(64));
    let file = tempfile::NamedTempFile::new().unwrap();
    let read = || digested(Arc::new(File::open(file.path()).unwrap())).unwrap();
    let whole = |bytes: &[u8]| Fingerprint::read_with(bytes, &Wanted::default()).unwrap();
    fs::write(file.path(), &old).unwrap();
    assert_eq!(fingerprint_of(None, &mut read(), &Wanted::default()).unwrap(), whole(&old));

    // Written over, and cut, after its digests were made.
    let mut before = read();
    fs::write(file.path(), &new).unwrap();
    assert_eq!(fingerprint_of(None, &mut before, &Wanted::default()).unwrap(), whole(&new));
    let mut before = read();
    File::options().write(true).open(file.path()).unwrap().set_len(500).unwrap();
    assert_eq!(fingerprint_of(None, &mut before, &Wanted::default()).unwrap(), whole(&new[..500]));

    // Another file under its name: the open one is what both are made of.
    fs::write(file.path(), &old).unwrap();
    let mut before = read();
    let other = tempfile::NamedTempFile::new_in(file.path().parent().unwrap()).unwrap();
    fs::write(other.path(), &new).unwrap();
    fs::rename(other.path(), file.path()).unwrap();
    assert_eq!(fingerprint_of(None, &mut before, &Wanted::default()).unwrap(), whole(&old));
}

#[test]
fn a_picture_that_goes_on_changing_says_so() {
    let bytes = [&b"P5\n64 64\n255\n"[..], &[9; 64 * 64]].concat();
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), &bytes).unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    let gap = thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                fs::OpenOptions::new().write(true).open(file.path()).unwrap().write_all(&bytes).unwrap();
            }
        });
        // Times have the grain of the kernel's clock, so now and then two reads fall into the same moment.
        let gaps = (0..2000).map(|_| {
            let mut read = digested(Arc::new(File::open(file.path()).unwrap())).unwrap();
            fingerprint_of(None, &mut read, &Wanted::default()).unwrap().gap
        });
        let gap = gaps.flatten().find(|gap| matches!(gap, Gap::Unreadable(_)));
        stop.store(true, Ordering::Relaxed);
        gap
    });
    assert_eq!(gap, Some(Gap::Unreadable("it changes while it is read".into())));
}
