//! What a server is to its streams and how it goes with them, in the words that health and numbers
//! use.

use standing_proto::v1::{GetStreamStatusResponse, StreamRole, StreamState};

/// Returns whether the streams go as they should, or this server has none. Being behind is no
/// illness.
pub(super) fn is_stream_well(report: Option<&GetStreamStatusResponse>) -> bool {
    report.is_none_or(|report| {
        !matches!(
            report.state(),
            StreamState::Disconnected | StreamState::Stopped
        )
    })
}

/// What the server is to the streams.
pub(super) fn role_word(role: StreamRole) -> &'static str {
    match role {
        StreamRole::Unspecified | StreamRole::Alone => "alone",
        StreamRole::Writer => "writer",
        StreamRole::Replica => "replica",
    }
}

/// How it goes with the streams.
pub(super) fn state_word(state: StreamState) -> &'static str {
    match state {
        StreamState::Unspecified => "none",
        StreamState::Disconnected => "disconnected",
        StreamState::Behind => "behind",
        StreamState::CaughtUp => "caught-up",
        StreamState::Stopped => "stopped",
    }
}
