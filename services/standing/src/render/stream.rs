//! How far a server and its streams are from each other.

use super::{counted, instant, table};
use standing_proto::v1::{GetStreamStatusResponse, StreamRole, StreamState};

/// Writes the status of the streams.
pub fn status(status: &GetStreamStatusResponse) -> String {
    let role = match status.role() {
        StreamRole::Unspecified | StreamRole::Alone => "records, and has no streams",
        StreamRole::Writer => "records, and publishes",
        StreamRole::Replica => "follows another",
    };
    let state = match status.state() {
        StreamState::Unspecified => "",
        StreamState::Disconnected => "disconnected: it is tried again",
        StreamState::Behind => "behind",
        StreamState::CaughtUp => "caught up",
        StreamState::Stopped => "STOPPED",
    };
    let cursor = status.rights_cursor.clone();
    let rows = [
        ("this server", role.to_owned()),
        ("state", state.to_owned()),
        ("problem", status.problem.clone()),
        (
            "entries",
            stream(
                &status.entries_stream,
                &format!("position {}", status.entries_position),
                status.entries_behind,
            ),
        ),
        (
            "rights",
            stream(
                &status.rights_stream,
                &cursor.map_or_else(
                    || "nothing yet".to_owned(),
                    |at| {
                        format!(
                            "position {}, {}, {} of {}",
                            at.position, at.day, at.index, at.count
                        )
                    },
                ),
                status.rights_behind,
            ),
        ),
        (
            "confirmed",
            status
                .confirmed_time
                .as_ref()
                .map_or_else(String::new, instant),
        ),
        ("writer", status.writer.clone()),
    ];
    let rows = rows.into_iter().filter(|(_, value)| !value.is_empty());
    let rows = rows.map(|(key, value)| [key.to_owned(), value]);
    table(["", ""], rows.collect())
}

/// Writes where a stream stands; nothing where there is none.
fn stream(name: &str, place: &str, behind: u64) -> String {
    if name.is_empty() {
        return String::new();
    }
    let behind = match usize::try_from(behind) {
        Ok(0) => String::new(),
        Ok(count) => format!("; {} behind", counted(count, "entry", "entries")),
        Err(_) => format!("; {behind} entries behind"),
    };
    format!("{name}: {place}{behind}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use standing_proto::time::timestamp;
    use standing_proto::v1::ChangeCursor;

    #[test]
    fn a_stream_is_told_with_how_far_it_is_behind() {
        let told = GetStreamStatusResponse {
            role: StreamRole::Writer.into(),
            state: StreamState::Behind.into(),
            entries_stream: "near-entries".to_owned(),
            entries_position: 811,
            entries_behind: 1,
            rights_stream: "near-rights".to_owned(),
            rights_cursor: Some(ChangeCursor {
                position: 800,
                day: "2026-11-25".to_owned(),
                index: 2,
                count: 3,
            }),
            rights_behind: 12,
            confirmed_time: Some(timestamp(1_795_600_931_000_000)),
            ..GetStreamStatusResponse::default()
        };
        expect![[r"
            this server  records, and publishes
            state        behind
            entries      near-entries: position 811; 1 entry behind
            rights       near-rights: position 800, 2026-11-25, 2 of 3; 12 entries behind
            confirmed    2026-11-25 10:02:11 UTC
        "]]
        .assert_eq(&status(&told));
    }

    #[test]
    fn a_server_without_streams_says_so() {
        let alone = GetStreamStatusResponse {
            role: StreamRole::Alone.into(),
            ..GetStreamStatusResponse::default()
        };
        expect![[r"
            this server  records, and has no streams
        "]]
        .assert_eq(&status(&alone));
    }
}
