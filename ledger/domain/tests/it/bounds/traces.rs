//! What was only judged, or refused, leaves nothing behind.

use crate::naive::world::{Step, content, steps, vocabulary};
use crate::support::{draft, term};
use proptest::prelude::*;
use standing_domain::entry::Content;
use standing_domain::entry::event::{Event, Name, NameKind, Named, PartyRegistered, TermKind};
use standing_domain::entry::key::Touched;
use standing_domain::id::position::Position;
use standing_domain::id::{BodyId, ClassId, PartyId, SessionId, Word};
use standing_domain::state::State;
use standing_domain::time::when::{Edge, When};

/// Applies batches above the head and takes them back, the last first.
fn tried(state: &State, batches: &[Vec<Content>]) -> State {
    let mut trial = state.clone();
    let mut contents: Vec<Content> = Vec::new();
    let mut applied: Vec<(Position, Touched)> = Vec::new();
    for batch in batches {
        let first = state.head().after(contents.len()).next();
        contents.extend(batch.iter().cloned());
        let lookup = |position: Position| match position.nth_from(state.head().next()) {
            Some(draft) => contents.get(draft).cloned(),
            None => state.content(position).cloned(),
        };
        let mut touched = Touched::default();
        for (position, content) in first.onwards().zip(batch) {
            let roll = &mut trial.roll;
            trial.book.apply(
                position,
                content,
                &lookup,
                &mut |party, change| roll.apply(party, change),
                Some(&mut touched),
            );
        }
        applied.push((first, touched));
    }
    for (first, touched) in applied.iter().rev() {
        let above = first.previous();
        trial.book.retract(above, &touched.slots(), &touched.refs);
        let book = &trial.book;
        let is_annulled = |position| !book.annulments(position).is_empty();
        for party in &touched.parties {
            trial.roll.retract(party, above, &is_annulled);
        }
    }
    trial
}

/// Drafts that name what nothing named before.
fn strangers(n: u16) -> Vec<Content> {
    let word = |text: &str| Word::new(&format!("{text}-{n}")).unwrap();
    let session = |ordinal| SessionId {
        series: BodyId::new("general-assembly").unwrap(),
        ordinal,
    };
    let name = Name {
        language: word("language"),
        text: format!("Name {n}"),
    };
    let party = PartyId::new(&format!("party-{n}")).unwrap();
    let registered = Event::PartyRegistered(PartyRegistered {
        party: party.clone(),
        kind: word("kind"),
        country: Some(word("country")),
        region: None,
        names: vec![name.clone()],
        aliases: Vec::new(),
        person: None,
    });
    let taken = Event::NameTaken {
        subject: Named::Party(party.clone()),
        kind: NameKind::Legal,
        name,
    };
    let anchored = When::Anchor {
        session: session(1_000 + u32::from(n)),
        edge: Edge::Opening,
    };
    let applied = Event::ApplicationFiled {
        party,
        class: ClassId::new(&format!("class-{n}")).unwrap(),
    };
    vec![
        term(TermKind::Class, &format!("declared-{n}")),
        draft(Some(registered), None, 0),
        draft(Some(taken), Some(anchored.clone()), 0),
        draft(Some(applied), Some(anchored), 1),
    ]
}

fn recorded(steps: &[Step]) -> (State, Position) {
    let mut state = State::default();
    state.record(&vocabulary()).unwrap();
    let base = state.head();
    for step in steps {
        if let Some(content) = content(step, &state, base) {
            // Refused drafts leave nothing, which is what is tested.
            let before = state.clone();
            if state.record(&[content]).is_err() {
                assert!(state == before);
            }
        }
    }
    (state, base)
}

proptest! {
    #![proptest_config(crate::naive::cases(160))]

    #[test]
    fn batches_that_are_taken_back_leave_the_state_as_it_was(
        before in steps(true, true),
        tried_steps in prop::collection::vec(prop::collection::vec(steps(true, true), 1..3), 1..4),
        with_strangers in any::<bool>(),
    ) {
        let (state, base) = recorded(&before);
        let mut batches: Vec<Vec<Content>> = Vec::new();
        for (steps, n) in tried_steps.iter().zip(0..) {
            // Whatever they say, sensible or not: they are not judged here.
            let steps = steps.iter().flatten();
            let mut batch: Vec<Content> = steps.filter_map(|s| content(s, &state, base)).collect();
            if with_strangers {
                batch.extend(strangers(n));
                batch.extend(strangers(n / 2));
            }
            batches.push(batch);
        }
        let after = tried(&state, &batches);
        prop_assert!(after == state, "{:#?}\n{:#?}", after.book, state.book);
    }

    #[test]
    fn forgetting_what_came_after_is_never_having_known_it(
        before in steps(true, true),
        later in steps(true, true),
    ) {
        let (state, base) = recorded(&before);
        let mut longer = state.clone();
        let strange = longer.record(&strangers(7)[..2]).is_ok();
        for step in &later {
            if let Some(content) = content(step, &longer, base) {
                let _ = longer.record(&[content]);
            }
        }
        prop_assert!(longer.head() >= state.head() || strange);
        longer.book.forget_after(state.head());
        prop_assert!(longer.book == state.book, "{:#?}\n{:#?}", longer.book, state.book);
    }
}
