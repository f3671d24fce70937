//! `innerward serve`

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde_json::json;

use super::jail::worker_options;
use crate::cli::global::{Global, limits};
use crate::cli::output::{Output, complain, counted, log_line};
use crate::cli::status::Status;
use crate::home::{Home, ServeConfig};
use crate::jail::most_files;
use crate::screen::{Live, Workers};
use crate::serve::{Ended, Log, Orders, Scope, Service, Settings, State};

/// Match over HTTP: a service for the other programs of this organisation
///
/// Answers uploads and hashes with what the lists say, under /v1 in its own form and at the paths of HMA (hasher-matcher-actioner)
/// in HMA's; has a console for people under /console; says whether it is ready at /readyz. It listens at 127.0.0.1:8420 and wants
/// a token for everything that tells anything: `innerward token create NAME --scope match` makes one, and shows it once.
///
/// What is imported, withdrawn or decided by other commands on the same home is seen within a second, without a restart. Content
/// is decoded in the jail and kept nowhere. What is screened counts in the tally.
///
/// Every option but --follow and --quiet can stand in innerward.toml, in the table `serve`, with `_` in place of `-`; an option here
/// comes before it. docs/serve.md is the guide, and has the keys that no option has: TLS, sockets, proxies, metrics, limits, systemd
/// and containers.
///
/// SIGTERM or SIGINT ends it in good order: nothing new is taken, what has begun is answered (at most --drain-seconds), exit code
/// 0. A second signal ends it at once.
#[derive(Args)]
#[command(after_help = "A first try, without a token, on this machine alone:\n  \
    innerward serve --open match\n  \
    curl --data-binary @photo.jpg -H 'content-type: application/octet-stream' \\\n    \
    http://127.0.0.1:8420/v1/match")]
pub(in crate::cli) struct Serve {
    /// Listen at IP:PORT; may be given several times [default: 127.0.0.1:8420]
    ///
    /// Beyond loopback there has to be TLS, unless --insecure-beyond-loopback says otherwise.
    #[arg(long, value_name = "IP:PORT")]
    listen: Vec<String>,

    #[command(flatten)]
    listening: Listening,

    /// Listen at a Unix socket too, or, without --listen, only there; it is its owner's alone (0600), or, with
    /// `socket_mode = "0660"` in innerward.toml, its group's too
    #[arg(long, value_name = "FILE")]
    socket: Option<PathBuf>,

    /// Clients that connect by TLS show a certificate that one of these authorities signed (PEM)
    ///
    /// Which certificate may do what is said with `innerward token create --certificate`.
    #[arg(long, value_name = "FILE")]
    client_ca: Option<PathBuf>,

    /// What needs no token, as match,manage,decide,tally,release,metrics; on loopback or a Unix socket alone
    #[arg(long, value_name = "SCOPES", value_delimiter = ',')]
    open: Vec<String>,

    /// What --open says holds for other machines too
    #[arg(long)]
    open_beyond_loopback: bool,

    /// Do not count what is screened in the tally
    #[arg(long)]
    no_count: bool,

    /// Only read the home, which another `serve` writes: for further machines on shared storage
    ///
    /// It maps the same lists, follows them within a second, and changes and counts nothing.
    #[arg(long, conflicts_with = "shadow")]
    follow: bool,

    /// Send what is asked on HMA's paths, and at /v1/match, to the HMA at URL too, once it was answered here, and compare
    ///
    /// Callers never wait for it. `GET /v1/shadow` (scope manage) tells which answers differ and why; `innerward shadow` does
    /// the same with requests from a file.
    #[arg(long, value_name = "URL")]
    shadow: Option<String>,

    /// Send a span of each request to the collector of OpenTelemetry at URL, such as http://127.0.0.1:4318 (OTLP over HTTP)
    ///
    /// In a build with the feature `otel`, which also looks at OTEL_EXPORTER_OTLP_ENDPOINT. docs/serve.md says what a span
    /// carries: no path, hash, name or address.
    #[arg(long, value_name = "URL")]
    traces: Option<String>,

    /// No log line for each request, only for what goes wrong
    #[arg(long)]
    quiet: bool,
}

/// What both services take.
#[derive(Args)]
pub(super) struct Listening {
    /// Speak TLS with this chain of certificates (PEM); a renewed file is used within seconds
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_certificate: Option<PathBuf>,

    /// The private key of that certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<PathBuf>,

    /// Listen beyond loopback without TLS: something in front does it
    #[arg(long)]
    insecure_beyond_loopback: bool,

    /// Seconds that requests have to finish after SIGTERM [default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    drain_seconds: Option<u64>,
}

impl Listening {
    /// Puts what was said here into the place of what the configuration says. Paths begin where the command is run.
    pub(super) fn put_into(&self, config: &mut ServeConfig) -> anyhow::Result<()> {
        if self.tls_certificate.is_some() {
            config.tls_certificate = absolute(&self.tls_certificate)?;
            config.tls_key = absolute(&self.tls_key)?;
        }
        config.insecure_beyond_loopback |= self.insecure_beyond_loopback;
        config.drain_seconds = self.drain_seconds.or(config.drain_seconds);
        Ok(())
    }
}

fn absolute(path: &Option<PathBuf>) -> anyhow::Result<Option<PathBuf>> {
    let absolute = path.as_ref().map(std::path::absolute).transpose();
    absolute.context("the folder in which this runs is gone; name whole paths")
}

/// The threads on which requests are answered.
pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    // What waits for a disk, a worker or a lock has threads of its own, which end when there is no more of it.
    builder.enable_all().thread_name("serve").max_blocking_threads(128);
    builder.build().context("threads cannot be started")
}

/// A log on stderr, one JSON object a line, with one for each request unless it is to be quiet; a panic is told there as well, with
/// its place alone.
pub(super) fn log(quiet: bool) -> anyhow::Result<Log> {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "an unknown place".into(), ToString::to_string);
        let line = json!({
            "time": jiff::Timestamp::now(), "level": "error", "event": "panic", "about": place
        });
        log_line(&line.to_string());
    }));
    Log::to(log_line, !quiet).context("threads cannot be started")
}

impl Serve {
    pub(in crate::cli) fn run(&self, global: &Global, _out: &mut Output) -> anyhow::Result<Status> {
        let home = if self.follow { global.open_home()? } else { global.open_or_create_home()? };
        let config = home.config()?;
        let mut settings = self.settings(&home, &config.serve)?;
        settings.limits = limits(&config)?;
        let pretended = home.is_demo().then(|| global.clock(&home)).transpose()?;
        let workers = Workers::start(worker_options(&config)?)?;
        let live = if self.follow { Live::follow(&home, pretended)? } else { Live::open(&home, pretended)? };
        introduce(&home, &settings, &live);
        let state = State::new(home, settings, live, Some(workers), pretended).logging(log(self.quiet)?);
        let runtime = runtime()?;
        let told = state.clone();
        let ended = runtime.block_on(async move {
            let orders = Orders::of_signals()?;
            let service = Service::open(state).await?;
            complain(format_args!("listening at {}", service.addresses().join(" and ")));
            service.run(orders).await
        });
        runtime.shutdown_background(); // what was cut off does not hold up the end
        told.log().into_iter().for_each(Log::close);
        if let Ended::Cut(connections @ 1..) = ended? {
            let cut = counted(connections as u64, "connection was", "connections were");
            complain(format_args!("{cut} cut off before the answer"));
        }
        Ok(Status::default())
    }

    fn settings(&self, home: &Home, config: &ServeConfig) -> anyhow::Result<Settings> {
        let mut config = config.clone();
        if self.socket.is_some() {
            config.socket = absolute(&self.socket)?;
            config.listen = None;
        }
        if !self.listen.is_empty() {
            config.listen = Some(self.listen.clone());
        }
        self.listening.put_into(&mut config)?;
        if self.client_ca.is_some() {
            config.client_ca = absolute(&self.client_ca)?;
        }
        if !self.open.is_empty() {
            config.open.clone_from(&self.open);
        }
        config.open_beyond_loopback |= self.open_beyond_loopback;
        config.no_count |= self.no_count;
        config.shadow = self.shadow.clone().or(config.shadow);
        config.traces = self.traces.clone().or(config.traces).or_else(collector_of_the_environment);
        Ok(Settings::of(&config, home.root())?)
    }
}

/// The collector that the environment names; nothing in a build that could not send it anything.
fn collector_of_the_environment() -> Option<String> {
    let url = std::env::var("OTEL_EXPORTER_OTLP_ENDPOINT").ok();
    url.filter(|url| cfg!(feature = "otel") && !url.is_empty())
}

/// Says to a person what this service is, before it answers.
fn introduce(home: &Home, settings: &Settings, live: &Live) {
    let lists = match live.current() {
        None => "no list yet: `innerward set import NAME FILE` brings one, and the service sees it".into(),
        Some(matcher) => {
            let entries = matcher.sets().iter().map(|set| matcher.searched_entries(set)).sum();
            let sets = counted(matcher.sets().len() as u64, "set", "sets");
            format!("{sets}, {}", counted(entries, "entry", "entries"))
        }
    };
    complain(format_args!("home {}, {lists}", home.root().display()));
    let open: Vec<&str> = settings.open.iter().copied().map(Scope::as_str).collect();
    if open.is_empty() {
        complain("every request needs a token; `innerward token create NAME --scope match` makes one");
    } else {
        complain(format_args!("open to everybody who can connect: {}", open.join(", ")));
    }
    if settings.max_connections < 1024 {
        let files = most_files();
        complain(format_args!(
            "at most {} connections at a time, since this process may have {files} files open; raise that limit \
             (LimitNOFILE, ulimit -n) for more",
            settings.max_connections
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The third column of the guide's table says which keys have an option of the same name.
    #[test]
    fn the_guide_says_which_keys_are_options() {
        let options = Serve::augment_args(clap::Command::new("serve"));
        let is_option = |key: &str| {
            let name = key.replace('_', "-");
            options.get_arguments().any(|option| option.get_long() == Some(&name))
        };
        let guide = include_str!("../../../docs/serve.md");
        let rows = guide.split("| key | default | flag | |\n|---|---|---|---|\n").nth(1).unwrap();
        let rows: Vec<&str> = rows.lines().take_while(|line| line.starts_with('|')).collect();
        assert!(rows.len() > 20);
        let mut told = vec!["follow".to_owned(), "quiet".to_owned()];
        for row in rows {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            for key in cells[1].split('`').skip(1).step_by(2) {
                assert_eq!(cells[3] == "yes", is_option(key), "{key}: {row}");
                told.push(key.replace('_', "-"));
            }
        }
        for option in options.get_arguments().filter_map(|option| option.get_long()) {
            assert!(told.iter().any(|key| key == option), "docs/serve.md does not have --{option}");
        }
    }
}
