//! What dues policies do to a right, as the contract writes it.

use standing_domain::answers::losses::DuesGround;
use standing_domain::dues::loss::Stage;
use standing_domain::time::day::Day;
use standing_domain::words::dues;
use standing_proto::change::write_verdict;
use standing_proto::v1;

/// Writes what a policy does.
pub(crate) fn write(ground: &DuesGround) -> v1::DuesGround {
    let standing = &ground.standing;
    let measured = &standing.measured_worst;
    let years = measured.unpaid_years.iter();
    let open = measured.open_years.iter();
    v1::DuesGround {
        article: ground.article.to_string(),
        citation: ground.citation.clone(),
        position: ground.position.number(),
        policy: ground.policy.to_string(),
        reading: ground.reading.to_string(),
        other_readings: ground
            .other_readings
            .iter()
            .map(ToString::to_string)
            .collect(),
        tier: u32::try_from(ground.tier + 1).unwrap_or(u32::MAX),
        stage: stage(standing.worst).into(),
        since_date: day(ground.turn.as_ref().map(|turn| turn.day)),
        cause: ground
            .turn
            .as_ref()
            .map(|turn| dues::cause(&turn.cause))
            .unwrap_or_default(),
        taken: write_verdict(ground.taken).into(),
        by_decision: ground.by_decision,
        ends_membership: ground.ends_membership,
        as_if_session: standing.as_if_session,
        currency: ground
            .currency
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        owed: amount(measured.owed),
        threshold: amount(measured.threshold),
        oldest_due_date: day(measured.oldest_due),
        unpaid_years: years.filter_map(|year| u32::try_from(*year).ok()).collect(),
        smallest_payment: ground.smallest_payment.map(|least| amount(least.into())),
        keep_amount: ground.keep.map(|keep| amount(keep.amount.into())),
        keep_by_date: day(ground.keep.map(|keep| keep.by)),
        waived_by: ground.waived_by.unwrap_or_default().number(),
        open_years: open.filter_map(|year| u32::try_from(*year).ok()).collect(),
    }
}

fn stage(stage: Stage) -> v1::DuesStage {
    match stage {
        Stage::Clear => v1::DuesStage::Clear,
        Stage::Liable => v1::DuesStage::Liable,
        Stage::Lost => v1::DuesStage::Lost,
    }
}

fn day(day: Option<Day>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

/// Amounts that can be recorded add up to more only beyond 9,000 entries of the largest.
pub(crate) fn amount(minor_units: u128) -> i64 {
    i64::try_from(minor_units).unwrap_or(i64::MAX)
}
