//! `[serve]` in `innerward.toml`: how the service listens, what it allows and how much it takes in.

use std::path::PathBuf;

use serde::Deserialize;

/// How the service is set up. Every key has a default, and a flag of `innerward serve` comes before it. Relative paths begin at
/// the home.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServeConfig {
    /// Addresses to listen at, each `IP:PORT`. `None`: 127.0.0.1:8420, unless there is a socket.
    pub listen: Option<Vec<String>>,
    /// A Unix socket to listen at. `None`: none.
    pub socket: Option<PathBuf>,
    /// Who may speak to it: `"0600"`, its owner, or `"0660"`, its group too.
    pub socket_mode: Option<String>,
    /// The chain of certificates for TLS, in PEM, the server's own first. `None`: no TLS.
    pub tls_certificate: Option<PathBuf>,
    /// Its private key, in PEM.
    pub tls_key: Option<PathBuf>,
    /// Whoever connects by TLS shows a certificate that one of these authorities signed (PEM). `None`: nobody is asked.
    pub client_ca: Option<PathBuf>,
    /// A client may do without a certificate, and then needs a token.
    pub client_certificate_optional: bool,
    /// What needs no token: scopes by name. Beyond loopback this has to be said a second time.
    pub open: Vec<String>,
    /// Scopes of `open` need no token beyond loopback either.
    pub open_beyond_loopback: bool,
    /// Listening without TLS is allowed beyond loopback: something in front of it does TLS.
    pub insecure_beyond_loopback: bool,
    /// Most bytes of an upload. `None`: 100 MiB.
    pub max_upload_bytes: Option<u64>,
    /// Most bytes of any other body. `None`: 16 MiB.
    pub max_body_bytes: Option<u64>,
    /// Most bytes of uploads and other bodies in memory at a time, all together. `None`: 256 MiB.
    pub max_held_memory_bytes: Option<u64>,
    /// Most bytes of one upload in memory; a longer one is in a file without a name in the home. `None`: 32 MiB.
    pub max_memory_upload_bytes: Option<u64>,
    /// Most bytes of uploads in such files, all together; 0: none, so that no upload is ever on a disk. `None`: 8 GiB.
    pub max_held_disk_bytes: Option<u64>,
    /// Most hashes of one request. `None`: 10,000.
    pub max_batch: Option<u64>,
    /// Most connections at a time; beyond it the one that is idle for longest makes room. `None`: 4,096, or what the limit on
    /// open files leaves.
    pub max_connections: Option<u64>,
    /// Seconds that a connection may be idle, or take over the head of a request. `None`: 75.
    pub idle_seconds: Option<u64>,
    /// Seconds without a byte of a body, or without one taken of an answer, after which the connection ends. `None`: 20.
    pub stall_seconds: Option<u64>,
    /// Seconds that a request may take, its body included. `None`: 300.
    pub request_seconds: Option<u64>,
    /// Seconds that requests have to finish once the service is asked to end. `None`: 30.
    pub drain_seconds: Option<u64>,
    /// Something in front of it does TLS: cookies of the console are never sent without.
    pub secure_cookies: bool,
    /// What is screened is not counted in the tally.
    pub no_count: bool,
    /// Most bytes of a list that is imported over HTTP. `None`: 8 GiB.
    pub max_list_bytes: Option<u64>,
    /// The HMA, as `http://HOST:PORT`, to which what was answered on its paths is sent too, to compare. `None`: none.
    pub shadow: Option<String>,
    /// The collector of OpenTelemetry to which spans of requests are sent, by OTLP over HTTP. `None`: none.
    pub traces: Option<String>,
    /// Of the requests that belong to no trace yet, one in so many begins one. `None`: each does.
    pub traces_one_in: Option<u64>,
    /// Where content may be fetched from by its URL. `None`: nowhere.
    pub fetch: Option<FetchConfig>,
}

/// Where content may be fetched from by its URL.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FetchConfig {
    /// Names of hosts; one that begins with a dot stands for all below it.
    pub hosts: Vec<String>,
    /// Further ports than 80 and 443.
    pub ports: Vec<u16>,
    /// Most bytes. `None`: those of an upload.
    pub max_bytes: Option<u64>,
    /// Most seconds, redirects included. `None`: 30.
    pub max_seconds: Option<u64>,
}
