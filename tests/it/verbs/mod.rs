//! Every verb on a person's own data, through the binary.

mod bench;
mod coverage;
mod evidence;
mod explain;
mod export;
mod forms;
mod guard;
mod hostile_lists;
mod lookup;
mod lost;
mod plan;
mod policy;
mod pull;
mod purge;
mod records;
mod researchers;
mod runs;
mod screen;
mod select;
mod set;
mod stdin;
mod tally;
mod trends;
mod trust;
mod vocabulary;
mod watch;
