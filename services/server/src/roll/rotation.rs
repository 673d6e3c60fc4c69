//! Whose turn is next in an office that passes from party to party, and why.

use crate::call::errors::Problem;
use crate::dear::Ask;
use crate::law::intervals::interval;
use crate::words::nearest::suggest;
use standing_domain::answers::rotation::{Ahead, Rotation, Taken, Visit};
use standing_domain::answers::view::{Parties, View};
use standing_domain::entry::event::TermKind;
use standing_domain::entry::norm::{RotationOrder, RotationRule};
use standing_domain::id::position::Position;
use standing_domain::id::{OfficeId, PartyId};
use standing_domain::law::in_force::InForce;
use standing_domain::record::party::PartyRecord;
use standing_domain::stop::Stopped;
use standing_domain::time::day::Day;
use standing_domain::time::truth::Truth;
use standing_domain::words::turns;
use standing_engine::{Among, Shards};
use standing_proto::ask::roll;
use standing_proto::v1;

pub(crate) fn get_rotation(
    ledger: &Ask<'_>,
    asked: &roll::GetRotation,
) -> Result<v1::GetRotationResponse, Problem> {
    let at = ledger.pin(&asked.at)?;
    let office = &asked.office;
    if !ledger.knows_term(TermKind::Office, office.into(), at.position) {
        let unknown = Problem::unknown("UNKNOWN_OFFICE", "office", office);
        return Err(suggest(ledger, at.position, unknown));
    }
    let alphabetical = {
        let reader = ledger.at(at.position);
        let view = reader.view();
        let mut rules = rules(&view, office, at.on).into_iter();
        rules.any(|(_, rule)| match rule.order {
            RotationOrder::Alphabetical(_) => true,
            RotationOrder::Listed(_) => false,
        })
    };
    // Nobody else can be in an order of those who have a class.
    let mut members: Vec<PartyId> = Vec::new();
    if alphabetical {
        let mut look = |view: View<'_, Shards>, party: &PartyId, record: &PartyRecord| {
            let line = record.class_line(view.book, view.known_at);
            if line.is_ok_and(|line| !line.steps().is_empty()) {
                members.push(party.clone());
            }
        };
        ledger.each_record(&Among::Concerned, at.position, ledger.stop, &mut look)?;
    }
    let rotations = {
        let reader = ledger.at(at.position);
        let view = reader.view();
        let rules = rules(&view, office, at.on).into_iter();
        let rotations = rules.map(|(norm, rule)| {
            let everyone = |visit: &mut Visit<'_>| {
                for party in &members {
                    ledger.stop.check()?;
                    if let Some(record) = view.record(party) {
                        visit(party, &record)?;
                    }
                }
                Ok(())
            };
            let rotation = view.rotation(rule, at.on, asked.turns, &everyone)?;
            Ok(told(&norm, rotation))
        });
        rotations.collect::<Result<_, Stopped>>()?
    };
    Ok(v1::GetRotationResponse {
        rotations,
        basis: Some(at.basis(ledger)?),
    })
}

/// Returns the norms by which an office may go round on a day.
fn rules<'v, P: Parties>(
    view: &'v View<'_, P>,
    office: &OfficeId,
    day: Day,
) -> Vec<(InForce<'v>, &'v RotationRule)> {
    let in_force = view.law.in_force(day).into_iter();
    let rules = in_force.filter_map(|norm| Some((norm, norm.norm.rule.rotation()?)));
    rules.filter(|(_, rule)| rule.office == *office).collect()
}

fn told(norm: &InForce<'_>, rotation: Rotation) -> v1::Rotation {
    v1::Rotation {
        article: norm.article.to_string(),
        support: v1::Support::from(norm.norm.support).into(),
        certain: norm.certain == Truth::Yes,
        last: rotation.taken.into_iter().last().map(taken),
        turns: rotation.ahead.iter().map(ahead).collect(),
    }
}

fn taken(turn: Taken) -> v1::TakenTurn {
    v1::TakenTurn {
        party: turn.party.to_string(),
        since: Some(interval(turn.since, None)),
        position: turn.position.number(),
        due: turn.due.map(|due| due.to_string()).unwrap_or_default(),
    }
}

fn ahead(turn: &Ahead) -> v1::TurnAhead {
    let reasons = turn.why.iter().map(|why| v1::TurnReason {
        text: turns::why(why),
        position: turns::entry(why).map_or(0, Position::number),
    });
    v1::TurnAhead {
        reasons: reasons.collect(),
        party: turn.party.to_string(),
        place: turn.place.to_string(),
        number: u32::try_from(turn.number).unwrap_or(u32::MAX),
    }
}
