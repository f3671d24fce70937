//! Why a service cannot be started.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::screen::MatchError;

/// Why a service cannot be started, or did not end well.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// An address cannot be listened at.
    #[error("{address}: {source}; is another service there, or is the port below 1024?")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The cause.
        source: io::Error,
    },
    /// The Unix socket cannot be made.
    #[error("{}: {source}", path.display())]
    Socket {
        /// Where.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Something else is where the Unix socket is to be.
    #[error("{}: {what}", path.display())]
    Occupied {
        /// Where.
        path: PathBuf,
        /// What is there, and the cure.
        what: &'static str,
    },
    /// There is nothing to listen at.
    #[error("there is nowhere to listen: name an address with --listen IP:PORT, or a file with --socket")]
    Nowhere,
    /// Beyond loopback without TLS.
    #[error(
        "{0} can be reached from other machines, and there is no TLS: name --tls-certificate and --tls-key, or listen at \
         127.0.0.1; if something in front does TLS, say so with --insecure-beyond-loopback"
    )]
    Insecure(SocketAddr),
    /// Beyond loopback without authentication.
    #[error(
        "{0} can be reached from other machines, and --open lets everybody there in without a token: make tokens with \
         `innerward token create`, or say it a second time with --open-beyond-loopback"
    )]
    Open(SocketAddr),
    /// A file of TLS cannot be used.
    #[error("{}: {cause}", path.display())]
    Tls {
        /// The file.
        path: PathBuf,
        /// What is wrong, and the cure.
        cause: String,
    },
    /// The collector of traces cannot be sent anything.
    #[error("traces: {0}; look at OTEL_EXPORTER_OTLP_… in the environment")]
    Traces(String),
    /// The lists could not be put down at the end.
    #[error(transparent)]
    Lists(#[from] MatchError),
    /// The system gave no thread, signal or timer.
    #[error("the service could not be started: {0}")]
    System(io::Error),
}
