//! Words and pictures on a terminal, and exit codes. Uses everything above through its public interface only.

mod cmd;
mod deed;
mod demo;
mod global;
mod output;
mod scratch;
mod status;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::jail::prepare_process;
use global::Global;
use output::Output;
use status::Status;

/// Check content against shared hash lists where it lies, and share only de-identified counts.
#[derive(Parser)]
#[command(name = "innerward", version, max_term_width = 100, disable_help_subcommand = true)]
#[command(
    long_about = "Check content against shared hash lists where it lies, and share only de-identified counts.\n\n\
    Content, hashes, file names and verdicts stay in the home folder of the organisation that runs this. Only \
    `release publish` writes something meant for others: counts with noise added, signed, under HOME/public.",
    after_help = "Results go to stdout, everything else to stderr. Exit codes: 0 all checked, nothing known or near; \
    for screen, match and explain bit 1 (1) = something known or near, bit 4 (4) = something unchecked, both = 5; \
    2 = the command failed."
)]
struct Args {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Demo(demo::Demo),
    #[command(subcommand)]
    Set(cmd::set::Set),
    Screen(Box<cmd::screen::Screen>),
    Match(cmd::lookup::Lookup),
    Decide(cmd::decide::Decide),
    Rescan(cmd::rescan::Rescan),
    Purge(cmd::purge::Purge),
    Hash(cmd::hash::Hash),
    Explain(cmd::explain::Explain),
    #[command(subcommand)]
    Index(cmd::index::IndexVerb),
    #[command(subcommand)]
    Tally(cmd::tally::TallyVerb),
    #[command(subcommand)]
    Token(cmd::token::TokenVerb),
    #[command(subcommand)]
    Audit(cmd::audit::AuditVerb),
    #[command(subcommand)]
    Release(cmd::release::ReleaseVerb),
    Pull(cmd::pull::Pull),
    #[command(subcommand)]
    Report(cmd::report::Report),
    Trends(cmd::trends::Trends),
    #[command(subcommand)]
    Model(cmd::model::ModelVerb),
    #[command(subcommand)]
    Vocabulary(cmd::vocabulary::VocabularyVerb),
    Serve(Box<cmd::serve::Serve>),
    #[command(name = "serve-public")]
    ServePublic(cmd::serve_public::ServePublic),
    #[cfg(feature = "backup")]
    Backup(cmd::backup::Backup),
    #[cfg(feature = "backup")]
    Restore(cmd::restore::Restore),
    #[cfg(feature = "http")]
    #[command(subcommand)]
    Shadow(cmd::shadow::ShadowVerb),
    Bench(cmd::bench::Bench),
    Doctor(cmd::doctor::Doctor),
    #[command(flatten)]
    Confined(cmd::jail::Confined),
}

/// The `screen` in the words of an earlier command line; `None` if they have none.
fn parse_screen(words: impl Iterator<Item = OsString>) -> Option<cmd::screen::Screen> {
    let name = OsString::from("innerward");
    match Args::try_parse_from(std::iter::once(name).chain(words)).ok()?.verb {
        Verb::Screen(screen) => Some(*screen),
        _ => None,
    }
}

/// Runs the command line of this process and says how it ended.
#[must_use]
pub fn main() -> ExitCode {
    // A panic's message may quote what was being read; its place is enough to mend it.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "an unknown place".into(), ToString::to_string);
        output::complain(format_args!(
            "internal error at {place}; please report it with the version and this line"
        ));
    }));
    let args = Args::parse();
    if let Verb::Confined(verb) = &args.verb {
        return verb.run(); // before there are threads, of which nothing here needs any
    }
    prepare_process();
    match run(&args) {
        Ok(status) => status.into(),
        Err(error) if output::is_closed_pipe(&error) => Status::default().into(),
        Err(error) => {
            output::complain(output::in_words(&error));
            Status::FAILED.into()
        }
    }
}

fn run(args: &Args) -> anyhow::Result<Status> {
    let global = &args.global;
    if global.format == global::Format::Csv && !matches!(args.verb, Verb::Trends(_)) {
        anyhow::bail!("--format csv is there for trends alone; choose text or json");
    }
    global.start_threads()?;
    let mut out = Output::new(global.format, global.speaks()?);
    let status = match &args.verb {
        Verb::Demo(verb) => verb.run(global, &mut out),
        Verb::Set(verb) => verb.run(global, &mut out),
        Verb::Screen(verb) => verb.run(global, &mut out),
        Verb::Match(verb) => verb.run(global, &mut out),
        Verb::Decide(verb) => verb.run(global, &mut out),
        Verb::Rescan(verb) => verb.run(global, &mut out),
        Verb::Purge(verb) => verb.run(global, &mut out),
        Verb::Hash(verb) => verb.run(global, &mut out),
        Verb::Explain(verb) => verb.run(global, &mut out),
        Verb::Index(verb) => verb.run(global, &mut out),
        Verb::Tally(verb) => verb.run(global, &mut out),
        Verb::Token(verb) => verb.run(global, &mut out).map(|()| Status::default()),
        Verb::Audit(verb) => verb.run(global, &mut out),
        Verb::Release(verb) => verb.run(global, &mut out),
        Verb::Pull(verb) => verb.run(global, &mut out),
        Verb::Report(verb) => verb.run(global, &mut out),
        Verb::Trends(verb) => verb.run(global, &mut out),
        Verb::Model(verb) => verb.run(&mut out),
        Verb::Vocabulary(verb) => verb.run(global, &mut out),
        Verb::Serve(verb) => verb.run(global, &mut out),
        Verb::ServePublic(verb) => verb.run(global, &mut out),
        #[cfg(feature = "backup")]
        Verb::Backup(verb) => verb.run(global, &mut out),
        #[cfg(feature = "backup")]
        Verb::Restore(verb) => verb.run(global, &mut out),
        #[cfg(feature = "http")]
        Verb::Shadow(verb) => verb.run(global, &mut out),
        Verb::Bench(verb) => verb.run(global, &mut out),
        Verb::Doctor(verb) => verb.run(global, &mut out),
        Verb::Confined(_) => Ok(Status::default()), // has run already
    }?;
    out.finish()?;
    Ok(status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        Args::command().debug_assert();
    }

    /// Every help text, below `command` and of itself.
    fn helps(command: &mut clap::Command, into: &mut Vec<(String, String)>) {
        into.push((command.get_name().to_owned(), command.render_long_help().to_string()));
        for verb in command.get_subcommands_mut() {
            helps(verb, into);
        }
    }

    #[test]
    fn no_help_has_a_term_to_avoid() {
        let mut texts = Vec::new();
        helps(&mut Args::command(), &mut texts);
        assert!(texts.iter().any(|(verb, _)| verb == "crosswalk"), "verbs of verbs are among them");
        for (verb, text) in texts {
            let found = crate::vocabulary::lint_any(&text, crate::vocabulary::Language::En);
            let avoided: Vec<_> =
                found.iter().filter(|found| found.usage == crate::vocabulary::Usage::Avoid).collect();
            assert!(avoided.is_empty(), "{verb}: {avoided:?}");
        }
    }
}
