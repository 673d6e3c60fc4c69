//! Days on which something changes, and what lies ahead.

use crate::render::{basis, counted, dues, joined, knowledge, table, time, verdict, watch};
use standing_proto::v1::{
    ChangeAspect, ChangeDay, ListChangeDaysResponse, ListUpcomingResponse, Upcoming, UpcomingKind,
};

/// Writes the days on which something changes.
pub fn days(response: &ListChangeDaysResponse) -> String {
    let text = if response.days.is_empty() {
        "Nothing changes.\n".to_owned()
    } else {
        let rows = response.days.iter().map(day).collect();
        let table = table(["DATE", "CHANGES", "ENTRIES"], rows);
        let count = counted(response.days.len(), "day", "days");
        format!("{table}\n{count}\n")
    };
    text + &knowledge(response.basis.as_ref())
}

fn day(of: &ChangeDay) -> [String; 3] {
    let aspects: Vec<&str> = of.aspects().map(aspect).collect();
    let doubt = if of.certain { "" } else { "perhaps" };
    let entries: Vec<String> = of.positions.iter().map(ToString::to_string).collect();
    [
        of.date.clone(),
        joined([doubt, &aspects.join(", ")], " "),
        entries.join(" "),
    ]
}

fn aspect(aspect: ChangeAspect) -> &'static str {
    match aspect {
        ChangeAspect::Unspecified => "",
        ChangeAspect::Class => "class",
        ChangeAspect::Rights => "rights",
        ChangeAspect::Name => "name",
        ChangeAspect::Application => "application",
        ChangeAspect::Account => "account",
        ChangeAspect::Opening => "opens",
        ChangeAspect::Close => "closes",
        ChangeAspect::Decision => "decision",
        ChangeAspect::Wording => "wording",
        ChangeAspect::Holder => "holder",
    }
}

/// Writes what lies ahead.
pub fn upcoming(response: &ListUpcomingResponse) -> String {
    let text = if response.upcoming.is_empty() {
        "Nothing lies ahead.\n".to_owned()
    } else {
        let rows = response.upcoming.iter().map(ahead).collect();
        table(["DATE", "WHAT", "WHO", "HOW", "ENTRY"], rows)
    };
    text + &basis(response.basis.as_ref())
}

fn ahead(of: &Upcoming) -> [String; 5] {
    let date = match of.latest_date.as_str() {
        "" => of.date.clone(),
        latest => time::window(&of.date, latest),
    };
    let (what, how) = told(of);
    let entry = match of.position {
        0 => String::new(),
        position => position.to_string(),
    };
    [date, what, of.party.clone(), how, entry]
}

fn told(of: &Upcoming) -> (String, String) {
    let money = || dues::money(of.amount, &of.currency);
    match of.kind() {
        UpcomingKind::Unspecified => (String::new(), String::new()),
        UpcomingKind::Session => (format!("{} opens", of.session), String::new()),
        UpcomingKind::TermEnds => (format!("term of {} ends", of.office), of.article.clone()),
        UpcomingKind::Right => {
            let (before, after) = (verdict(of.before()), verdict(of.after()));
            (
                watch::right(&of.right, &of.bodies),
                format!("{before} before, {after} from then on"),
            )
        }
        UpcomingKind::Payment => {
            let year = match of.year {
                0 => "by a plan".to_owned(),
                year => format!("for {year}"),
            };
            let fund = joined([of.fund.as_str(), &year], " ");
            (
                "last day to pay".to_owned(),
                format!("{} to {fund}", money()),
            )
        }
        UpcomingKind::Keep => {
            let how = format!("{}, by {}", money(), of.article);
            ("last day to pay and keep rights".to_owned(), how)
        }
        UpcomingKind::Review => {
            let what = match of.article.as_str() {
                "" => format!("a plan for {} ends", of.fund),
                article => format!("what stands under {article} ends"),
            };
            (what, String::new())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use standing_proto::v1::Verdict;

    #[test]
    fn days_say_what_changes() {
        let day = |date: &str, aspects: &[ChangeAspect], certain, positions: &[u64]| ChangeDay {
            date: date.to_owned(),
            aspects: aspects.iter().map(|aspect| (*aspect).into()).collect(),
            certain,
            positions: positions.to_vec(),
        };
        let both = [ChangeAspect::Class, ChangeAspect::Rights];
        let response = ListChangeDaysResponse {
            days: vec![
                day("2012-07-01", &both, false, &[7]),
                day("2013-01-01", &[ChangeAspect::Rights], true, &[]),
            ],
            ..ListChangeDaysResponse::default()
        };
        expect![[r"
            DATE        CHANGES                ENTRIES
            2012-07-01  perhaps class, rights  7
            2013-01-01  rights

            2 days
        "]]
        .assert_eq(&days(&response));
        let nothing = ListChangeDaysResponse::default();
        assert_eq!(days(&nothing), "Nothing changes.\n");
    }

    #[test]
    fn what_lies_ahead_is_told_by_day() {
        let of = |kind: UpcomingKind, of: Upcoming| Upcoming {
            date: "2027-01-01".to_owned(),
            kind: kind.into(),
            party: "aa-north".to_owned(),
            article: "fee/6".to_owned(),
            fund: "core".to_owned(),
            year: 2027,
            amount: 100_000,
            currency: "usd".to_owned(),
            position: 12,
            ..of
        };
        let session = Upcoming {
            session: "assembly/4".to_owned(),
            latest_date: "2027-12-31".to_owned(),
            ..Upcoming::default()
        };
        let term = Upcoming {
            office: "auditor/2".to_owned(),
            ..Upcoming::default()
        };
        let right = Upcoming {
            right: "vote".to_owned(),
            bodies: vec![String::new(), "assembly".to_owned()],
            before: Verdict::Held.into(),
            after: Verdict::NotHeld.into(),
            ..Upcoming::default()
        };
        let plan = Upcoming {
            article: String::new(),
            ..of(UpcomingKind::Review, Upcoming::default())
        };
        let response = ListUpcomingResponse {
            upcoming: vec![
                of(UpcomingKind::Session, session),
                of(UpcomingKind::TermEnds, term),
                of(UpcomingKind::Right, right),
                of(UpcomingKind::Payment, Upcoming::default()),
                of(UpcomingKind::Keep, Upcoming::default()),
                of(UpcomingKind::Review, Upcoming::default()),
                plan,
            ],
            ..ListUpcomingResponse::default()
        };
        expect![[r"
            DATE        WHAT                             WHO       HOW                                 ENTRY
            2027        assembly/4 opens                 aa-north                                      12
            2027-01-01  term of auditor/2 ends           aa-north  fee/6                               12
            2027-01-01  vote in assembly                 aa-north  HELD before, NOT HELD from then on  12
            2027-01-01  last day to pay                  aa-north  1,000.00 usd to core for 2027       12
            2027-01-01  last day to pay and keep rights  aa-north  1,000.00 usd, by fee/6              12
            2027-01-01  what stands under fee/6 ends     aa-north                                      12
            2027-01-01  a plan for core ends             aa-north                                      12
        "]].assert_eq(&upcoming(&response));
        let nothing = ListUpcomingResponse::default();
        assert_eq!(upcoming(&nothing), "Nothing lies ahead.\n");
    }
}
