//! Norms in words.

use crate::render::support;
use standing_proto::v1::condition::Test;
use standing_proto::v1::norm::Rule;
use standing_proto::v1::rotation_rule::Order;
use standing_proto::v1::{
    Comparator, Condition, ConveningRule, CountedOf, Norm, OfficeRule, RightRule, RotationRule,
    ThresholdRule,
};

/// Writes a norm: what it says, when it applies, how it is known.
pub fn norm(norm: &Norm) -> String {
    let says = norm.rule.as_ref().map_or_else(String::new, rule);
    let condition = match &norm.condition {
        Some(test) => format!(", if {}", condition(test)),
        None => String::new(),
    };
    let support = support(norm.support());
    let note = if norm.note.is_empty() {
        String::new()
    } else {
        format!(" {}", norm.note)
    };
    format!("{says}{condition} (known: {support}){note}")
}

fn rule(rule: &Rule) -> String {
    match rule {
        Rule::Confer(right) => on_right("confers", "on", right),
        Rule::Withhold(right) => on_right("withholds", "from", right),
        Rule::Suspend(right) => on_right("suspends", "of", right),
        Rule::Permit(right) => on_right("permits", "to", right),
        Rule::EstablishClass(class) => {
            let by = list(" admitted by ", &class.admitted_by);
            let eligible = match &class.eligibility {
                Some(test) => format!(", open to parties of which {}", condition(test)),
                None => String::new(),
            };
            format!("establishes the class {}{by}{eligible}", class.class)
        }
        Rule::Office(rule) => office(rule),
        Rule::Functions(rule) => {
            let alone = if rule.exclusive { " alone" } else { "" };
            format!("gives {}{alone} {}", rule.body, rule.functions.join(", "))
        }
        Rule::Delegate(rule) => {
            let what = if rule.functions.is_empty() {
                "any function".to_owned()
            } else {
                rule.functions.join(", ")
            };
            let act = if rule.by_act { ", by an act" } else { "" };
            format!(
                "lets {} delegate {what} to {}{act}",
                rule.from_body, rule.to_body
            )
        }
        Rule::Quorum(rule) => threshold("quorum", rule),
        Rule::Majority(rule) => threshold("majority", rule),
        Rule::WrittenPresence(rule) => {
            format!("counts a written statement as presence in {}", rule.body)
        }
        Rule::Sessions(rule) => {
            let every = every(rule.every_years);
            let before = text(" in the year before a session of ", &rule.year_before);
            format!("{} meets as {}{every}{before}", rule.body, rule.series)
        }
        Rule::Suspension(rule) => {
            let ground = match &*rule.ground_article {
                "" => &rule.ground_instrument,
                article => article,
            };
            let ground = text(" on the grounds of ", ground);
            let how = if rule.by_decision { " by decision" } else { "" };
            format!("lets {} be suspended{ground}{how}", rule.rights.join(", "))
        }
        Rule::Convening(rule) => convening(rule),
        Rule::Succession(rule) => format!(
            "passes {} on when a party is succeeded by another",
            rule.passes.join(", ")
        ),
        Rule::Rotation(rule) => rotation(rule),
        Rule::VoteOnAdmission(rule) => {
            format!(
                "lets parties vote in the session of {} that admits them",
                rule.body
            )
        }
        Rule::Duty(rule) => {
            let every = every(rule.every_years);
            format!(
                "demands a {} of coordinators of committees{every}",
                rule.duty
            )
        }
        Rule::Dues(policy) => format!(
            "takes rights from parties in arrears by the dues policy {}",
            policy.name
        ),
    }
}

fn convening(rule: &ConveningRule) -> String {
    let says = [
        text(" is convened by ", &rule.convened_by),
        text(" is chaired by ", &rule.chaired_by),
        text(" is chaired in the place of ", &rule.deputy_of),
    ];
    let says: Vec<String> = says.into_iter().filter(|part| !part.is_empty()).collect();
    if says.is_empty() {
        return format!("does not say who convenes {}", rule.body);
    }
    format!("{}{}", rule.body, says.join(" and"))
}

fn rotation(rule: &RotationRule) -> String {
    let order = match &rule.order {
        None => "(not said)".to_owned(),
        Some(Order::Listed(parties)) => format!("in the order {}", parties.ids.join(", ")),
        Some(Order::Alphabetical(language)) => {
            format!("in the order of their names ({language})")
        }
    };
    let (office, classes) = (&rule.office, rule.classes.join(", "));
    format!("passes the office {office} on among {classes} {order}")
}

fn every(years: u32) -> String {
    match years {
        0 => String::new(),
        1 => " every year".to_owned(),
        years => format!(" every {years} years"),
    }
}

fn on_right(verb: &str, preposition: &str, rule: &RightRule) -> String {
    let body = text(" in ", &rule.body);
    format!(
        "{verb} {}{body} {preposition} {}",
        rule.right,
        rule.classes.join(", ")
    )
}

fn office(rule: &OfficeRule) -> String {
    let years = match rule.term_years {
        0 => String::new(),
        1 => ", for a year".to_owned(),
        years => format!(", for {years} years"),
    };
    [
        format!("establishes the office {}", rule.office),
        list(", with the seats ", &rule.seats),
        text(", elected by ", &rule.elected_by),
        text(
            ", held by the host of the next session of ",
            &rule.held_by_host_of,
        ),
        text(
            ", until the close of a session of ",
            &rule.term_ends_at_close_of,
        ),
        years,
        text(", appointed by ", &rule.appointed_by),
        text(", acted for by ", &rule.acting),
    ]
    .concat()
}

fn threshold(what: &str, rule: &ThresholdRule) -> String {
    let functions = list(" for ", &rule.functions);
    let comparator = match rule.comparator() {
        Comparator::MoreThan => "more than",
        Comparator::AtLeast | Comparator::Unspecified => "at least",
    };
    let of = match rule.counted_of() {
        CountedOf::Present => "those present",
        CountedOf::NotModelled => "what is not modelled",
        CountedOf::Entitled | CountedOf::Unspecified => "those with the vote",
    };
    let (numerator, denominator) = (rule.numerator, rule.denominator);
    let body = &rule.body;
    format!("{what} of {body}{functions}: {comparator} {numerator}/{denominator} of {of}")
}

fn condition(condition: &Condition) -> String {
    let joined = |conditions: &[Condition], word: &str| {
        let words: Vec<String> = conditions.iter().map(self::condition).collect();
        format!("({})", words.join(word))
    };
    match &condition.test {
        None => "(not said)".to_owned(),
        Some(Test::All(all)) => joined(&all.conditions, " and "),
        Some(Test::Any(any)) => joined(&any.conditions, " or "),
        Some(Test::Not(other)) => format!("not {}", self::condition(other)),
        Some(Test::YearWithoutSession(year)) => {
            format!("the year has no session of {}", year.series)
        }
        Some(Test::PartyKind(set)) => format!("the kind is {}", set.ids.join(" or ")),
        Some(Test::PartyCountry(set)) => format!("the country is {}", set.ids.join(" or ")),
        Some(Test::PartyRegion(set)) => format!("the region is {}", set.ids.join(" or ")),
        Some(Test::ParentSuspended(test)) => {
            format!("the party is suspended in {}", test.parent)
        }
        Some(Test::NotModelled(text)) => format!("(not modelled: {text})"),
    }
}

/// Writes words before a text that says something.
pub(super) fn text(before: &str, text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!("{before}{text}")
    }
}

pub(super) fn list(before: &str, items: &[String]) -> String {
    text(before, &items.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use standing_proto::v1::{
        Conditions, DelegationRule, DuesPolicyRule, DutyRule, IdSet, ParentSuspended,
        SuccessionRule, Support, VoteOnAdmissionRule, YearWithoutSession,
    };

    fn says(rule: Rule, test: Option<Test>) -> String {
        norm(&Norm {
            support: Support::Text.into(),
            condition: test.map(|test| Condition { test: Some(test) }),
            note: String::new(),
            rule: Some(rule),
        })
    }

    #[test]
    fn norms_are_told_in_words() {
        let ids = |ids: &[&str]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
        let right = RightRule {
            right: "vote".to_owned(),
            body: "assembly".to_owned(),
            classes: ids(&["full"]),
        };
        let year = Test::YearWithoutSession(YearWithoutSession {
            series: "assembly".to_owned(),
        });
        let delegation = DelegationRule {
            from_body: "assembly".to_owned(),
            to_body: "committee".to_owned(),
            functions: ids(&["admit-member"]),
            by_act: true,
        };
        let country = Test::PartyCountry(IdSet {
            ids: ids(&["kr", "jp"]),
        });
        let both = Test::All(Conditions {
            conditions: [year.clone(), country]
                .map(|test| Condition { test: Some(test) })
                .to_vec(),
        });
        let quorum = ThresholdRule {
            body: "assembly".to_owned(),
            functions: Vec::new(),
            numerator: 1,
            denominator: 2,
            comparator: Comparator::MoreThan.into(),
            counted_of: CountedOf::Entitled.into(),
        };
        let told = [
            says(Rule::Confer(right.clone()), None),
            says(Rule::Withhold(right), Some(both)),
            says(Rule::Delegate(delegation), Some(year)),
            says(Rule::Quorum(quorum), None),
        ];
        expect![[r"
            confers vote in assembly on full (known: text)
            withholds vote in assembly from full, if (the year has no session of assembly and the country is kr or jp) (known: text)
            lets assembly delegate admit-member to committee, by an act, if the year has no session of assembly (known: text)
            quorum of assembly: more than 1/2 of those with the vote (known: text)"]]
        .assert_eq(&told.join("\n"));
    }

    #[test]
    fn norms_about_passing_on_and_duties_are_told_in_words() {
        let word = |text: &str| text.to_owned();
        let rotation = |order| {
            Rule::Rotation(RotationRule {
                office: word("chair"),
                classes: vec![word("full")],
                order: Some(order),
            })
        };
        let listed = IdSet {
            ids: vec![word("a"), word("b")],
        };
        let suspended = Test::ParentSuspended(ParentSuspended { parent: word("un") });
        let convening = ConveningRule {
            body: word("assembly"),
            convened_by: word("chair"),
            chaired_by: String::new(),
            deputy_of: word("chair"),
        };
        let told = [
            says(Rule::Convening(convening), None),
            says(
                Rule::Succession(SuccessionRule {
                    passes: vec![word("membership"), word("seats")],
                }),
                None,
            ),
            says(rotation(Order::Listed(listed)), None),
            says(rotation(Order::Alphabetical(word("en"))), Some(suspended)),
            says(
                Rule::VoteOnAdmission(VoteOnAdmissionRule {
                    body: word("assembly"),
                }),
                None,
            ),
            says(
                Rule::Duty(DutyRule {
                    duty: word("report"),
                    every_years: 2,
                }),
                None,
            ),
            says(
                Rule::Dues(DuesPolicyRule {
                    name: word("un-19"),
                    ..DuesPolicyRule::default()
                }),
                None,
            ),
        ];
        expect![[r"
            assembly is convened by chair and is chaired in the place of chair (known: text)
            passes membership, seats on when a party is succeeded by another (known: text)
            passes the office chair on among full in the order a, b (known: text)
            passes the office chair on among full in the order of their names (en), if the party is suspended in un (known: text)
            lets parties vote in the session of assembly that admits them (known: text)
            demands a report of coordinators of committees every 2 years (known: text)
            takes rights from parties in arrears by the dues policy un-19 (known: text)"]].assert_eq(&told.join("\n"));
    }
}
