//! Consumers of the streams that nobody here wrote the client of: they know the .proto files alone.

use super::{lines, node, number, python, text};
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Command;

/// The languages there is one in.
pub const CONSUMERS: [Consumer; 2] = [Consumer::Python, Consumer::JavaScript];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consumer {
    Python,
    JavaScript,
}

/// Who asks about what: party, right, body, day.
pub type Question = (String, String, String, String);

/// What a consumer printed.
pub struct Watched {
    /// The messages, in order.
    pub messages: Vec<Value>,
    /// What the changes of rights amount to.
    pub answers: BTreeMap<Question, String>,
}

impl Consumer {
    /// Reads a stream (`entries` or `rights`) of an association up to a sequence.
    pub fn watch(
        self,
        connection: &[&str],
        association: &str,
        stream: &str,
        until: u64,
        days: &[&str],
    ) -> Watched {
        let mut command = self.command();
        command
            .args(connection)
            .args(["--association", association]);
        command
            .arg("--proto")
            .arg(crate::house::tidy::root().join("proto"));
        command.args(["--until", &until.to_string()]);
        for day in days {
            command.args(["--on", day]);
        }
        let printed = lines(command.arg(stream), "");
        let (messages, answers): (Vec<_>, Vec<_>) = printed
            .into_iter()
            .partition(|line| line.get("sequence").is_some());
        let answers = answers.iter().map(|line| {
            let [party, right, body, on, verdict] =
                ["party", "right", "body", "on", "verdict"].map(|key| text(line, key).to_owned());
            ((party, right, body, on), verdict)
        });
        let answers = answers.collect();
        let last = messages.last().map(|message| number(message, "sequence"));
        assert_eq!(last, Some(until), "{self:?}");
        Watched { messages, answers }
    }

    fn command(self) -> Command {
        match self {
            Self::Python => python("watch.py"),
            Self::JavaScript => node("watch.mjs"),
        }
    }
}
