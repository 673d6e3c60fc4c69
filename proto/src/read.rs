//! Reading what came over the wire: a cursor that knows where it is and collects what is wrong.

mod text;
mod zone;

use crate::choice::{Choice, Listed};
use crate::limit;
use crate::limit::Limit;
use crate::malformed::{FieldViolation, Malformed};
use standing_domain::id::position::Position;
use standing_domain::id::{
    ActorId, ArticleId, ArticleRef, AssociationId, BodyId, ClassId, CommitteeId, DecisionId,
    DraftId, FunctionId, FundId, IdError, InstrumentId, OfficeId, PartyId, PersonId, RightId,
    SessionId, Word,
};
use standing_domain::text::suggestion;
use std::cell::RefCell;
use std::fmt;

/// Something malformed stood here, and its violation has been collected.
#[derive(Debug)]
pub struct Refused;

pub type Read<T> = Result<T, Refused>;

/// A place in a message being read.
#[derive(Clone, Copy)]
pub struct At<'a> {
    parent: Option<&'a Self>,
    step: Step,
    reading: &'a Reading<'a>,
}

/// A message being read, whatever place in it.
struct Reading<'a> {
    found: RefCell<Vec<FieldViolation>>,
    between: &'a dyn Fn(),
    /// Is shown every text that will be stored as it came, with its place.
    seen: &'a Seen<'a>,
}

/// Is shown texts, each with its place.
pub type Seen<'a> = dyn Fn(&dyn fmt::Display, &str) + 'a;

#[derive(Clone, Copy)]
enum Step {
    Root,
    Field(&'static str),
    Index(usize),
}

/// Builds a value of which every field is read before any is missed, so that all that is malformed
/// comes at once. Each field is given as a [`Read`].
macro_rules! build {
    ($($built:ident)::+ { $($field:ident: $read:expr),* $(,)? }) => {{
        $(let $field = $read;)*
        Ok($($built)::+ { $($field: $field?),* })
    }};
}
pub(crate) use build;

/// Reads a message from its root.
pub(crate) fn read<T>(from: impl FnOnce(&At) -> Read<T>) -> Result<T, Malformed> {
    read_watched(&|| (), &|_, _| (), from)
}

/// Reads a message from its root. `between` is called before each item of a list: whoever reads
/// many may let others have their turn. `seen` is shown every text that will be stored as it came.
pub(crate) fn read_watched<T>(
    between: &dyn Fn(),
    seen: &Seen<'_>,
    from: impl FnOnce(&At) -> Read<T>,
) -> Result<T, Malformed> {
    let reading = Reading {
        found: RefCell::default(),
        between,
        seen,
    };
    let result = from(&At {
        parent: None,
        step: Step::Root,
        reading: &reading,
    });
    let violations = reading.found.into_inner();
    match result {
        Ok(value) if violations.is_empty() => Ok(value),
        _ => Err(Malformed { violations }),
    }
}

impl At<'_> {
    /// Goes to a field of the message at this place.
    pub(crate) fn field<'b>(&'b self, name: &'static str) -> At<'b> {
        At {
            parent: Some(self),
            step: Step::Field(name),
            reading: self.reading,
        }
    }

    fn index(&self, index: usize) -> At<'_> {
        At {
            parent: Some(self),
            step: Step::Index(index),
            reading: self.reading,
        }
    }

    /// Collects a violation of this place.
    pub(crate) fn refuse<T>(&self, reason: &str, description: impl fmt::Display) -> Read<T> {
        self.reading.found.borrow_mut().push(FieldViolation {
            field: self.to_string(),
            reason: reason.to_owned(),
            description: description.to_string(),
        });
        Err(Refused)
    }

    /// Collects that this place is empty.
    pub(crate) fn missing<T>(&self, expected: impl fmt::Display) -> Read<T> {
        self.refuse("MISSING", format_args!("is missing: {expected}"))
    }

    pub(crate) fn id<T: Id>(&self, name: &'static str, text: &str) -> Read<T> {
        self.field(name).id_here(text)
    }

    pub(crate) fn id_here<T: Id>(&self, text: &str) -> Read<T> {
        T::read(text).or_else(|error| self.refuse("NOT_AN_ID", error))
    }

    /// Reads an id that may be left empty.
    pub(crate) fn optional_id<T: Id>(&self, name: &'static str, text: &str) -> Read<Option<T>> {
        if text.is_empty() {
            Ok(None)
        } else {
            self.id(name, text).map(Some)
        }
    }

    /// Reads an id that a question cannot do without; left empty, it is missing.
    pub(crate) fn asked_id<T: Id>(&self, name: &'static str, text: &str) -> Read<T> {
        self.field(name).asked_id_here(text)
    }

    pub(crate) fn asked_id_here<T: Id>(&self, text: &str) -> Read<T> {
        if text.is_empty() {
            return self.refuse("MISSING", "is missing");
        }
        self.id_here(text)
    }

    /// Reads the position of an entry; before the first there is none.
    pub(crate) fn position(&self, name: &'static str, number: u64) -> Read<Position> {
        match Position::new(number) {
            Position::ZERO => {
                let at = self.field(name);
                at.refuse("OUT_OF_RANGE", "positions count from 1")
            }
            position => Ok(position),
        }
    }

    pub(crate) fn ids<T: Id>(
        &self,
        name: &'static str,
        texts: &[String],
        limit: &Limit,
    ) -> Read<Vec<T>> {
        self.list(name, texts, limit, |at, text| at.id_here(text))
    }

    pub(crate) fn text(&self, name: &'static str, text: String, limit: &Limit) -> Read<String> {
        self.field(name).text_here(text, limit)
    }

    pub(crate) fn text_here(&self, text: String, limit: &Limit) -> Read<String> {
        let text = self.sealed_text_here(text, limit)?;
        (self.reading.seen)(self, &text);
        Ok(text)
    }

    /// Reads an id that the message coins, and shows it.
    pub(crate) fn coined_id<T: Id>(&self, name: &'static str, text: &str) -> Read<T> {
        self.coined(name, text);
        self.id(name, text)
    }

    /// Shows an id that the message coins: whoever coins it may have written a name into it.
    pub(crate) fn coined(&self, name: &'static str, id: &str) {
        (self.reading.seen)(&self.field(name), id);
    }

    /// Reads a text that is sealed before it is stored.
    pub(crate) fn sealed_text_here(&self, text: String, limit: &Limit) -> Read<String> {
        if text.len() < *limit.start() {
            return self.refuse("EMPTY", "is empty");
        }
        if text.len() > *limit.end() {
            let (bytes, most) = (text.len(), limit.end());
            return self.refuse("TOO_LONG", format_args!("{bytes} bytes, {most} at most"));
        }
        match text::fault(&text) {
            None => Ok(text),
            Some(fault) => self.refuse(fault.reason(), fault),
        }
    }

    pub(crate) fn choice<T: Choice>(&self, name: &'static str, number: i32) -> Read<T> {
        self.field(name).choice_here(number)
    }

    pub(crate) fn choice_here<T: Choice>(&self, number: i32) -> Read<T> {
        T::choose(self.known(number)?).map_or_else(
            || {
                let names = T::Wire::names();
                self.refuse("UNSPECIFIED", format_args!("is not said: one of {names}"))
            },
            Ok,
        )
    }

    /// Reads the number of an enum of the contract.
    pub(crate) fn known<W: Listed>(&self, number: i32) -> Read<W> {
        W::try_from(number).or_else(|_| {
            let names = W::names();
            self.refuse(
                "UNKNOWN_VALUE",
                format_args!("{number} is no value this version knows: those are {names}"),
            )
        })
    }

    /// Reads every item of a list; of a list that is too long, none.
    pub(crate) fn list<W, T>(
        &self,
        name: &'static str,
        items: impl IntoIterator<Item = W, IntoIter: ExactSizeIterator>,
        limit: &Limit,
        read: impl Fn(&At, W) -> Read<T>,
    ) -> Read<Vec<T>> {
        let at = self.field(name);
        let items = items.into_iter();
        let count = items.len();
        if count < *limit.start() {
            return at.refuse("EMPTY", "needs at least one item");
        }
        if count > *limit.end() {
            let description = format_args!("{count} items, {} at most", limit.end());
            return at.refuse("TOO_MANY", description);
        }
        let mut values = Vec::with_capacity(count);
        let mut refused = false;
        for (index, item) in items.enumerate() {
            (self.reading.between)();
            match read(&at.index(index), item) {
                Ok(value) => values.push(value),
                Err(Refused) => refused = true,
            }
        }
        if refused { Err(Refused) } else { Ok(values) }
    }

    /// Reads a message that must be there.
    pub(crate) fn required<W, T>(
        &self,
        name: &'static str,
        message: Option<W>,
        read: impl FnOnce(&At, W) -> Read<T>,
    ) -> Read<T> {
        let at = self.field(name);
        match message {
            Some(message) => read(&at, message),
            None => at.missing("it must be set"),
        }
    }

    /// Reads a message that may be left out.
    pub(crate) fn optional<W, T>(
        &self,
        name: &'static str,
        message: Option<W>,
        read: impl FnOnce(&At, W) -> Read<T>,
    ) -> Read<Option<T>> {
        message
            .map(|message| read(&self.field(name), message))
            .transpose()
    }

    /// Reads the name of a time zone: one of those whose data travels with this version, as it is
    /// spelt there.
    pub(crate) fn time_zone(&self, name: &'static str, text: String) -> Read<String> {
        let at = self.field(name);
        let text = at.text_here(text, &limit::TIME_ZONE)?;
        if zone::is_known(&text) {
            return Ok(text);
        }
        let nearest = suggestion(&zone::nearest(&text));
        let description =
            format_args!("{text:?} is no IANA time zone name such as Asia/Seoul{nearest}");
        at.refuse("NOT_A_TIME_ZONE", description)
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = self
            .parent
            .filter(|parent| !matches!(parent.step, Step::Root));
        if let Some(parent) = inner {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Field(name) if inner.is_some() => write!(f, ".{name}"),
            Step::Field(name) => f.write_str(name),
            Step::Index(index) => write!(f, "[{index}]"),
        }
    }
}

/// An id of the domain.
pub(crate) trait Id: Sized {
    fn read(text: &str) -> Result<Self, IdError>;
}

macro_rules! ids {
    ($($id:ident)*) => {$(
        impl Id for $id {
            fn read(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }
    )*};
}

ids! {
    ActorId ArticleId ArticleRef AssociationId BodyId ClassId CommitteeId DecisionId DraftId FunctionId FundId
    InstrumentId OfficeId PartyId PersonId RightId SessionId Word
}
