//! Requests that go on while something happens, and what became of them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::http::{Answer, Client, Request};

/// Whether an answer to the request of this number in the round is right.
pub(super) type Judge = dyn Fn(usize, &Answer) -> bool + Send + Sync;

/// Threads that ask the same round of requests again and again, each on a connection that is kept.
pub(super) struct Load {
    stop: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
    threads: Vec<JoinHandle<Report>>,
}

/// What became of a load.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// When each request was asked, since the load began, and how long its answer took.
    pub(super) took: Vec<(Duration, Duration)>,
    /// What went wrong; the first few.
    pub(super) faults: Vec<String>,
}

impl Load {
    /// `threads` that ask `round`, with `pause` between two requests of a thread.
    pub(super) fn start(
        address: SocketAddr,
        threads: usize,
        pause: Duration,
        round: Vec<Request>,
        judge: impl Fn(usize, &Answer) -> bool + Send + Sync + 'static,
    ) -> Self {
        let (stop, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (round, judge): (Arc<Vec<Request>>, Arc<Judge>) = (Arc::new(round), Arc::new(judge));
        let one = |_| {
            let (stop, asked) = (stop.clone(), asked.clone());
            let (round, judge) = (round.clone(), judge.clone());
            std::thread::spawn(move || ask_on(address, pause, &round, &*judge, &stop, &asked))
        };
        let threads = (0..threads).map(one).collect();
        Self { stop, asked, threads }
    }

    /// Waits until it has asked so many times more, or has given up.
    pub(super) fn asks(&self, more: usize) {
        let enough = self.asked.load(Ordering::Relaxed) + more;
        while self.asked.load(Ordering::Relaxed) < enough && !self.threads.iter().all(JoinHandle::is_finished)
        {
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    pub(super) fn end(self) -> Report {
        // What happened may have been over before there was a load to speak of.
        self.asks(20usize.saturating_sub(self.asked.load(Ordering::Relaxed)));
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Report::default();
        for thread in self.threads {
            let report = thread.join().unwrap();
            all.took.extend(report.took);
            all.faults.extend(report.faults);
        }
        all.took.sort_unstable();
        all
    }
}

fn ask_on(
    address: SocketAddr,
    pause: Duration,
    round: &[Request],
    judge: &Judge,
    stop: &AtomicBool,
    asked: &AtomicUsize,
) -> Report {
    let (began, mut report) = (Instant::now(), Report::default());
    let mut client = None;
    for (number, request) in round.iter().enumerate().cycle() {
        if stop.load(Ordering::Relaxed) || report.faults.len() > 5 {
            break;
        }
        let at = Instant::now();
        let answer = match &mut client {
            Some(client) => Client::send(client, request),
            None => Client::to(address).and_then(|new| client.insert(new).send(request)),
        };
        report.took.push((at - began, at.elapsed()));
        asked.fetch_add(1, Ordering::Relaxed);
        match answer {
            Ok(answer) if judge(number, &answer) => {}
            Ok(answer) => report.faults.push(format!("{}: {}{}", request.target, answer.head, answer.text())),
            Err(error) => {
                report.faults.push(format!("{}: {error}", request.target));
                client = None;
            }
        }
        std::thread::sleep(pause);
    }
    report
}

impl Report {
    /// How long the slowest took.
    pub(super) fn slowest(&self) -> Duration {
        self.took.iter().map(|(_, took)| *took).max().unwrap_or_default()
    }

    /// Asserts that there was a load, that nothing of it failed, and that nothing took longer than `bound`.
    #[track_caller]
    pub(super) fn all_well(&self, bound: Duration) {
        assert!(self.took.len() > 10, "hardly a load: {} requests", self.took.len());
        assert_eq!(self.faults, [""; 0], "of {} requests", self.took.len());
        assert!(self.slowest() <= bound, "{:?} of {} requests", self.slowest(), self.took.len());
    }
}

/// The duration that `share` of them do not exceed.
pub(super) fn quantile(took: &mut [Duration], share: f64) -> Duration {
    took.sort_unstable();
    let at = (took.len() as f64 * share) as usize;
    took.get(at.min(took.len().saturating_sub(1))).copied().unwrap_or_default()
}
