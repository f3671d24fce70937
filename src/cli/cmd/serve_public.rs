//! `innerward serve-public`

use std::path::PathBuf;

use clap::Args;

use super::serve::{Listening, log, runtime};
use crate::cli::global::Global;
use crate::cli::output::{Output, complain};
use crate::cli::status::Status;
use crate::home::ServeConfig;
use crate::serve::{Orders, PublicService, Settings};

/// Where the file server listens if nothing else is said.
const LISTEN: &str = "127.0.0.1:8421";

/// Hand out a published folder over HTTP: releases, their feeds, their pages
///
/// A process of its own that opens no home and knows no hash: it reads the files below DIR, follows no links, shows nothing
/// whose name begins with a dot, and changes nothing. A folder that is a home is refused; its folder `public`, or a copy of that,
/// is what DIR is for. There is nothing in it but files, so that any other web server does as well.
///
/// Partners poll feed.atom or feed.json, which each publication writes anew, or use `innerward pull`. A browser at / is led to
/// /site/ where there is one, and else sees what there is. Of who reads what there are counts alone, on stderr, once an hour and at
/// the end; no line is written for a request.
///
/// Whoever takes less than 4 KiB a second of a file is not waited for, and where connections run out, the answer that has taken
/// longest makes room.
#[derive(Args)]
pub(in crate::cli) struct ServePublic {
    /// The folder to hand out, such as HOME/public or a copy of it
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// Listen at IP:PORT; may be given several times
    ///
    /// Beyond loopback there has to be TLS, unless --insecure-beyond-loopback says otherwise.
    #[arg(long, value_name = "IP:PORT", default_value = LISTEN)]
    listen: Vec<String>,

    #[command(flatten)]
    listening: Listening,
}

impl ServePublic {
    pub(in crate::cli) fn run(&self, _global: &Global, _out: &mut Output) -> anyhow::Result<Status> {
        let mut config = ServeConfig { listen: Some(self.listen.clone()), ..ServeConfig::default() };
        self.listening.put_into(&mut config)?;
        // Relative paths were made whole where the command is run: there is no home in which they could begin.
        let settings = Settings::of(&config, "/".as_ref())?;
        let log = log(true)?;
        let runtime = runtime()?;
        runtime.block_on(async {
            let orders = Orders::of_signals()?;
            let service = PublicService::open(&self.folder, settings, log).await?;
            let at = service.addresses().join(" and ");
            complain(format_args!("listening at {at} and handing out {}", self.folder.display()));
            service.run(orders).await;
            anyhow::Ok(())
        })?;
        runtime.shutdown_background();
        Ok(Status::default())
    }
}
