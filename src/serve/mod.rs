//! The inner HTTP service: matching, management, a console, beside HMA's own paths; and a public file server that is given
//! nothing but a published folder. Knows no SQL and no vector instructions.
//!
//! [`State`] is what all requests share, [`router`] the paths, [`Service`] the listeners. What a caller may do is a
//! [`Scope`] of its token; every refusal is a [`Problem`].

mod api;
mod caller;
mod console;
mod deeds;
mod engine;
mod fetch;
mod hma;
mod identity;
mod manage;
mod problem;
mod public;
mod server;
mod settings;
pub mod shadow;
mod state;
mod traces;

#[cfg(test)]
mod testing;

pub use caller::Caller;
use caller::guarded;
pub use engine::{Ask, Upload};
pub use fetch::FetchSettings;
pub use identity::{
    Alteration, CertificateError, ClientCertificate, Grant, Rate, Scope, ScopeError, Secret, SecretError,
    Span, SpanError, Token, TokenError, TokenName, TokenNameError, Tokens, Used,
};
pub use problem::{Fault, Problem, ProblemCode};
pub use public::{FolderError, PublicError, PublicService};
pub use server::{
    Ended, Level, Log, Orders, ServeError, Service, Validity, answers, probe, router, validity,
};
pub use settings::{Settings, SettingsError, TlsSettings};
pub use state::State;
pub use traces::TraceSettings;
