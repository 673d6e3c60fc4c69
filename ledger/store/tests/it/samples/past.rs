//! Events whose payloads have changed: with what a later version added, and without, as the files
//! of the version before pin them. Without it they never change.

use crate::samples::word::terms_v1;
use crate::samples::{id, ids, law, names, session};
use standing_domain::entry::event::{Attendance, Event, PartyRegistered};
use standing_domain::entry::norm::Passing;
use standing_domain::time::when::When;

/// Makes a party, perhaps a natural person.
pub(crate) fn registered(person: Option<&str>) -> Event {
    Event::PartyRegistered(PartyRegistered {
        party: id("cn-qinghai"),
        kind: id("regional-government"),
        country: Some(id("cn")),
        region: Some(id("north-east-asia")),
        names: names(),
        aliases: ids(&["iso-cn-qh"]),
        person: person.map(id),
    })
}

/// Makes a succession, perhaps with the class that results.
pub(crate) fn succeeded(class: Option<&str>) -> Event {
    Event::PartySucceeded {
        from: id("cn-qinghai"),
        to: id("cn-new"),
        passes: vec![
            Passing::Membership,
            Passing::Offices,
            Passing::Accounts,
            Passing::Seats,
        ],
        class: class.map(id),
    }
}

/// Makes who was at a session.
pub(crate) fn attendance(in_person_complete: bool) -> Event {
    Event::AttendanceRecorded(Attendance {
        session: session("working-committee", 14),
        present: ids(&["kr-ulsan", "cn-qinghai"]),
        in_writing: ids(&["jp-toyama"]),
        in_writing_complete: true,
        others: vec!["press".to_owned()],
        bodies_counted: 32,
        in_person_complete,
    })
}

/// Makes a turn that is declined.
pub(crate) fn declined(turn: Option<When>) -> Event {
    Event::TurnDeclined {
        office: id("chair"),
        party: id("kr-ulsan"),
        turn,
    }
}

/// Returns what each golden file of an older version holds, by the name of the kind and the
/// version.
pub(crate) fn versions() -> Vec<(&'static str, u8, Vec<Event>)> {
    vec![
        ("term-declared", 1, terms_v1()),
        ("party-registered", 1, vec![registered(None)]),
        ("party-succeeded", 1, vec![succeeded(None)]),
        ("attendance-recorded", 1, vec![attendance(false)]),
        ("turn-declined", 1, vec![declined(None)]),
        ("article-enacted", 1, law::enacted_v1().into()),
        ("article-enacted", 2, law::enacted_v2().into()),
        ("article-repealed", 1, vec![law::repealed(None)]),
    ]
}
