//! `innerward doctor --serve`: whether the service could start here, and for how long its certificates hold.

use jiff::{SignedDuration, Timestamp};

use super::doctor::Check;
use crate::home::{Config, Home};
use crate::jail::most_files;
use crate::serve::{Settings, TlsSettings, Validity, probe, validity};

/// From here on it is said that a certificate ends.
const SOON: SignedDuration = SignedDuration::from_hours(21 * 24);

/// What the service needs, one after another.
pub(super) fn serve(home: &Home, config: &Config, now: Timestamp, checks: &mut Vec<Check>) {
    const NAME: &str = "serve";
    let settings = match Settings::of(&config.serve, home.root()) {
        Ok(settings) => settings,
        Err(error) => {
            let cure = "correct that line under [serve]; docs/serve.md has every key";
            return checks.push(Check::fault(NAME, error.to_string(), cure));
        }
    };
    for (place, listens) in probe(&settings) {
        checks.push(match listens {
            Ok(()) => Check::ok("listen", format!("{place} can be listened at")),
            Err(error) => {
                let cure = "if the service runs already, that is it; else do what the message says";
                Check::notice("listen", format!("{error}"), cure)
            }
        });
    }
    if let Some(tls) = &settings.tls {
        certificates(tls, now, checks);
    }
    if !settings.open.is_empty() {
        let scopes: Vec<&str> = settings.open.iter().map(|scope| scope.as_str()).collect();
        let found = format!("{} need no token", scopes.join(", "));
        checks.push(Check::notice(
            "serve",
            found,
            "make tokens (innerward token create), and take `open` out",
        ));
    }
    checks.push(files(&settings));
}

fn certificates(tls: &TlsSettings, now: Timestamp, checks: &mut Vec<Check>) {
    const NAME: &str = "certificate";
    const RENEW: &str = "renew it; the service takes the new file within seconds";
    let all = match validity(tls) {
        Ok(all) => all,
        Err(error) => {
            let cure = "put that file right; the service does not start without it";
            return checks.push(Check::fault(NAME, error.to_string(), cure));
        }
    };
    for Validity { path, from, until } in all {
        let path = path.display();
        checks.push(if now > until {
            Check::fault(NAME, format!("{path} has ended at {until}"), RENEW)
        } else if now < from {
            let cure = "wait, or put the clock right";
            Check::fault(NAME, format!("{path} holds from {from} on only"), cure)
        } else if until.duration_since(now) < SOON {
            Check::notice(NAME, format!("{path} ends at {until}"), RENEW)
        } else {
            Check::ok(NAME, format!("{path} holds until {until}"))
        });
    }
}

fn files(settings: &Settings) -> Check {
    const NAME: &str = "open files";
    let (most, connections) = (most_files(), settings.max_connections);
    let found = format!("{most} at a time, which is enough for {connections} connections");
    if connections < 1024 {
        let cure =
            "raise the limit: LimitNOFILE=65536 in the unit, ulimit -n, or --ulimit nofile of the container";
        return Check::notice(NAME, found, cure);
    }
    Check::ok(NAME, found)
}
