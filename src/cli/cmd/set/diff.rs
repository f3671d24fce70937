//! `innerward set diff`

use clap::Args;
use serde_json::json;

use super::export::Same;
use super::find;
use crate::cli::global::Global;
use crate::cli::output::{Output, counted, grouped};
use crate::hashset::{SetName, Use};
use crate::index::Index;

/// Count what two sets have in common, and what only one of them has
///
/// Withdrawn entries do not count. To write out what is counted here: `set export A FILE --not-in B`, `--also-in B`.
#[derive(Args)]
pub(in crate::cli) struct Diff {
    /// Name of a set
    a: SetName,

    /// Name of another
    b: SetName,

    /// What makes entries the same: an equal id, or any equal hash; close pictures are not the same
    #[arg(long = "by", value_enum, value_name = "WHAT", default_value = "hash")]
    by: Same,
}

impl Diff {
    pub(super) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        let home = global.open_home()?;
        let today = global.clock(&home)?.today();
        for name in [&self.a, &self.b] {
            find(&home, name)?.allows(Use::Match, today)?;
        }
        let index = Index::open(&home.index_dir())?;
        let (a, b) = (index.members(self.a.as_str()), index.members(self.b.as_str()));
        let by = self.by.into();
        let (of_a, of_b) = (index.also_in(&a, &b, by)?.len(), index.also_in(&b, &a, by)?.len());
        let (only_a, only_b) = (a.len() - of_a, b.len() - of_b);
        out.json(
            "summary",
            &json!({
                "a": self.a, "b": self.b, "only_in_a": only_a, "only_in_b": only_b,
                "of_a_also_in_b": of_a, "of_b_also_in_a": of_b,
            }),
        )?;
        let (a, b) = (&self.a, &self.b);
        out.text(format_args!("{:>13}   only in {a}", grouped(only_a)))?;
        out.text(format_args!("{:>13}   only in {b}", grouped(only_b)))?;
        out.text(format_args!("{:>13}   of {a} are in {b} as well", grouped(of_a)))?;
        if of_a != of_b {
            // One entry may have the hashes of two of the other's.
            out.text(format_args!("{:>13}   of {b} are in {a} as well", grouped(of_b)))?;
        }
        if of_a + of_b == 0 {
            out.text(format_args!(
                "Nothing in common: {} and none the same.",
                counted(only_a + only_b, "entry", "entries")
            ))?;
        }
        Ok(())
    }
}
