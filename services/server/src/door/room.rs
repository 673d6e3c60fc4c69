//! What a message needs that has come, and what is told where there is no room for it.

use super::method::{Method, Need};
use super::{Door, weight};
use crate::call::errors::Problem;
use tonic::{Code, Status};

/// Refuses a message that has more bytes than its method takes.
pub(super) fn refuse_large(method: Method, length: usize) -> Result<(), Status> {
    let most = method.most();
    if length <= most {
        return Ok(());
    }
    let said = format!("the message has {length} bytes; the limit is {most}");
    let problem = Problem::new(Code::OutOfRange, "MESSAGE_TOO_LARGE", said);
    Err(problem.with("bytes", length).with("most", most).into())
}

/// Returns what a message needs beyond what its length accounts for, if it needs more.
pub(super) fn more_than(
    door: &Door,
    path: &str,
    message: &[u8],
    need: Need,
) -> Result<Option<Need>, Status> {
    let weight = door.weights.weigh(path, message);
    if weight > weight::MOST {
        let said = "the message's lists have more items than a request can be made of";
        return Err(Problem::new(Code::InvalidArgument, "TOO_MANY", said).into());
    }
    let more = weight.saturating_sub(need.request);
    Ok((more > 0).then_some(Need {
        request: more,
        fixed: 0,
        answer: 0,
        ..need
    }))
}

/// What is told where there is no memory for what a call needs.
pub(super) fn no_room(door: &Door, need: Need) -> Status {
    let message = "what you may hold of the server's memory is held by other calls: \
                   read their answers, or call again later";
    let problem = door.refuse("BUDGET_OF_BYTES", message);
    problem.with("bytes", need.all()).into()
}
