//! How long callers wait, as gRPC tells it.

use http::HeaderMap;
use std::time::Duration;
use tonic::metadata::MetadataMap;

/// The longest that a call waits for a position.
const LONGEST: Duration = Duration::from_secs(5);

/// What is left of a deadline for the answer and its way, at least.
const MARGIN: Duration = Duration::from_millis(20);

/// Returns how long a call may wait, so that there is time left for its answer.
pub(crate) fn patience(call: &MetadataMap) -> Duration {
    let Some(timeout) = timeout_of(call.as_ref()) else {
        return LONGEST;
    };
    let margin = MARGIN.max(timeout / 5);
    timeout.saturating_sub(margin).min(LONGEST)
}

/// Returns how long a caller says that it waits.
pub(crate) fn timeout_of(headers: &HeaderMap) -> Option<Duration> {
    timeout(headers.get("grpc-timeout")?.to_str().ok()?)
}

/// Reads the header in which gRPC tells how long the caller waits: up to eight digits and a unit.
fn timeout(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let is_number = (1..=8).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    let number: u64 = digits.parse().ok().filter(|_| is_number)?;
    match unit {
        "H" => Some(Duration::from_secs(number * 3_600)),
        "M" => Some(Duration::from_secs(number * 60)),
        "S" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_millis(number)),
        "u" => Some(Duration::from_micros(number)),
        "n" => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_leaves_time_for_the_answer() {
        let call = |text: &str| {
            let mut call = MetadataMap::new();
            call.insert("grpc-timeout", text.parse().unwrap());
            patience(&call)
        };
        assert_eq!(call("1S"), Duration::from_millis(800));
        assert_eq!(call("100m"), Duration::from_millis(80));
        assert_eq!(call("5m"), Duration::ZERO);
        assert_eq!(call("99999999H"), LONGEST);
        for malformed in ["S", "1", "1s", "123456789S", "-1S", "+1S"] {
            assert_eq!(call(malformed), LONGEST, "{malformed}");
        }
        assert_eq!(patience(&MetadataMap::new()), LONGEST);
    }
}
