//! How far a server and its streams are from each other.

use super::{instant, table};
use standing_proto::v1::{ChangeCursor, GetStreamStatusResponse, StreamRole, StreamState};

/// Writes how far a server and its streams are from each other.
pub fn status(response: &GetStreamStatusResponse) -> String {
    let role = match response.role() {
        StreamRole::Unspecified => "",
        StreamRole::Alone => "alone: it records, and has no streams",
        StreamRole::Writer => "writer: it records, and publishes",
        StreamRole::Replica => "replica: it follows",
    };
    let state = match response.state() {
        StreamState::Unspecified => "",
        StreamState::Disconnected => "DISCONNECTED",
        StreamState::Behind => "BEHIND",
        StreamState::CaughtUp => "CAUGHT UP",
        StreamState::Stopped => "STOPPED",
    };
    let entries = stream(
        &response.entries_stream,
        &response.entries_position.to_string(),
        response.entries_behind,
    );
    let place = response.rights_cursor.as_ref();
    let rights = stream(
        &response.rights_stream,
        &place.map_or_else(|| "0".to_owned(), cursor),
        response.rights_behind,
    );
    let confirmed = response.confirmed_time.as_ref();
    let rows = [
        ("role", role.to_owned()),
        ("state", state.to_owned()),
        ("problem", response.problem.clone()),
        ("entries", entries),
        ("changes", rights),
        ("confirmed", confirmed.map_or_else(String::new, instant)),
        ("writer", response.writer.clone()),
    ];
    let rows = rows.into_iter().filter(|(_, value)| !value.is_empty());
    let rows = rows.map(|(key, value)| [key.to_owned(), value]);
    table(["", ""], rows.collect())
}

fn stream(name: &str, position: &str, behind: u64) -> String {
    match (name, behind) {
        ("", _) => String::new(),
        (name, 0) => format!("{name}, at {position}"),
        (name, 1) => format!("{name}, at {position}, 1 entry behind"),
        (name, behind) => format!("{name}, at {position}, {behind} entries behind"),
    }
}

fn cursor(cursor: &ChangeCursor) -> String {
    format!("{} of {}", cursor.position, cursor.day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn what_is_wrong_and_how_far_behind_is_told() {
        let response = GetStreamStatusResponse {
            role: StreamRole::Writer.into(),
            state: StreamState::Disconnected.into(),
            problem: "the NATS server is not reached".to_owned(),
            entries_stream: "standing-near-entries".to_owned(),
            entries_position: 40,
            entries_behind: 2,
            rights_stream: "standing-near-rights".to_owned(),
            rights_cursor: Some(ChangeCursor {
                position: 40,
                day: "2024-09-25".to_owned(),
                index: 1,
                count: 3,
                ..ChangeCursor::default()
            }),
            rights_behind: 2,
            confirmed_time: None,
            writer: "http://127.0.0.1:7420".to_owned(),
        };
        expect![[r"
            role     writer: it records, and publishes
            state    DISCONNECTED
            problem  the NATS server is not reached
            entries  standing-near-entries, at 40, 2 entries behind
            changes  standing-near-rights, at 40 of 2024-09-25, 2 entries behind
            writer   http://127.0.0.1:7420
        "]]
        .assert_eq(&status(&response));
    }
}
