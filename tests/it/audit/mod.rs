//! Privacy audits: what a reader can tell from what is published, at least.

mod bound;
