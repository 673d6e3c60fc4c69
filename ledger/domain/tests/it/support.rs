//! What the tests of this crate share: drafts with everything that does not matter left out.

use standing_domain::entry::event::term::Term;
use standing_domain::entry::event::{Event, TermKind};
use standing_domain::entry::norm::{Condition, Norm, RightRule, Rule, Support};
use standing_domain::entry::{AuthorityKind, Content};
use standing_domain::id::position::Position;
use standing_domain::id::{SessionId, Word};
use standing_domain::time::day::Day;
use standing_domain::time::when::{Edge, When, Window};

/// Returns a draft of an event, or an empty one. It rests on the law itself, so that nothing is to
/// be found about that.
pub fn draft(event: Option<Event>, effective: Option<When>, order: u16) -> Content {
    let mut content = Content::bare(effective, event);
    content.order = order;
    content.authority.kind = AuthorityKind::OperationOfLaw;
    content
}

/// Returns the same draft as a correction.
pub fn correcting(mut content: Content, target: Position) -> Content {
    content.corrects = Some(target);
    content
}

/// Returns the draft that declares a word.
pub fn term(kind: TermKind, word: &str) -> Content {
    let event = Event::TermDeclared(Term::bare(kind, Word::new(word).unwrap()));
    draft(Some(event), None, 0)
}

/// Reads a day.
pub fn day(text: &str) -> Day {
    Day::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

/// Reads `2012`, `2012-07`, `2012-07-03` or `2012-07-03..2012-08-01`.
pub fn window(text: &str) -> Window {
    match text.split_once("..") {
        Some((a, b)) => Window::new(day(a), day(b)).unwrap_or_else(|error| panic!("{error}")),
        None => Window::parse(text).unwrap_or_else(|error| panic!("{error}")),
    }
}

/// Returns an edge of a session.
pub fn anchor(session: &str, edge: Edge) -> When {
    When::Anchor {
        session: SessionId::new(session).unwrap(),
        edge,
    }
}

/// Returns a norm that moves a right.
pub fn norm(
    rule: fn(RightRule) -> Rule,
    right: RightRule,
    support: Support,
    condition: Condition,
) -> Norm {
    Norm {
        support,
        condition,
        note: String::new(),
        rule: rule(right),
    }
}
