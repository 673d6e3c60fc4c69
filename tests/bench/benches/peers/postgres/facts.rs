//! What a user of a relational database would keep of the same history: rows with the days that
//! they are true of, and the positions that they are known at. Worked out by hand for this one
//! association, whose law is known, and compared with the ledger's answers before anything is
//! timed.

use standing_bench::Outcome;
use standing_bench::world::{CLASSES, HELD, RIGHTS};
use standing_domain::entry::Content;
use standing_domain::entry::event::Event;
use standing_domain::time::day::Day;
use standing_domain::time::when::When;
use std::collections::HashMap;

/// How many months late dues may be before the vote is lost.
const MONTHS: i32 = 12;

/// The place of the vote among the rights.
const VOTE: usize = 0;

/// A row that is true from one day to another, and known from one position to another; the ends are
/// out, and none is for ever.
#[derive(Clone)]
pub struct Row {
    pub party: String,
    pub class: &'static str,
    /// Of a row on a right, which.
    pub right: Option<&'static str>,
    pub from: Day,
    pub until: Option<Day>,
    pub known: u64,
    pub known_until: Option<u64>,
}

/// The rows that follow from all entries.
#[derive(Default)]
pub struct Facts {
    /// Parties and their names.
    pub parties: Vec<(String, String)>,
    /// Who has which class.
    pub members: Vec<Row>,
    /// Who holds which right.
    pub held: Vec<Row>,
    /// The place of each party's latest row on the vote.
    votes: HashMap<String, usize>,
    /// The due day of what a party has not paid yet.
    due: HashMap<String, Day>,
}

fn only_day(when: Option<&When>) -> Outcome<Day> {
    match when {
        Some(When::Window(window)) if window.is_day() => Ok(window.earliest),
        other => Err(format!("{other:?} is no day").into()),
    }
}

impl Facts {
    /// Adds what follows from an entry.
    pub fn learn(&mut self, position: u64, content: &Content) -> Outcome {
        match &content.event {
            Some(Event::PartyRegistered(registered)) => {
                let name = registered.names.first().ok_or("no name")?;
                let party = registered.party.to_string();
                self.parties.push((party, name.text.clone()));
            }
            Some(Event::MemberAdmitted { party, class, .. }) => {
                let from = only_day(content.effective.as_ref())?;
                let place = CLASSES.iter().position(|known| *known == class.as_str());
                let place = place.ok_or("no such class")?;
                self.admit(&party.to_string(), place, from, position);
            }
            Some(Event::DuesAssessed(assessment)) => {
                let party = assessment.party.to_string();
                let due = only_day(Some(&assessment.due))?;
                self.vote(&party, Some(due.plus_months(MONTHS).next()), position)?;
                self.due.insert(party, due);
            }
            // Whatever is paid is all that was owed.
            Some(Event::DuesPaid(payment)) => {
                let party = payment.party.to_string();
                if self.due.remove(&party).is_some() {
                    self.vote(&party, None, position)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn admit(&mut self, party: &str, class: usize, from: Day, known: u64) {
        let row = |right| Row {
            party: party.to_owned(),
            class: CLASSES[class],
            right,
            from,
            until: None,
            known,
            known_until: None,
        };
        self.members.push(row(None));
        for (place, right) in RIGHTS.into_iter().enumerate() {
            if HELD[class][place] {
                if place == VOTE {
                    self.votes.insert(party.to_owned(), self.held.len());
                }
                self.held.push(row(Some(right)));
            }
        }
    }

    /// From a position on it is known that a party has the vote until another day.
    fn vote(&mut self, party: &str, until: Option<Day>, known: u64) -> Outcome {
        let place = self.votes.get_mut(party).ok_or("no member owes dues")?;
        let before = &mut self.held[*place];
        before.known_until = Some(known);
        let after = Row {
            until,
            known,
            known_until: None,
            ..before.clone()
        };
        *place = self.held.len();
        self.held.push(after);
        Ok(())
    }
}
