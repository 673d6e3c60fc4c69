use super::*;
use async_nats::jetstream::stream::{Source, SubjectTransform};

const SUBJECTS: &str = "standing.test.entry.>";

fn good() -> Config {
    wanted("standing-test-entries".to_owned(), SUBJECTS.to_owned(), 3)
}

fn found(config: &Config) -> Vec<&'static str> {
    let found = of_config(config, SUBJECTS, Some(3));
    found.iter().map(|violation| violation.setting).collect()
}

#[test]
fn what_is_made_is_accepted() {
    assert_eq!(found(&good()), [""; 0]);
    // As a server without a newer setting answers.
    let config = Config {
        max_message_size: -1,
        first_sequence: Some(1),
        sources: Some(vec![]),
        persist_mode: Some(PersistenceMode::Default),
        num_replicas: 5,
        ..good()
    };
    assert_eq!(found(&config), [""; 0]);
}

#[test]
fn each_dangerous_setting_is_named() {
    type Case = (&'static str, fn(&mut Config));
    let cases: Vec<Case> = vec![
        ("retention", |c| c.retention = RetentionPolicy::Interest),
        ("retention", |c| c.retention = RetentionPolicy::WorkQueue),
        ("discard", |c| c.discard = DiscardPolicy::Old),
        ("storage", |c| c.storage = StorageType::Memory),
        ("max_msgs", |c| c.max_messages = 1),
        ("max_bytes", |c| c.max_bytes = 1 << 40),
        ("max_msgs_per_subject", |c| c.max_messages_per_subject = 1),
        ("max_age", |c| c.max_age = Duration::from_secs(1)),
        ("max_msg_size", |c| c.max_message_size = 1_000_000),
        ("subjects", |c| c.subjects.push("standing.more".to_owned())),
        ("subjects", |c| c.subjects = vec!["standing.>".to_owned()]),
        ("num_replicas", |c| c.num_replicas = 2),
        ("first_seq", |c| c.first_sequence = Some(2)),
        ("deny_delete", |c| c.deny_delete = false),
        ("deny_purge", |c| c.deny_purge = false),
        ("allow_rollup_hdrs", |c| c.allow_rollup = true),
        ("sealed", |c| c.sealed = true),
        ("no_ack", |c| c.no_ack = true),
        ("allow_msg_ttl", |c| c.allow_message_ttl = true),
        ("allow_msg_counter", |c| c.allow_message_counter = true),
        ("allow_msg_schedules", |c| c.allow_message_schedules = true),
        ("mirror", |c| c.mirror = Some(Source::default())),
        ("sources", |c| c.sources = Some(vec![Source::default()])),
        ("subject_transform", |c| {
            c.subject_transform = Some(SubjectTransform {
                source: String::new(),
                destination: String::new(),
            });
        }),
        ("subject_delete_marker_ttl", |c| {
            c.subject_delete_marker_ttl = Some(Duration::from_secs(1));
        }),
        ("persist_mode", |c| {
            c.persist_mode = Some(PersistenceMode::Async);
        }),
    ];
    for (setting, spoil) in cases {
        let mut config = good();
        spoil(&mut config);
        assert_eq!(found(&config), [setting]);
    }
}

#[test]
fn all_are_named_at_once_with_what_they_must_be() {
    let config = Config {
        max_messages: 5,
        deny_purge: false,
        num_replicas: 1,
        ..good()
    };
    let found = of_config(&config, SUBJECTS, Some(3));
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "max_msgs is 5 and must be -1 (unlimited)",
            "num_replicas is 1 and must be 3 or more",
            "deny_purge is false and must be true",
        ]
    );
}
