//! The tokens as a running service goes by them: looked up in memory, and followed as the file changes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::os::unix::fs::MetadataExt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::quota::{Busy, Meter};
use super::rate::Bucket;
use super::secret::Print;
use super::{ClientCertificate, Grant, Rate, Scope, Secret, Token, TokenName, Tokens, Used};
use crate::home::{Clock, Home};

/// How often the file is looked at.
const LOOK: Duration = Duration::from_millis(200);
/// How often the quotas are written down.
const WRITE: Duration = Duration::from_secs(2);
/// Wrong tokens that are answered as such; what comes beyond is told to come later. It counts no addresses.
const GUESSES: Rate = Rate { per_second: 10, burst: 100 };

/// Who holds a token, or a certificate that stands for one, or nothing where the service is open.
#[derive(Debug)]
pub(in crate::serve) struct Holder {
    name: String,
    grant: Grant,
    meter: Arc<Meter>,
}

impl Holder {
    /// One without limits.
    pub(in crate::serve) fn unlimited(name: String, scopes: impl IntoIterator<Item = Scope>) -> Self {
        let grant = Grant { scopes: scopes.into_iter().collect(), ..Grant::default() };
        Self { name, grant, meter: Arc::new(Meter::new(None)) }
    }

    pub(in crate::serve) fn name(&self) -> &str {
        &self.name
    }

    pub(in crate::serve) fn grant(&self) -> &Grant {
        &self.grant
    }

    /// Lets a request in, until what is returned is dropped.
    pub(in crate::serve) fn enter(&self) -> Result<Running, Busy> {
        self.meter.enter(self.grant.rate, self.grant.concurrency)?;
        Ok(Running(Arc::clone(&self.meter)))
    }

    /// Takes so many look-ups from the quota of the day, all or none.
    pub(in crate::serve) fn charge(&self, lookups: u64) -> Result<(), Busy> {
        self.meter.charge(&self.grant, lookups)
    }
}

/// A request that runs.
#[derive(Debug)]
#[must_use = "the request counts as running only while this lives"]
pub(in crate::serve) struct Running(Arc<Meter>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.leave();
    }
}

/// Why nobody is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serve) enum Refusal {
    /// Nothing was sent that is valid. It is never told what is wrong with it.
    Unknown,
    /// So many wrong tokens were sent that the answer waits; seconds.
    TooManyGuesses(u64),
}

/// Who may ask, by what they send.
pub(in crate::serve) struct Identity(Arc<Shared>);

struct Shared {
    home: Home,
    pretended: Option<Clock>,
    /// What everybody may do.
    open: BTreeSet<Scope>,
    anybody: Arc<Holder>,
    table: RwLock<Table>,
    reading: Mutex<Reading>,
    /// Whoever writes quotas down holds it: the last to do so waits for what another has begun.
    writing: Mutex<()>,
    guesses: Mutex<Bucket>,
    start: Instant,
}

/// The tokens that work, for looking up.
#[derive(Default)]
struct Table {
    secrets: HashMap<[u8; 16], (Print, Valid)>,
    certificates: HashMap<ClientCertificate, Valid>,
}

#[derive(Clone)]
struct Valid {
    /// From when on it is not.
    until: Timestamp,
    holder: Arc<Holder>,
}

/// What was read, and what is wrong with it.
#[derive(Default)]
struct Reading {
    /// The file that was read last; `None` before the first.
    seen: Option<Option<Stamp>>,
    meters: BTreeMap<TokenName, Arc<Meter>>,
    tokens_fault: Option<String>,
    quota_fault: Option<String>,
}

/// What tells one state of a file from another: every change makes a new file.
type Stamp = (u64, u64, i64, i64, i64, i64);

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is in it is replaced as a whole, so that it is whole also where somebody panicked.
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Identity {
    /// Reads the tokens of `home` and follows them from now on. Everybody may do what `open` says. Without a file there is
    /// no token; a damaged one is told by [`Identity::faults`], and nobody is let in by a token that cannot be read.
    pub(in crate::serve) fn open(home: &Home, open: &[Scope], pretended: Option<Clock>) -> Self {
        let open: BTreeSet<Scope> = open.iter().copied().collect();
        let shared = Arc::new(Shared {
            home: home.clone(),
            pretended,
            anybody: Arc::new(Holder::unlimited("anybody".into(), open.iter().copied())),
            open,
            table: RwLock::default(),
            reading: Mutex::default(),
            writing: Mutex::default(),
            guesses: Mutex::default(),
            start: Instant::now(),
        });
        shared.refresh();
        shared.keep_quotas();
        // Each has a thread of its own: a disk on which a quota is slow to write keeps no revocation from being seen.
        let every = |name: &str, pause: Duration, work: fn(&Shared)| {
            let watched = Arc::downgrade(&shared);
            thread::Builder::new().name(name.into()).spawn(move || repeat(&watched, pause, work))
        };
        let following = every("identity", LOOK, |shared| {
            shared.refresh();
        });
        let writing = every("quota", WRITE, Shared::keep_quotas);
        if writing.is_err() {
            held(&shared.reading).quota_fault =
                Some("no thread can be started to write the quotas down".into());
        }
        if following.is_err() {
            // Tokens that were revoked would go on: better none than that.
            *shared.table.write().unwrap_or_else(PoisonError::into_inner) = Table::default();
            held(&shared.reading).tokens_fault = Some("no thread can be started to follow the tokens".into());
        }
        Self(shared)
    }

    /// Whoever needs no token, if everybody may do something.
    pub(in crate::serve) fn anybody(&self) -> Option<Arc<Holder>> {
        (!self.0.open.is_empty()).then(|| Arc::clone(&self.0.anybody))
    }

    /// Whoever holds the token `text`.
    pub(in crate::serve) fn of_token(&self, text: &str) -> Result<Arc<Holder>, Refusal> {
        let Ok(secret) = text.parse::<Secret>() else { return Err(self.0.guessed()) };
        let print = secret.print();
        let find = || {
            let table = self.0.table.read().unwrap_or_else(PoisonError::into_inner);
            let (known, valid) = table.secrets.get(&print.key())?;
            (*known == print && self.0.now() < valid.until).then(|| Arc::clone(&valid.holder))
        };
        // One that is not known may be a second old.
        find().or_else(|| if self.0.refresh() { find() } else { None }).ok_or_else(|| self.0.guessed())
    }

    /// Whoever the client certificate of a connection stands for.
    pub(in crate::serve) fn of_certificate(
        &self,
        certificate: &ClientCertificate,
    ) -> Result<Arc<Holder>, Refusal> {
        let find = || {
            let table = self.0.table.read().unwrap_or_else(PoisonError::into_inner);
            let valid = table.certificates.get(certificate)?;
            (self.0.now() < valid.until).then(|| Arc::clone(&valid.holder))
        };
        find().or_else(|| if self.0.refresh() { find() } else { None }).ok_or(Refusal::Unknown)
    }

    /// Writes down what was used; for the end of a service. Every two seconds it happens by itself.
    pub(in crate::serve) fn keep_quotas(&self) {
        self.0.keep_quotas();
    }

    /// What is wrong with the files of tokens and quotas, for the health of the service; nothing secret.
    pub(in crate::serve) fn faults(&self) -> Vec<String> {
        let reading = held(&self.0.reading);
        reading.tokens_fault.iter().chain(&reading.quota_fault).cloned().collect()
    }
}

impl Drop for Identity {
    fn drop(&mut self) {
        self.0.keep_quotas();
    }
}

fn repeat(watched: &Weak<Shared>, pause: Duration, work: fn(&Shared)) {
    loop {
        thread::sleep(pause);
        let Some(shared) = watched.upgrade() else { return };
        work(&shared);
    }
}

impl Shared {
    fn now(&self) -> Timestamp {
        self.pretended.map_or_else(Timestamp::now, Clock::now)
    }

    fn guessed(&self) -> Refusal {
        let now = u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        match held(&self.guesses).take(GUESSES, now) {
            Ok(()) => Refusal::Unknown,
            Err(wait) => Refusal::TooManyGuesses(wait.div_ceil(1_000_000_000).max(1)),
        }
    }

    /// Reads the tokens if the file is another one than last time; true if so. One that is damaged leaves those that were
    /// good last.
    fn refresh(&self) -> bool {
        let mut reading = held(&self.reading);
        let stamp = std::fs::metadata(Tokens::path(&self.home)).ok().map(|file| {
            (file.ino(), file.size(), file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec())
        });
        if reading.seen == Some(stamp) {
            return false;
        }
        reading.seen = Some(stamp);
        match Tokens::read(&self.home) {
            Ok(tokens) => {
                let table = self.table(&tokens, &mut reading.meters);
                *self.table.write().unwrap_or_else(PoisonError::into_inner) = table;
                reading.tokens_fault = None;
            }
            Err(error) => {
                reading.tokens_fault = Some(error.to_string());
                reading.seen = None; // it is read again: a disk that failed once has what was revoked
            }
        }
        true
    }

    fn table(&self, tokens: &Tokens, meters: &mut BTreeMap<TokenName, Arc<Meter>>) -> Table {
        let mut table = Table::default();
        let works = |token: &Token| token.revoked.is_none();
        for (name, token) in tokens.iter().filter(|(_, token)| works(token)) {
            let meter = meters.entry(name.clone()).or_insert_with(|| Arc::new(Meter::new(self.pretended)));
            // What everybody may do, the holder of a token may do as well.
            let mut grant = token.grant.clone();
            grant.scopes.extend(&self.open);
            let name = name.as_str().to_owned();
            let holder = Arc::new(Holder { name, grant, meter: Arc::clone(meter) });
            for (print, until) in token.prints() {
                table.secrets.insert(print.key(), (print, Valid { until, holder: Arc::clone(&holder) }));
            }
            for (certificate, until) in token.certificates() {
                table.certificates.insert(certificate, Valid { until, holder: Arc::clone(&holder) });
            }
        }
        table
    }

    /// Adds what this process has charged to the file, and takes in what others have.
    fn keep_quotas(&self) {
        let _writing = held(&self.writing);
        let meters = held(&self.reading).meters.clone();
        let today = self.pretended.unwrap_or_else(Clock::system).today();
        let charged = meters.iter().map(|(name, meter)| (name.clone(), meter.take_unwritten(today)));
        let charged: BTreeMap<TokenName, u64> = charged.filter(|(_, lookups)| *lookups > 0).collect();
        let fault = match Used::add(&self.home, today, &charged) {
            Ok(used) => {
                meters.iter().for_each(|(name, meter)| meter.adopt(&used, name));
                None
            }
            Err(error @ super::TokenError::Damaged { .. }) if !charged.is_empty() => Some(error.to_string()),
            Err(error) => {
                for (name, lookups) in &charged {
                    meters[name].put_back(today, *lookups);
                }
                Some(error.to_string())
            }
        };
        held(&self.reading).quota_fault = fault;
    }
}
