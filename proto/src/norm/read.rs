//! Norms as they come over the wire.

use crate::limit;
use crate::norm::dues::read_policy;
use crate::norm::passing_word;
use crate::read::{At, Read, build};
use crate::v1;
use crate::v1::condition::Test;
use crate::v1::norm::Rule as Wire;
use crate::v1::rotation_rule::Order;
use standing_domain::entry::norm::ground::SuspensionGround;
use standing_domain::entry::norm::{
    ClassRule, Condition, ConveningRule, DelegationRule, DutyRule, FunctionRule, Norm, OfficeRule,
    Passing, RightRule, RotationOrder, RotationRule, Rule, SessionRule, SuspensionRule,
    ThresholdRule,
};

pub(crate) fn read_norm(at: &At, wire: v1::Norm) -> Read<Norm> {
    let condition = at.optional("condition", wire.condition, |at, wire| {
        read_condition(at, wire, 1)
    });
    build!(Norm {
        support: at.choice("support", wire.support),
        condition: condition.map(|condition| condition.unwrap_or_else(Condition::always)),
        note: at.text("note", wire.note, &limit::WORDS),
        rule: match wire.rule {
            None => at.field("rule").missing("what the norm says"),
            Some(rule) => read_rule(at, rule),
        },
    })
}

fn read_rule(at: &At, wire: Wire) -> Read<Rule> {
    match wire {
        Wire::Confer(w) => read_right(&at.field("confer"), &w).map(Rule::Confer),
        Wire::Withhold(w) => read_right(&at.field("withhold"), &w).map(Rule::Withhold),
        Wire::Suspend(w) => read_right(&at.field("suspend"), &w).map(Rule::Suspend),
        Wire::Permit(w) => read_right(&at.field("permit"), &w).map(Rule::Permit),
        Wire::EstablishClass(w) => read_class(&at.field("establish_class"), w).map(Rule::Class),
        Wire::Office(w) => read_office(&at.field("office"), w).map(Rule::Office),
        Wire::Functions(w) => read_functions(&at.field("functions"), &w).map(Rule::Functions),
        Wire::Delegate(w) => read_delegation(&at.field("delegate"), &w).map(Rule::Delegation),
        Wire::Quorum(w) => read_threshold(&at.field("quorum"), &w).map(Rule::Quorum),
        Wire::Majority(w) => read_threshold(&at.field("majority"), &w).map(Rule::Majority),
        Wire::WrittenPresence(w) => at
            .field("written_presence")
            .id("body", &w.body)
            .map(Rule::WrittenPresence),
        Wire::Sessions(w) => read_sessions(&at.field("sessions"), &w).map(Rule::Sessions),
        Wire::Suspension(w) => read_suspension(&at.field("suspension"), &w).map(Rule::Suspension),
        Wire::Convening(w) => read_convening(&at.field("convening"), &w).map(Rule::Convening),
        Wire::Succession(w) => at
            .field("succession")
            .list("passes", &w.passes, &limit::AT_LEAST_ONE, |at, word| {
                read_passing(at, word)
            })
            .map(Rule::Succession),
        Wire::Rotation(w) => read_rotation(&at.field("rotation"), w).map(Rule::Rotation),
        Wire::VoteOnAdmission(w) => at
            .field("vote_on_admission")
            .id("body", &w.body)
            .map(Rule::VoteOnAdmission),
        Wire::Duty(w) => read_duty(&at.field("duty"), &w).map(Rule::Duty),
        Wire::Dues(w) => read_policy(&at.field("dues"), w).map(Rule::Dues),
    }
}

fn read_right(at: &At, wire: &v1::RightRule) -> Read<RightRule> {
    build!(RightRule {
        right: at.id("right", &wire.right),
        body: at.optional_id("body", &wire.body),
        classes: at.ids("classes", &wire.classes, &limit::FULL_LIST),
    })
}

fn read_class(at: &At, wire: v1::ClassRule) -> Read<ClassRule> {
    build!(ClassRule {
        class: at.id("class", &wire.class),
        admitted_by: at.ids("admitted_by", &wire.admitted_by, &limit::LIST),
        eligibility: at.optional("eligibility", wire.eligibility, |at, w| read_condition(
            at, w, 1
        )),
    })
}

fn read_office(at: &At, wire: v1::OfficeRule) -> Read<OfficeRule> {
    let ends = &wire.term_ends_at_close_of;
    build!(OfficeRule {
        office: at.id("office", &wire.office),
        seats: at.ids("seats", &wire.seats, &limit::LIST),
        elected_by: at.optional_id("elected_by", &wire.elected_by),
        held_by_host_of: at.optional_id("held_by_host_of", &wire.held_by_host_of),
        term_ends_at_close_of: at.optional_id("term_ends_at_close_of", ends),
        term_years: Ok(wire.term_years),
        appointed_by: at.optional_id("appointed_by", &wire.appointed_by),
        acting: at.text("acting", wire.acting, &limit::TEXT),
    })
}

fn read_functions(at: &At, wire: &v1::FunctionRule) -> Read<FunctionRule> {
    build!(FunctionRule {
        body: at.id("body", &wire.body),
        functions: at.ids("functions", &wire.functions, &limit::FULL_LIST),
        exclusive: Ok(wire.exclusive),
    })
}

fn read_delegation(at: &At, wire: &v1::DelegationRule) -> Read<DelegationRule> {
    build!(DelegationRule {
        from: at.id("from_body", &wire.from_body),
        to: at.id("to_body", &wire.to_body),
        functions: at.ids("functions", &wire.functions, &limit::LIST),
        by_act: Ok(wire.by_act),
    })
}

fn read_threshold(at: &At, wire: &v1::ThresholdRule) -> Read<ThresholdRule> {
    let (n, d) = (wire.numerator, wire.denominator);
    build!(ThresholdRule {
        body: at.id("body", &wire.body),
        functions: at.ids("functions", &wire.functions, &limit::LIST),
        numerator: if n <= d || d == 0 {
            Ok(n)
        } else {
            at.field("numerator")
                .refuse("NOT_A_FRACTION", format_args!("{n}/{d} is above one"))
        },
        denominator: if d >= 1 {
            Ok(d)
        } else {
            at.field("denominator")
                .refuse("NOT_A_FRACTION", "must be at least 1")
        },
        comparator: at.choice("comparator", wire.comparator),
        counted_of: at.choice("counted_of", wire.counted_of),
    })
}

fn read_sessions(at: &At, wire: &v1::SessionRule) -> Read<SessionRule> {
    build!(SessionRule {
        body: at.id("body", &wire.body),
        series: at.id("series", &wire.series),
        every_years: Ok(wire.every_years),
        year_before: at.optional_id("year_before", &wire.year_before),
    })
}

fn read_suspension(at: &At, wire: &v1::SuspensionRule) -> Read<SuspensionRule> {
    build!(SuspensionRule {
        rights: at.ids("rights", &wire.rights, &limit::FULL_LIST),
        ground: read_ground(at, wire),
        by_decision: Ok(wire.by_decision),
    })
}

fn read_ground(at: &At, wire: &v1::SuspensionRule) -> Read<SuspensionGround> {
    match (&*wire.ground_instrument, &*wire.ground_article) {
        ("", "") => Ok(SuspensionGround::None),
        (instrument, "") => {
            let instrument = at.id("ground_instrument", instrument);
            instrument.map(SuspensionGround::Instrument)
        }
        ("", article) => {
            let article = at.id("ground_article", article);
            article.map(SuspensionGround::Article)
        }
        _ => at.field("ground_article").refuse(
            "NOT_ALONE",
            "is the ground alone: leave ground_instrument empty",
        ),
    }
}

fn read_convening(at: &At, wire: &v1::ConveningRule) -> Read<ConveningRule> {
    build!(ConveningRule {
        body: at.id("body", &wire.body),
        convened_by: at.optional_id("convened_by", &wire.convened_by),
        chaired_by: at.optional_id("chaired_by", &wire.chaired_by),
        deputy_of: at.optional_id("deputy_of", &wire.deputy_of),
    })
}

fn read_passing(at: &At, word: &str) -> Read<Passing> {
    let all = [
        Passing::Membership,
        Passing::Offices,
        Passing::Accounts,
        Passing::Seats,
    ];
    match all
        .into_iter()
        .find(|passing| passing_word(*passing) == word)
    {
        Some(passing) => Ok(passing),
        None => at.refuse(
            "UNKNOWN_VALUE",
            format_args!("{word:?} is none of membership, offices, accounts, seats"),
        ),
    }
}

fn read_rotation(at: &At, wire: v1::RotationRule) -> Read<RotationRule> {
    build!(RotationRule {
        office: at.id("office", &wire.office),
        classes: at.ids("classes", &wire.classes, &limit::FULL_LIST),
        order: match wire.order {
            None => at.field("order").missing("listed or alphabetical"),
            Some(Order::Listed(w)) => at
                .field("listed")
                .ids("ids", &w.ids, &limit::FULL_LIST)
                .map(RotationOrder::Listed),
            Some(Order::Alphabetical(language)) => at
                .id("alphabetical", &language)
                .map(RotationOrder::Alphabetical),
        },
    })
}

fn read_duty(at: &At, wire: &v1::DutyRule) -> Read<DutyRule> {
    build!(DutyRule {
        duty: at.id("duty", &wire.duty),
        every_years: Ok(wire.every_years),
    })
}

fn read_condition(at: &At, wire: v1::Condition, depth: usize) -> Read<Condition> {
    if depth > limit::CONDITION_DEPTH {
        let description = format_args!("conditions nest {} deep at most", limit::CONDITION_DEPTH);
        return at.refuse("TOO_DEEP", description);
    }
    let several = |name, wire: v1::Conditions| {
        at.field(name).list(
            "conditions",
            wire.conditions,
            &limit::FULL_LIST,
            |at, wire| read_condition(at, wire, depth + 1),
        )
    };
    let words = |name, wire: &v1::IdSet| at.field(name).ids("ids", &wire.ids, &limit::FULL_LIST);
    match wire.test {
        None => at.missing("a test"),
        Some(Test::All(w)) => several("all", w).map(Condition::All),
        Some(Test::Any(w)) => several("any", w).map(Condition::Any),
        Some(Test::Not(w)) => read_condition(&at.field("not"), *w, depth + 1)
            .map(|other| Condition::Not(Box::new(other))),
        Some(Test::YearWithoutSession(w)) => at
            .field("year_without_session")
            .id("series", &w.series)
            .map(Condition::YearWithoutSession),
        Some(Test::PartyKind(w)) => words("party_kind", &w).map(Condition::PartyKind),
        Some(Test::PartyCountry(w)) => words("party_country", &w).map(Condition::PartyCountry),
        Some(Test::PartyRegion(w)) => words("party_region", &w).map(Condition::PartyRegion),
        Some(Test::ParentSuspended(w)) => at
            .field("parent_suspended")
            .id("parent", &w.parent)
            .map(Condition::ParentSuspended),
    }
}
