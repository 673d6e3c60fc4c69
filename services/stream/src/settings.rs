//! What a stream must be set to so that it can hold a history: how it is made, and what is refused.

use async_nats::jetstream::stream::{
    Config, DiscardPolicy, Info, PersistenceMode, RetentionPolicy, StorageType,
};
use std::fmt;
use std::time::Duration;

/// The least a largest message may be set to, in bytes.
const MESSAGE: i32 = 1 << 20;

/// A setting, or the state, of a stream that has lost history or could lose it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The setting, as NATS names it.
    pub setting: &'static str,
    /// What it is.
    pub found: String,
    /// What it must be.
    pub needed: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            setting,
            found,
            needed,
        } = self;
        write!(f, "{setting} is {found} and must be {needed}")
    }
}

/// Returns how a stream is made.
pub(crate) fn wanted(name: String, subjects: String, replicas: usize) -> Config {
    Config {
        name,
        subjects: vec![subjects],
        description: Some(
            "Written by standing. Nothing in it is ever changed or deleted.".to_owned(),
        ),
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::New,
        storage: StorageType::File,
        max_messages: -1,
        max_bytes: -1,
        max_messages_per_subject: -1,
        max_consumers: -1,
        max_age: Duration::ZERO,
        num_replicas: replicas,
        deny_delete: true,
        deny_purge: true,
        allow_direct: true,
        ..Config::default()
    }
}

/// Returns everything about a stream by which it has lost history or could lose it. Without a
/// number of replicas any will do.
pub(crate) fn violations(info: &Info, subjects: &str, replicas: Option<usize>) -> Vec<Violation> {
    let mut found = of_config(&info.config, subjects, replicas);
    let state = &info.state;
    let mut lost = |setting, is: String, must: &str| {
        found.push(Violation {
            setting,
            found: is,
            needed: must.to_owned(),
        });
    };
    if state.last_sequence > 0 && state.first_sequence != 1 {
        let first = state.first_sequence.to_string();
        lost("first_seq", first, "1: messages are gone");
    } else if let Some(deleted) = state.deleted_count.filter(|count| *count > 0) {
        lost("num_deleted", deleted.to_string(), "0: messages are gone");
    } else if state.messages != state.last_sequence {
        let must = format!("{}: messages are gone", state.last_sequence);
        lost("messages", state.messages.to_string(), &must);
    }
    found
}

/// Returns every setting that could lose history.
fn of_config(config: &Config, subjects: &str, replicas: Option<usize>) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut must = |holds: bool, setting, is: String, needed: String| {
        if !holds {
            found.push(Violation {
                setting,
                found: is,
                needed,
            });
        }
    };
    let retention = config.retention == RetentionPolicy::Limits;
    let is = format!("{:?}", config.retention).to_lowercase();
    must(retention, "retention", is, "limits".to_owned());
    let is = format!("{:?}", config.discard).to_lowercase();
    must(
        config.discard == DiscardPolicy::New,
        "discard",
        is,
        "new".to_owned(),
    );
    let is = format!("{:?}", config.storage).to_lowercase();
    must(
        config.storage == StorageType::File,
        "storage",
        is,
        "file".to_owned(),
    );
    for (setting, limit) in [
        ("max_msgs", config.max_messages),
        ("max_bytes", config.max_bytes),
        ("max_msgs_per_subject", config.max_messages_per_subject),
    ] {
        must(
            limit <= 0,
            setting,
            limit.to_string(),
            "-1 (unlimited)".to_owned(),
        );
    }
    let age = format!("{:?}", config.max_age);
    must(
        config.max_age.is_zero(),
        "max_age",
        age,
        "0 (unlimited)".to_owned(),
    );
    let size = config.max_message_size;
    let least = format!("-1 (unlimited) or at least {MESSAGE}");
    must(
        size <= 0 || size >= MESSAGE,
        "max_msg_size",
        size.to_string(),
        least,
    );
    must(
        config.subjects == [subjects],
        "subjects",
        config.subjects.join(", "),
        subjects.to_owned(),
    );
    let (has, least) = (config.num_replicas, replicas.unwrap_or(0));
    must(
        has >= least,
        "num_replicas",
        has.to_string(),
        format!("{least} or more"),
    );
    let first = config.first_sequence.unwrap_or(0);
    must(first <= 1, "first_seq", first.to_string(), "1".to_owned());
    for (setting, is, needed) in switches(config) {
        must(is == needed, setting, is.to_string(), needed.to_string());
    }
    let absent = "absent".to_owned();
    for (setting, is) in [
        ("mirror", config.mirror.is_some()),
        (
            "sources",
            config
                .sources
                .as_ref()
                .is_some_and(|sources| !sources.is_empty()),
        ),
        ("subject_transform", config.subject_transform.is_some()),
        (
            "subject_delete_marker_ttl",
            config
                .subject_delete_marker_ttl
                .is_some_and(|ttl| !ttl.is_zero()),
        ),
    ] {
        must(!is, setting, "set".to_owned(), absent.clone());
    }
    let asynchronous = config.persist_mode == Some(PersistenceMode::Async);
    must(
        !asynchronous,
        "persist_mode",
        "async".to_owned(),
        "default".to_owned(),
    );
    found
}

/// Returns the settings that are on or off, with what they are and must be.
fn switches(config: &Config) -> [(&'static str, bool, bool); 8] {
    [
        ("deny_delete", config.deny_delete, true),
        ("deny_purge", config.deny_purge, true),
        ("allow_rollup_hdrs", config.allow_rollup, false),
        ("sealed", config.sealed, false),
        ("no_ack", config.no_ack, false),
        ("allow_msg_ttl", config.allow_message_ttl, false),
        ("allow_msg_counter", config.allow_message_counter, false),
        ("allow_msg_schedules", config.allow_message_schedules, false),
    ]
}

#[cfg(test)]
mod tests;
