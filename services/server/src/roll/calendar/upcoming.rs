//! What lies ahead, if nothing more is recorded.

use crate::call::errors::Problem;
use crate::call::paging::{MOST_BYTES, Page, open};
use crate::dear::Ask;
use crate::rights::dues_ground::amount;
use crate::rights::holders::STRIDE;
use crate::roll::offices;
use crate::words::nearest::suggest;
use prost::Message as _;
use standing_domain::answers::changes::RightChange;
use standing_domain::answers::changes::ahead::{
    Ahead, Ending, Keeping, Payable, Wanted, may_be_on,
};
use standing_domain::answers::view::{Parties, View};
use standing_domain::entry::event::TermKind;
use standing_domain::entry::slot::Slot;
use standing_domain::id::{FundId, OfficeId, PartyId, SessionId};
use standing_domain::record::party::PartyRecord;
use standing_domain::time::day::Day;
use standing_domain::time::when::Window;
use standing_engine::Among;
use standing_proto::ask::calendar::ListUpcoming;
use standing_proto::change::{write_bodies, write_verdict};
use standing_proto::v1;
use standing_proto::v1::{Upcoming, UpcomingKind};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// How many months are looked ahead where the question does not say.
const USUAL: i32 = 12;

/// What is asked for, and what is found of it.
struct Found<'a> {
    asked: &'a ListUpcoming,
    days: RangeInclusive<Day>,
    /// The key after which the page begins.
    after: Option<&'a str>,
    /// The most that is kept: one more than fits the page. Before everybody is looked at anything
    /// may come earlier than what was found.
    most: usize,
    upcoming: BTreeMap<String, Upcoming>,
}

pub(crate) fn list_upcoming(
    ledger: &Ask<'_>,
    asked: &ListUpcoming,
) -> Result<v1::ListUpcomingResponse, Problem> {
    let page = open(ledger, &asked.at, &asked.page)?;
    let mut found = Found {
        asked,
        days: days(asked, &page)?,
        after: page.after.as_deref(),
        most: page.limit + 1,
        upcoming: BTreeMap::new(),
    };
    found.sessions(ledger, &page)?;
    found.terms(ledger, &page)?;
    found.parties(ledger, &page)?;
    let fitting = fitting(&found.upcoming, page.limit);
    let more = found.upcoming.len() > fitting;
    while found.upcoming.len() > fitting {
        found.upcoming.pop_last();
    }
    let last = found.upcoming.last_key_value().filter(|_| more);
    let next_page_token = last.map(|(key, _)| page.token(key));
    Ok(v1::ListUpcomingResponse {
        next_page_token: next_page_token.unwrap_or_default(),
        upcoming: found.upcoming.into_values().collect(),
        basis: Some(page.at.basis(ledger)?),
    })
}

/// Returns how much of what was found fits a page by number and by bytes; one at least.
fn fitting(found: &BTreeMap<String, Upcoming>, limit: usize) -> usize {
    let mut bytes = 0;
    let within = found.values().take(limit).take_while(|of| {
        bytes += of.encoded_len();
        bytes <= MOST_BYTES
    });
    within.count().max(1)
}

/// What one sorts by: dates are written so that they sort as days do, and no id has a blank. A
/// right that turns in several ways on a day does so in other bodies.
fn key(of: &Upcoming) -> String {
    let body = of.bodies.first().map_or("", String::as_str);
    format!(
        "{} {:02} {} {} {} {} {body} {} {} {:04} {:020} {:020} {}",
        of.date,
        of.kind,
        of.party,
        of.session,
        of.office,
        of.right,
        of.article,
        of.fund,
        of.year,
        of.position,
        of.amount,
        of.latest_date
    )
}

/// Returns the days of interest: those after the day that is asked about.
fn days(asked: &ListUpcoming, page: &Page) -> Result<RangeInclusive<Day>, Problem> {
    let on = page.at.on;
    let last = match asked.last {
        Some(last) if last <= on => {
            let description = format!("{last} is not after {on}, the day that is asked about");
            return Err(Problem::of_field(
                "ENDS_BEFORE_IT_BEGINS",
                "last_date",
                description,
            ));
        }
        Some(last) => last,
        None => on.plus_months(USUAL),
    };
    Ok(on.next()..=last)
}

impl Found<'_> {
    fn wants(&self, kind: UpcomingKind) -> bool {
        self.asked.kinds.is_empty() || self.asked.kinds.contains(&kind)
    }

    /// Adds something on a day of interest, or within days of which some are.
    fn add(&mut self, kind: UpcomingKind, window: Window, of: Upcoming) {
        if !self.wants(kind) || !may_be_on(window, &self.days) {
            return;
        }
        let known = window.earliest == window.latest;
        let upcoming = Upcoming {
            date: window.earliest.max(*self.days.start()).to_string(),
            latest_date: if known {
                String::new()
            } else {
                window.latest.to_string()
            },
            kind: kind.into(),
            ..of
        };
        let key = key(&upcoming);
        if self.after.is_none_or(|after| key.as_str() > after) {
            self.upcoming.insert(key, upcoming);
            if self.upcoming.len() > self.most {
                self.upcoming.pop_last();
            }
        }
    }

    /// Adds the sessions that open; those of a party are those that it hosts.
    fn sessions(&mut self, ledger: &Ask<'_>, page: &Page) -> Result<(), Problem> {
        if !self.wants(UpcomingKind::Session) {
            return Ok(());
        }
        let position = page.at.position;
        let ids: Vec<SessionId> = {
            let reader = ledger.at(position);
            reader.view().book.sessions(None).cloned().collect()
        };
        for some in ids.chunks(STRIDE) {
            ledger.stop.check()?;
            let reader = ledger.at(position);
            let view = reader.view();
            let facts = some
                .iter()
                .filter_map(|session| view.session_facts(session));
            for facts in facts.filter(|facts| !facts.cancelled && facts.annulled_by.is_none()) {
                let is_asked = self.asked.party.is_none() || self.asked.party == facts.host;
                if !is_asked {
                    continue;
                }
                let host = facts.host.as_ref();
                let of = Upcoming {
                    session: facts.session.to_string(),
                    party: host.map(ToString::to_string).unwrap_or_default(),
                    position: facts.position.number(),
                    ..Upcoming::default()
                };
                self.add(UpcomingKind::Session, facts.opening, of);
            }
        }
        Ok(())
    }

    /// Adds the terms of offices that end.
    fn terms(&mut self, ledger: &Ask<'_>, page: &Page) -> Result<(), Problem> {
        if !self.wants(UpcomingKind::TermEnds) {
            return Ok(());
        }
        let offices: Vec<OfficeId> = {
            let reader = ledger.at(page.at.position);
            declared_offices(&reader.view())
        };
        for office in offices {
            ledger.stop.check()?;
            let reader = ledger.at(page.at.position);
            for term in offices::terms(&reader.view(), &office, None, page.at.on) {
                // By its own terms, unless something that is recorded ends it before.
                let ends = term.due.into_iter().chain(term.until).min();
                let (Some(until), Some(holder)) = (ends, &term.wire.holder) else {
                    continue;
                };
                // A deputy's is the term of another.
                if term.wire.deputy {
                    continue;
                }
                let party = match &holder.kind {
                    Some(v1::holder::Kind::Party(_)) if !term.wire.passed_to_party.is_empty() => {
                        term.wire.passed_to_party.clone()
                    }
                    Some(v1::holder::Kind::Party(party)) => party.clone(),
                    Some(v1::holder::Kind::Person(_)) | None => String::new(),
                };
                let asked = self.asked.party.as_ref();
                if asked.is_some_and(|asked| asked.as_str() != party) {
                    continue;
                }
                let seat = &term.wire.seat;
                let of = Upcoming {
                    office: if seat.is_empty() {
                        office.to_string()
                    } else {
                        format!("{office}/{seat}")
                    },
                    party,
                    article: term.wire.article.clone(),
                    position: term.wire.position,
                    ..Upcoming::default()
                };
                self.add(UpcomingKind::TermEnds, until, of);
            }
        }
        Ok(())
    }

    /// Adds what lies ahead of a party, or of everybody of whom more than a registration is
    /// recorded.
    fn parties(&mut self, ledger: &Ask<'_>, page: &Page) -> Result<(), Problem> {
        let position = page.at.position;
        let money = [
            UpcomingKind::Payment,
            UpcomingKind::Keep,
            UpcomingKind::Review,
        ];
        let wanted = Wanted {
            rights: self.wants(UpcomingKind::Right),
            money: money.into_iter().any(|kind| self.wants(kind)),
            law_turns: {
                let reader = ledger.at(position);
                reader.view().law_turns(&self.days)
            },
        };
        if let Some(party) = &self.asked.party {
            let unknown = {
                let reader = ledger.at(position);
                let view = reader.view();
                match view.record(party) {
                    Some(record) => {
                        let days = self.days.clone();
                        let ahead = view.ahead(party, &record, &days, wanted);
                        self.of_party(&view, party, &record, ahead);
                        None
                    }
                    None => Some(Problem::unknown("UNKNOWN_PARTY", "party", party)),
                }
            };
            return match unknown {
                Some(unknown) => Err(suggest(ledger, position, unknown)),
                None => Ok(()),
            };
        }
        if !wanted.rights && !wanted.money {
            return Ok(());
        }
        let days = self.days.clone();
        ledger.each_record(
            &Among::Concerned,
            position,
            ledger.stop,
            &mut |view, party, record| {
                let ahead = view.ahead(party, record, &days, wanted);
                self.of_party(&view, party, record, ahead);
            },
        )?;
        Ok(())
    }

    fn of_party<P: Parties>(
        &mut self,
        view: &View<'_, P>,
        party: &PartyId,
        record: &PartyRecord,
        ahead: Ahead,
    ) {
        for change in ahead.rights {
            self.add(
                UpcomingKind::Right,
                Window::day(change.start),
                right(&change),
            );
        }
        let currency = |fund: Option<&FundId>| match fund {
            Some(fund) => view.currency(fund).cloned(),
            None => view.currency_of(&view.account(record)),
        };
        for payable in ahead.payable {
            let currency = currency(payable.fund.as_ref());
            let of = Upcoming {
                party: party.to_string(),
                currency: currency.map(|of| of.to_string()).unwrap_or_default(),
                ..payment(&payable)
            };
            self.add(UpcomingKind::Payment, payable.due, of);
        }
        for keeping in ahead.keeping {
            let of = Upcoming {
                party: party.to_string(),
                ..to_keep(&keeping)
            };
            self.add(UpcomingKind::Keep, Window::day(keeping.by), of);
        }
        for ending in ahead.endings {
            let of = Upcoming {
                party: party.to_string(),
                ..review(&ending)
            };
            self.add(UpcomingKind::Review, ending.until, of);
        }
    }
}

/// Returns the offices that are declared, by their words.
fn declared_offices<P: Parties>(view: &View<'_, P>) -> Vec<OfficeId> {
    let first = Slot::Term(TermKind::Office, standing_domain::id::Word::least());
    let slots = view.book.slots_from(&first);
    let offices = slots.map_while(|(slot, _)| match slot {
        Slot::Term(TermKind::Office, word) => Some((slot, word)),
        _ => None,
    });
    let known = offices.filter(|(slot, _)| view.book.known(slot, view.known_at).next().is_some());
    known
        .filter_map(|(_, word)| OfficeId::new(word.as_str()).ok())
        .collect()
}

fn right(change: &RightChange) -> Upcoming {
    Upcoming {
        party: change.party.to_string(),
        right: change.right.to_string(),
        bodies: write_bodies(&change.bodies),
        before: write_verdict(change.before).into(),
        after: write_verdict(change.after).into(),
        ..Upcoming::default()
    }
}

fn payment(payable: &Payable) -> Upcoming {
    let fund = payable.fund.as_ref();
    Upcoming {
        fund: fund.map(ToString::to_string).unwrap_or_default(),
        year: payable
            .year
            .and_then(|year| u32::try_from(year).ok())
            .unwrap_or_default(),
        amount: amount(payable.amount.into()),
        position: payable.position.number(),
        ..Upcoming::default()
    }
}

fn to_keep(keeping: &Keeping) -> Upcoming {
    let currency = keeping.currency.as_ref();
    Upcoming {
        article: keeping.article.to_string(),
        amount: amount(keeping.amount.into()),
        currency: currency.map(ToString::to_string).unwrap_or_default(),
        position: keeping.position.number(),
        ..Upcoming::default()
    }
}

fn review(ending: &Ending) -> Upcoming {
    let (article, fund) = (ending.article.as_ref(), ending.fund.as_ref());
    Upcoming {
        article: article.map(ToString::to_string).unwrap_or_default(),
        fund: fund.map(ToString::to_string).unwrap_or_default(),
        position: ending.position.number(),
        ..Upcoming::default()
    }
}
