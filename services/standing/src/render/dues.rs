//! Accounts, and what dues policies make of them.

use super::{Lines as _, basis, counted, table, verdict};
use standing_domain::words::amount::amount;
use standing_proto::v1::{
    AccountLine, AccountView, DuesGround, DuesStage, GetAccountResponse, ListArrearsResponse,
    Verdict,
};

/// Writes what a party owes.
pub fn account(response: &GetAccountResponse) -> String {
    let mut text = format!("{}\n", response.party);
    for view in &response.views {
        text.push('\n');
        text.push_str(&self::view(view));
    }
    text + &basis(response.basis.as_ref())
}

/// Writes an account by one of the articles that may govern it.
pub fn view(view: &AccountView) -> String {
    let mut text = match view.article.as_str() {
        "" => "No dues policy is in force; payments go to the oldest year first.\n".to_owned(),
        article => format!("{article} ({})\n", view.policy),
    };
    if view.lines.is_empty() {
        text.push_str("Nothing is assessed.\n");
        return text;
    }
    let rows = view.lines.iter().map(row).collect();
    let headings = [
        "YEAR",
        "FUND",
        "ASSESSED",
        "WRITTEN OFF",
        "PAID",
        "UNPAID",
        "DUE",
        "",
    ];
    text.push_str(&table(headings, rows));
    for credit in &view.credits {
        let credited = money(credit.amount, &credit.currency);
        text.line(&format!("credit with {}: {credited}", credit.fund));
    }
    for ground in &view.grounds {
        text.push_str(&self::ground(ground));
    }
    text
}

fn row(line: &AccountLine) -> [String; 8] {
    let of = |units| money(units, &line.currency);
    let unpaid = if line.unpaid == line.unpaid_at_best {
        of(line.unpaid)
    } else {
        format!("{} to {}", of(line.unpaid_at_best), of(line.unpaid))
    };
    let overdue = if line.due_date_passed && line.unpaid > 0 {
        "overdue"
    } else {
        ""
    };
    [
        line.year.to_string(),
        line.fund.clone(),
        of(line.assessed),
        of(line.written_off),
        of(line.paid),
        unpaid,
        if line.due_date.is_empty() {
            "never".to_owned()
        } else {
            line.due_date.clone()
        },
        overdue.to_owned(),
    ]
}

/// Writes what a policy does to a right, with the payment that ends it.
pub fn ground(ground: &DuesGround) -> String {
    let mut text = String::new();
    let others = match ground.other_readings.as_slice() {
        [] => String::new(),
        others => format!(" (or --reading {})", others.join(", ")),
    };
    let as_if = if ground.as_if_session {
        "as if a session opened that day: "
    } else {
        ""
    };
    text.line(&format!(
        "{} ({}, read {}{others}): {as_if}{}",
        ground.article,
        ground.policy,
        ground.reading,
        stage(ground)
    ));
    if ground.owed > 0 {
        let owed = money(ground.owed, &ground.currency);
        let against = match ground.threshold {
            0 => String::new(),
            threshold => format!(" against {}", money(threshold, &ground.currency)),
        };
        let open: Vec<String> = ground.open_years.iter().map(ToString::to_string).collect();
        let open = match open.as_slice() {
            [] => String::new(),
            years => format!(
                ", and what is assessed for {}, which is not recorded",
                years.join(" and ")
            ),
        };
        text.line(&format!(
            "  {owed} in arrears{against}{open}; the oldest fell due on {}",
            ground.oldest_due_date
        ));
    }
    if let (Some(least), true) = (ground.smallest_payment, ground.stage() != DuesStage::Clear) {
        text.line(&format!(
            "  a payment of {} ends it",
            money(least, &ground.currency)
        ));
    }
    if let Some(keep) = ground.keep_amount {
        let keep = money(keep, &ground.currency);
        text.line(&format!(
            "  a payment of {keep} by {} keeps it",
            ground.keep_by_date
        ));
    }
    if ground.waived_by > 0 {
        text.line(&format!("  waived by entry {}", ground.waived_by));
    }
    text
}

fn stage(ground: &DuesGround) -> String {
    let what = if ground.ends_membership {
        "the membership"
    } else {
        "the right"
    };
    let since = &ground.since_date;
    let taken = match ground.taken() {
        Verdict::Undetermined => format!(" ({})", verdict(Verdict::Undetermined)),
        _ => String::new(),
    };
    match (ground.stage(), ground.by_decision) {
        (DuesStage::Clear | DuesStage::Unspecified, _) => format!("leaves {what}"),
        (DuesStage::Lost, false) => {
            format!("takes {what} since {since}{taken}, as {}", ground.cause)
        }
        (_, true) => format!(
            "makes liable to lose {what} by decision since {since}, as {}",
            ground.cause
        ),
        (DuesStage::Liable, false) => format!(
            "makes liable to lose {what} since {since}, as {}",
            ground.cause
        ),
    }
}

/// Writes who is in arrears, a line each.
pub fn arrears(response: &ListArrearsResponse) -> String {
    if response.arrears.is_empty() {
        return format!("Nobody is in arrears.\n{}", basis(response.basis.as_ref()));
    }
    let rows = response.arrears.iter().map(|party| {
        let policies = party.grounds.iter().map(|ground| {
            let stage = match ground.stage() {
                DuesStage::Lost if !ground.by_decision => "lost",
                _ => "liable",
            };
            format!("{}: {stage} since {}", ground.policy, ground.since_date)
        });
        [
            party.party.clone(),
            money(party.overdue_amount, &party.currency),
            party.oldest_due_date.clone(),
            policies.collect::<Vec<_>>().join("; "),
        ]
    });
    let count = counted(response.arrears.len(), "party is", "parties are");
    let table = table(["PARTY", "OVERDUE", "OLDEST DUE", "POLICY"], rows.collect());
    format!(
        "{count} in arrears\n\n{table}{}",
        basis(response.basis.as_ref())
    )
}

pub(super) fn money(units: i64, currency: &str) -> String {
    amount(u64::try_from(units).unwrap_or(0), currency)
}
