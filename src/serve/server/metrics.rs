//! What is measured, for the scope `metrics`, as Prometheus reads it. No hash, no entry, no file, no note, no token, no client:
//! routes by their patterns, sets by their names, and outcomes only in hundreds.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::connections::Connections;
use crate::digest::Fingerprint;
use crate::media::{Gap, Killed};
use crate::screen::{Live, Matcher, Outcome};
use crate::serve::State;

/// Outcomes are told in multiples of this, rounded down: a counter that moves by one would tell, of an upload that somebody else
/// watches, what became of it.
pub(super) const COARSE: u64 = 100;

/// Seconds: from a digest's look-up to an upload that a worker decodes.
const BUCKETS: [f64; 13] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CauseLabel {
    cause: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SetLabel {
    set: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabel {
    state: &'static str,
}

/// Counters of a service.
pub(in crate::serve) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    seconds: Family<Route, Histogram, fn() -> Histogram>,
    lookups: Counter,
    uploads: Counter,
    upload_bytes: Counter,
    deaths: Family<CauseLabel, Counter>,
    panics: Counter,
    #[cfg(feature = "otel")]
    lost_spans: Counter,
    /// Requests of all routes together.
    answered: AtomicU64,
    started: Instant,
    outcomes: [AtomicU64; Outcome::ALL.len()],
    /// Milliseconds that the oldest item waits for being counted; [`NOBODY_COUNTS`] unless somebody has said.
    counting_lag: AtomicU64,
}

/// What was asked of a service.
pub(in crate::serve) struct SoFar {
    /// For how long it has run.
    pub(in crate::serve) since: Duration,
    /// Requests answered.
    pub(in crate::serve) requests: u64,
    /// Hashes looked up.
    pub(in crate::serve) lookups: u64,
    /// Items taken in and hashed.
    pub(in crate::serve) uploads: u64,
}

const NOBODY_COUNTS: u64 = u64::MAX;

impl Default for Metrics {
    fn default() -> Self {
        let histogram: fn() -> Histogram = || Histogram::new(BUCKETS);
        let new = Self {
            registry: Registry::with_prefix("innerward"),
            requests: Family::default(),
            seconds: Family::new_with_constructor(histogram),
            lookups: Counter::default(),
            uploads: Counter::default(),
            upload_bytes: Counter::default(),
            deaths: Family::default(),
            panics: Counter::default(),
            #[cfg(feature = "otel")]
            lost_spans: Counter::default(),
            answered: AtomicU64::new(0),
            started: Instant::now(),
            outcomes: Default::default(),
            counting_lag: AtomicU64::new(NOBODY_COUNTS),
        };
        new.registered()
    }
}

impl Metrics {
    fn registered(mut self) -> Self {
        let all = &mut self.registry;
        all.register("requests", "Requests answered, by the pattern of the path", self.requests.clone());
        all.register_with_unit(
            "request_duration",
            "From the head of a request to that of its answer",
            Unit::Seconds,
            self.seconds.clone(),
        );
        all.register("lookups", "Hashes looked up, one by one or many at once", self.lookups.clone());
        all.register("uploads", "Items taken in and hashed", self.uploads.clone());
        all.register("upload_bytes", "Bytes of these items", self.upload_bytes.clone());
        all.register("jail_deaths", "Confined processes that died over an item", self.deaths.clone());
        // From the beginning: of a number that is not there at first nobody sees that it has grown.
        for cause in ["memory", "time", "crash"] {
            drop(self.deaths.get_or_create(&CauseLabel { cause }));
        }
        all.register("panics", "Requests that met a fault of the program", self.panics.clone());
        #[cfg(feature = "otel")]
        all.register("lost_spans", "Spans that no collector took", self.lost_spans.clone());
        self
    }

    /// Spans that no collector took.
    #[cfg(feature = "otel")]
    pub(in crate::serve) fn lost_spans(&self) -> Counter {
        self.lost_spans.clone()
    }

    /// A request was answered.
    pub(super) fn answered(&self, route: &str, status: u16, took: Duration) {
        let status = match status / 100 {
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            5 => "5xx",
            _ => "1xx",
        };
        self.answered.fetch_add(1, Ordering::Relaxed);
        self.requests.get_or_create(&Answered { route: route.to_owned(), status }).inc();
        self.seconds.get_or_create(&Route { route: route.to_owned() }).observe(took.as_secs_f64());
    }

    pub(super) fn panicked(&self) {
        self.panics.inc();
    }

    /// So many hashes were looked up, with these outcomes.
    pub(in crate::serve) fn looked_up(&self, outcomes: impl IntoIterator<Item = Outcome>) {
        let mut number = 0;
        for outcome in outcomes {
            number += 1;
            self.outcome(outcome);
        }
        self.lookups.inc_by(number);
    }

    /// An item was hashed, and matched unless only its hashes were asked for.
    pub(in crate::serve) fn uploaded(&self, fingerprint: &Fingerprint, outcome: Option<Outcome>) {
        self.uploads.inc();
        self.upload_bytes.inc_by(fingerprint.bytes);
        if let Some(Gap::Killed(how)) = fingerprint.gap {
            let cause = match how {
                Killed::Memory => "memory",
                Killed::Time => "time",
                _ => "crash",
            };
            self.deaths.get_or_create(&CauseLabel { cause }).inc();
        }
        outcome.into_iter().for_each(|outcome| self.outcome(outcome));
    }

    /// The oldest item that is not counted yet waits for so long.
    pub(in crate::serve) fn counting_lags(&self, by: Duration) {
        self.counting_lag.store(by.as_millis() as u64, Ordering::Relaxed);
    }

    /// What was asked of the service since it started.
    pub(in crate::serve) fn so_far(&self) -> SoFar {
        SoFar {
            since: self.started.elapsed(),
            requests: self.answered.load(Ordering::Relaxed),
            lookups: self.lookups.get(),
            uploads: self.uploads.get(),
        }
    }

    fn outcome(&self, outcome: Outcome) {
        let at = Outcome::ALL.iter().position(|one| *one == outcome);
        if let Some(at) = at {
            self.outcomes[at].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// All of it as text, with what the lists, the connections and the counting of `state` are like just now.
    pub(super) fn text(&self, state: &State) -> String {
        let (live, connections) = (&state.0.live, &state.0.connections);
        let mut text = String::new();
        let mut now = Registry::with_prefix("innerward");
        self.outcomes_into(&mut now);
        lists_into(&mut now, live);
        connections_into(&mut now, connections);
        counting_into(&mut now, state);
        let lag = self.counting_lag.load(Ordering::Relaxed);
        if lag != NOBODY_COUNTS {
            let waits = Gauge::<f64, AtomicU64>::default();
            waits.set(lag as f64 / 1000.0);
            now.register_with_unit("counting_lag", "How long items wait for the tally", Unit::Seconds, waits);
        }
        // Writing to a string cannot fail.
        let _ = encode_registry(&mut text, &self.registry);
        let _ = encode_registry(&mut text, &now);
        let _ = encode_eof(&mut text);
        text
    }

    fn outcomes_into(&self, now: &mut Registry) {
        let family = Family::<OutcomeLabel, Counter>::default();
        for (at, outcome) in Outcome::ALL.iter().enumerate() {
            let number = self.outcomes[at].load(Ordering::Relaxed);
            let label = OutcomeLabel { outcome: outcome.as_str() };
            family.get_or_create(&label).inc_by(number - number % COARSE);
        }
        now.register("outcomes", "What was said of hashes and items, rounded down to hundreds", family);
    }
}

fn lists_into(now: &mut Registry, live: &Live) {
    let health = live.health();
    let (fault, age) = (Gauge::<i64>::default(), Gauge::<f64, AtomicU64>::default());
    fault.set(i64::from(health.fault.is_some()));
    age.set(health.age.as_secs_f64());
    now.register("lists_fault", "1 if something newer is there and cannot be opened", fault);
    now.register_with_unit("lists_age", "Since when the lists are known to be current", Unit::Seconds, age);
    if let Some(generation) = health.generation {
        let gauge = Gauge::<i64>::default();
        gauge.set(generation as i64);
        now.register("lists_generation", "Number of the manifest that is searched", gauge);
    }
    if let Some(matcher) = live.current() {
        now.register("set_entries", "Entries of a set that are searched", entries(&matcher));
    }
}

fn counting_into(now: &mut Registry, state: &State) {
    let (counting, flood) = (Gauge::<i64>::default(), Gauge::<i64>::default());
    counting.set(i64::from(state.counting_fault().is_some()));
    flood.set(i64::from(state.0.live.guard_fault().is_some()));
    now.register("counting_fault", "1 if what is screened cannot be counted, and is refused", counting);
    now.register("flood_fault", "1 if what the flood guard counted cannot be written down", flood);
    let failures = Counter::<u64>::default();
    failures.inc_by(state.counting_failures());
    now.register("counting_failures", "Faults of the program while items were counted", failures);
}

fn entries(matcher: &Matcher) -> Family<SetLabel, Gauge> {
    let family = Family::<SetLabel, Gauge>::default();
    for set in matcher.sets() {
        let label = SetLabel { set: set.name.to_string() };
        family.get_or_create(&label).set(matcher.searched_entries(set) as i64);
    }
    family
}

fn connections_into(now: &mut Registry, connections: &Connections) {
    let (open, busy) = connections.count();
    let family = Family::<StateLabel, Gauge>::default();
    for (state, number) in [("busy", busy), ("idle", open - busy)] {
        family.get_or_create(&StateLabel { state }).set(number as i64);
    }
    now.register("connections", "Open connections", family);
    let names = [
        ("accepted_connections", "Connections so far"),
        ("evicted_connections", "Idle ones that made room for others"),
        ("tls_failures", "Connections that came to no TLS"),
    ];
    for ((name, help), number) in names.into_iter().zip(connections.totals()) {
        let counter = Counter::<u64>::default();
        counter.inc_by(number);
        now.register(name, help, counter);
    }
}
