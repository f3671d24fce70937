//! `innerward demo`: the whole job on harmless data in a fresh home.

mod pictures;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use jiff::civil::Date;
use rayon::prelude::*;

use super::cmd::jail::Decoding;
use super::cmd::release::{print_cells, publish};
use super::cmd::screen::{Counted, How, print_summary, screen};
use super::cmd::set::{print_import, report_bad_lines};
use super::cmd::tally;
use super::global::Global;
use super::output::Output;
use super::status::Status;
use crate::digest::Fidelity;
use crate::hashset::{ListForm, ReadOptions, Role, SetName, SetUpdate};
use crate::home::{Clock, Home, HomeError, write_atomic};
use crate::index::import;
use crate::language::Locale;
use crate::release::{COARSE, PUBLIC_KEY_FILE, PublicKey, Release, register};
use crate::report::{Published, build};
use crate::screen::{Asked, Matcher, Run, Selection, Sources, Words};
use crate::tally::Brought;
use crate::vocabulary::{Dimension, Period, channel};

/// Do the whole job once on harmless data, in a fresh home
///
/// Imports the lists in hashsets/, screens testdata/ and 2,000 pictures that it draws, counts, publishes one release
/// marked DEMO for last month, and makes its pages. Everything is synthetic or a free photograph; nothing is fetched.
/// Run it in a clone of the repository. The home is ./innerward-demo unless --home names another.
#[derive(Args)]
pub(super) struct Demo {
    /// Make the demo anew in place of an earlier one; never touches any other folder
    #[arg(long)]
    force: bool,

    /// Make an empty home only, in which --today may pretend any day: for rehearsals of plans and for audits
    ///
    /// Nothing is imported, screened or published, and no clone of the repository is needed. What is published from it is
    /// marked DEMO.
    #[arg(long)]
    bare: bool,

    #[command(flatten)]
    decoding: Decoding,
}

/// A list of the demo.
struct DemoList {
    set: &'static str,
    file: &'static str,
    role: Role,
    class: &'static str,
    form: Option<&'static str>,
}

const LISTS: [DemoList; 4] = [
    DemoList {
        set: "demo-hotline",
        file: "demo-hotline.csv",
        role: Role::Match,
        class: "NATIONAL",
        form: None,
    },
    DemoList {
        set: "demo-industry",
        file: "demo-industry.csv",
        role: Role::Match,
        class: "INDUSTRY",
        form: None,
    },
    DemoList {
        set: "demo-known-good",
        file: "demo-known-good.hashdeep",
        role: Role::Ignore,
        class: "KNOWN_GOOD",
        form: None,
    },
    DemoList {
        set: "demo-plain",
        file: "demo-plain-sha256.txt",
        role: Role::Match,
        class: "OWN",
        form: Some("plain:sha256"),
    },
];

impl Demo {
    pub(super) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        let root = global.home.clone().unwrap_or_else(|| "innerward-demo".into());
        if self.bare {
            fresh_home(&root, self.force)?;
            out.json("summary", &serde_json::json!({ "home": root, "bare": true }))?;
            out.text(format_args!(
                "{} is an empty demo's home: --today may pretend any day there.",
                root.display()
            ))?;
            return Ok(Status::default());
        }
        let [lists, testdata] = ["hashsets", "testdata"].map(PathBuf::from);
        if !lists.is_dir() || !testdata.is_dir() {
            bail!(
                "there are no folders hashsets/ and testdata/ here; run the demo in a clone of the repository"
            );
        }
        let home = fresh_home(&root, self.force)?;
        write_atomic(&root.join("innerward.toml"), b"organisation = \"the innerward demo\"\n", 0o600)?;
        let days = Days::before(global.today.unwrap_or_else(|| Clock::system().today()));

        step(out, 1, "A plan is registered before its month begins")?;
        let plan = register(&home, &home.lock()?, Clock::of(&home, Some(days.plan))?, COARSE, None)?;
        out.text(format_args!(
            "plan {:?}, in force from {}",
            plan.plan.name(),
            plan.applies_from.in_words()
        ))?;

        step(out, 2, "Shared lists are imported into the memory-mapped index")?;
        for list in &LISTS {
            list.import(&home, &lists, days.plan, out)?;
        }

        step(out, 3, "Pictures are drawn, and everything is screened")?;
        let pictures = root.join("demo-pictures");
        draw(&pictures)?;
        let screened = screen(
            &home,
            Run::start(&home, Asked { folder: Words::Text(".".into()), arguments: vec![] }, None)?,
            &Matcher::open_on(&home, None, &Selection::default(), days.screening)?,
            &Sources { paths: vec![testdata, pictures], ..Sources::default() },
            &self.decoding.options(&home.config()?, Fidelity::Reference)?,
            How {
                counted: Some(Counted { today: Some(days.screening), brought: Brought::by(channel::BULK) }),
                ..How::default()
            },
            out,
        )?;
        print_summary(&screened.summary, out)?;

        step(out, 4, "Distinct items are counted")?;
        tally::show(&home, days.period, out)?;

        step(out, 5, "One release passes the gate: noise, threshold, budget, signature")?;
        let clock = Clock::of(&home, Some(days.publication))?;
        let published = publish(&home, clock, days.period, plan.plan.name(), false, None)?;
        let key = PublicKey::read(&home.public_dir().join(PUBLIC_KEY_FILE))?;
        let release = Release::open(&published.dir, &key)?;
        out.text(format_args!("{}, marked DEMO: the numbers describe nothing", published.release_id))?;
        for table in release.tables() {
            print_cells(table.cells(), out)?;
        }
        let site = home.public_dir().join("site");
        let locales: Vec<&Locale> = Locale::built_in().iter().collect();
        let built = build(&[Published { release: &release, folder: &published.dir }], &locales, &site)?;

        out.text(format_args!("\n{}", out.say("operator-where", &[])))?;
        let places = [
            ("operator-public", built.index.display()),
            ("operator-release", published.dir.display()),
            ("operator-local-verdicts", screened.verdicts.display()),
        ];
        let places = places.map(|(key, path)| (out.say(key, &[]), path));
        let width = places.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        for (name, path) in places {
            out.text(format_args!("  {name:<width$}  {path}"))?;
        }
        Ok(Status::default())
    }
}

/// The days on which a demo pretends to act, all around the last month that is over.
struct Days {
    period: Period,
    plan: Date,
    screening: Date,
    publication: Date,
}

impl Days {
    fn before(today: Date) -> Self {
        let period = Period::containing(today).previous();
        Self {
            period,
            plan: period.previous().first_day(),
            screening: period.first_day(),
            publication: period.next().first_day(),
        }
    }
}

fn fresh_home(root: &Path, force: bool) -> anyhow::Result<Home> {
    match Home::open(root) {
        Ok(home) if force && home.is_demo() => {
            let _lock = home.lock()?; // not under the feet of another process
            fs::remove_dir_all(root).with_context(|| root.display().to_string())?;
        }
        Ok(home) if home.is_demo() => {
            bail!("{} exists; --force makes the demo anew, --home DIR makes another", root.display())
        }
        Ok(_) => bail!(
            "{} is a real home, which a demo never touches; name another with --home DIR",
            root.display()
        ),
        Err(HomeError::Missing(_)) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(Home::create(root, true)?)
}

fn step(out: &mut Output, number: u32, words: &str) -> anyhow::Result<()> {
    out.text(format_args!("{}{number}. {words}", if number > 1 { "\n" } else { "" }))?;
    Ok(out.flush()?)
}

impl DemoList {
    fn import(&self, home: &Home, folder: &Path, today: Date, out: &mut Output) -> anyhow::Result<()> {
        let path = folder.join(self.file);
        let shown = path.display().to_string();
        let name: SetName = self.set.parse()?;
        let form: Option<ListForm> = self.form.map(str::parse).transpose()?;
        let options = ReadOptions { form, ..ReadOptions::default() };
        let update = SetUpdate {
            role: Some(self.role),
            list_class: Some(Dimension::ListClass.code(self.class)?),
            source: Some("the innerward demo; synthetic".into()),
            licence: Some("CC0-1.0".into()),
            ..SetUpdate::default()
        };
        let mut input = File::open(&path).with_context(|| shown.clone())?;
        let imported = import(home, &home.lock()?, &name, &mut input, &options, &update, today)
            .with_context(|| shown.clone())?;
        report_bad_lines(&shown, &imported.report);
        print_import(&imported, out)
    }
}

fn draw(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir(folder).with_context(|| folder.display().to_string())?;
    (0..pictures::COUNT).into_par_iter().try_for_each(|index| {
        let picture = pictures::picture(index);
        fs::write(folder.join(&picture.name), &picture.bytes).with_context(|| folder.display().to_string())
    })
}
