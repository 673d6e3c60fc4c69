//! What a method may need, as far as that can be told before it is called.

use super::budget::Kind;

/// The most bytes of a message to record: a batch of 16 MiB and what surrounds it.
const MOST_TO_RECORD: usize = 17 << 20;

/// The most bytes of any other message.
const MOST: usize = 4 << 20;

/// What a call needs besides its messages: its headers, its task, and room to encode.
const FIXED: usize = 16 << 10;

/// What a watch needs besides its messages, for as long as it lasts.
const WATCH: usize = 8 << 10;

/// How much more than its message a batch needs: the message, what is read from it, what is kept of
/// it, and the entries.
const TO_RECORD: usize = 4;

/// How much more than its message a question needs: small fields become large ones when they are
/// read.
const TO_ASK: usize = 8;

/// The most bytes of a page, of an instrument and of the like.
const LARGE_ANSWER: usize = 4 << 20;

/// How much larger than the questions of a bulk its answers may be.
const TO_ANSWER: usize = 100;

/// From so many bytes on a question counts as a large one.
const LARGE: usize = 1 << 20;

/// What a reflection may need: descriptions of the contract.
const REFLECTION: usize = 512 << 10;

/// What a stream of requests needs besides them: its headers, its task, what came in one piece with
/// the last of them, and room to encode.
const STREAM: usize = 48 << 10;

/// What each of its requests needs besides its bytes.
const EACH: usize = 1 << 10;

/// How a method is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// Records a batch.
    Record,
    /// Records batches, one after the other, for as long as it lasts.
    Stream,
    /// Is answered once, with little.
    Question,
    /// Is answered once, with a page or the like.
    List,
    /// Asks what a batch would do.
    Preview,
    /// Is answered once, with as many answers as there are questions.
    Bulk,
    /// Is answered for as long as it lasts.
    Watch,
    /// Is a conversation: asks for descriptions of the contract.
    Reflection,
}

/// What a call needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Need {
    /// What it is for.
    pub kind: Kind,
    /// For as long as it is here.
    pub fixed: usize,
    /// For its request.
    pub request: usize,
    /// For its answer.
    pub answer: usize,
}

impl Need {
    /// Returns all of it.
    pub fn all(&self) -> usize {
        self.fixed + self.request + self.answer
    }
}

impl Method {
    /// Finds the method of a path.
    pub fn of(path: &str) -> Self {
        let (service, method) = path.rsplit_once('/').unwrap_or_default();
        if service.contains(".reflection.") {
            return Self::Reflection;
        }
        match method {
            "Record" => Self::Record,
            "RecordStream" => Self::Stream,
            "CheckRights" => Self::Bulk,
            "Preview" => Self::Preview,
            "Watch" | "WatchEntries" | "WatchRights" => Self::Watch,
            "GetInstrument" | "CompareInstrument" | "CompareArticle" | "CompareKnowledge"
            | "GetSession" | "GetTimeline" | "GetVocabulary" | "FetchKeys" => Self::List,
            _ if method.starts_with("List") => Self::List,
            _ => Self::Question,
        }
    }

    /// Returns the most bytes of a message.
    pub fn most(self) -> usize {
        match self {
            Self::Record | Self::Stream | Self::Preview => MOST_TO_RECORD,
            _ => MOST,
        }
    }

    /// Returns what a call needs, by the length of its message; of a stream what it needs besides
    /// its messages.
    pub fn need(self, length: usize) -> Need {
        let ask = length.saturating_mul(TO_ASK);
        let (fixed, request, answer) = match self {
            Self::Record => (FIXED, length.saturating_mul(TO_RECORD), 0),
            Self::Stream => (STREAM, 0, 0),
            Self::Question => (FIXED, ask, FIXED),
            Self::List => (FIXED, ask, LARGE_ANSWER),
            // What is read from it is kept as entries on a layer, and goes with the answer.
            Self::Preview => (FIXED, length.saturating_mul(TO_RECORD), LARGE_ANSWER),
            Self::Bulk => {
                let answer = length.saturating_mul(TO_ANSWER);
                (FIXED, ask, answer.saturating_add(FIXED).min(LARGE_ANSWER))
            }
            Self::Watch => (WATCH, ask, 0),
            Self::Reflection => (FIXED, 0, REFLECTION),
        };
        let kind = match self {
            Self::Record | Self::Stream => Kind::Record,
            _ if request.saturating_add(answer) > LARGE => Kind::List,
            _ => Kind::Question,
        };
        Need {
            kind,
            fixed,
            request,
            answer,
        }
    }

    /// Returns what one of the messages of a stream needs, until it is answered.
    pub fn need_of_each(length: usize) -> Need {
        Need {
            kind: Kind::Record,
            fixed: EACH,
            request: length.saturating_mul(TO_RECORD),
            answer: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_found_by_its_path() {
        for (path, method) in [
            ("/standing.v1.LedgerService/Record", Method::Record),
            ("/standing.v1.LedgerService/RecordStream", Method::Stream),
            ("/standing.v1.LedgerService/GetHead", Method::Question),
            ("/standing.v1.LedgerService/ListEntries", Method::List),
            ("/standing.v1.RightsService/CheckRights", Method::Bulk),
            ("/standing.v1.ChangeService/WatchRights", Method::Watch),
            ("/grpc.health.v1.Health/Check", Method::Question),
            (
                "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
                Method::Reflection,
            ),
            ("", Method::Question),
        ] {
            assert_eq!(Method::of(path), method, "{path}");
        }
    }

    #[test]
    fn a_small_bulk_is_a_small_question_and_a_large_one_is_a_list() {
        assert_eq!(Method::Bulk.need(60).kind, Kind::Question);
        assert_eq!(Method::Bulk.need(400_000).kind, Kind::List);
        assert_eq!(Method::Question.need(MOST).kind, Kind::List);
        assert_eq!(Method::Record.need(MOST_TO_RECORD).kind, Kind::Record);
    }
}
