//! A binary that was built without streams: what asks for them is refused, and nothing else
//! changes.

use crate::args;
use crate::failure::Failure;
use crate::settings;
use standing_server::StreamReport;
use standing_server::engine::Recorder;
use std::future::{Ready, ready};
use std::sync::Arc;

/// Where a node would publish: nowhere.
pub enum Streams {}

/// What would publish what a node records: nothing.
pub enum Publisher {}

impl Streams {
    /// Returns where the arguments say to publish, which may only be nowhere.
    ///
    /// # Errors
    /// They name a server.
    pub fn of(args: &args::Serve) -> Result<Option<Self>, Failure> {
        match &args.nats {
            Some(_) => Err(absent("--nats")),
            None => Ok(None),
        }
    }

    /// Is never called: there is no value to call it on.
    pub fn publish(
        self,
        _: &args::Serve,
        _: Arc<Recorder>,
        _: String,
    ) -> Result<Publisher, Failure> {
        match self {}
    }
}

impl Publisher {
    /// Is never called: there is no value to call it on.
    pub fn look(&self) -> Ready<()> {
        match *self {}
    }

    /// Is never called: there is no value to call it on.
    pub fn report(&self) -> StreamReport {
        match *self {}
    }

    /// Is never called: there is no value to call it on.
    pub fn stop(self) -> Ready<()> {
        match self {}
    }
}

/// Follows nothing.
///
/// # Errors
/// Always.
pub fn follow(_: &args::Replica, _: &settings::Access) -> Ready<Result<(), Failure>> {
    ready(Err(absent("replica")))
}

fn absent(what: &str) -> Failure {
    Failure::failed(format!(
        "{what}: this binary was built without NATS; build it with the feature `nats`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Cli, Command};
    use clap::Parser as _;

    #[tokio::test]
    async fn streams_are_refused_by_name() {
        let parse = |args: &[&str]| {
            let args = ["standing"].iter().chain(args);
            Cli::try_parse_from(args).unwrap().command
        };
        let Command::Serve(serve) = parse(&["serve"]) else {
            panic!()
        };
        assert!(Streams::of(&serve).unwrap().is_none());
        let Command::Serve(serve) = parse(&["serve", "--nats", "nats://localhost"]) else {
            panic!()
        };
        let refused = Streams::of(&serve).err().unwrap().to_string();
        assert!(refused.starts_with("--nats: this binary was built without NATS"));
        let Command::Replica(replica) = parse(&["replica", "--nats", "nats://localhost"]) else {
            panic!()
        };
        let refused = follow(&replica, &settings::Access::default())
            .await
            .unwrap_err()
            .to_string();
        assert!(refused.starts_with("replica: this binary was built without NATS"));
    }
}
