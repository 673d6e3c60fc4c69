//! What may be named, table by table.

use crate::render::{basis, joined, law, name, table};
use standing_proto::v1::{
    GetVocabularyResponse, Term, TermKind, VocabularyArticle, VocabularyCommittee, VocabularyFund,
    VocabularyInstrument, VocabularyTerm,
};

/// Writes what may be named.
pub fn vocabulary(response: &GetVocabularyResponse) -> String {
    let tables = [
        filled(["KIND", "WORD", "NAME", "WITH"], &response.terms, term),
        filled(["FUND", "CURRENCY", "NAME"], &response.funds, fund),
        filled(
            ["INSTRUMENT", "IN FORCE", "TITLE"],
            &response.instruments,
            instrument,
        ),
        filled(["ARTICLE", "CITED", "HEADING"], &response.articles, article),
        filled(["COMMITTEE", "NAME"], &response.committees, committee),
    ];
    let text = joined(tables.iter().map(String::as_str), "\n");
    let text = if text.is_empty() {
        "Nothing is declared.\n".to_owned()
    } else {
        text
    };
    text + &basis(response.basis.as_ref())
}

/// Writes a table; nothing where it has no rows.
fn filled<T, const N: usize>(
    header: [&str; N],
    items: &[T],
    row: impl Fn(&T) -> [String; N],
) -> String {
    if items.is_empty() {
        return String::new();
    }
    table(header, items.iter().map(row).collect())
}

fn term(of: &VocabularyTerm) -> [String; 4] {
    let term = of.term.clone().unwrap_or_default();
    [
        kind(&term).to_owned(),
        term.term.clone(),
        name(&term.names).to_owned(),
        with(of, &term),
    ]
}

fn kind(term: &Term) -> &'static str {
    match term.kind() {
        TermKind::Unspecified => "",
        TermKind::Class => "class",
        TermKind::Right => "right",
        TermKind::Body => "body",
        TermKind::Function => "function",
        TermKind::Office => "office",
        TermKind::PartyKind => "kind of party",
    }
}

/// Writes what goes with a word.
fn with(of: &VocabularyTerm, term: &Term) -> String {
    let bodies = of.bodies.join(", ");
    let bodies = match (bodies.as_str(), term.kind()) {
        ("", _) => String::new(),
        (bodies, TermKind::Class) => format!("admitted by {bodies}"),
        (bodies, TermKind::Office) => format!("by {bodies}"),
        (bodies, TermKind::Function) => format!("of {bodies}"),
        (
            bodies,
            TermKind::Unspecified | TermKind::Right | TermKind::Body | TermKind::PartyKind,
        ) => format!("in {bodies}"),
    };
    let last = match of.last_session {
        0 => String::new(),
        last => format!("sessions to {}/{last}", term.term),
    };
    let functions = told("functions", &of.functions);
    let named = of.seats.iter().filter(|seat| !seat.is_empty());
    let seats = told("seats", &named.cloned().collect::<Vec<_>>());
    let undeclared = if of.position == 0 { "not declared" } else { "" };
    joined([undeclared, &bodies, &last, &functions, &seats], "; ")
}

fn told(what: &str, words: &[String]) -> String {
    if words.is_empty() {
        return String::new();
    }
    format!("{what} {}", words.join(", "))
}

fn fund(fund: &VocabularyFund) -> [String; 3] {
    [
        fund.fund.clone(),
        fund.currency.clone(),
        name(&fund.names).to_owned(),
    ]
}

fn instrument(instrument: &VocabularyInstrument) -> [String; 3] {
    [
        instrument.instrument.clone(),
        law::in_force(instrument.in_force()).to_owned(),
        name(&instrument.titles).to_owned(),
    ]
}

fn article(article: &VocabularyArticle) -> [String; 3] {
    let doubt = if article.certain {
        ""
    } else {
        "(not certain to be in force)"
    };
    [
        article.article.clone(),
        article.citation.clone(),
        joined([name(&article.headings), doubt], " "),
    ]
}

fn committee(committee: &VocabularyCommittee) -> [String; 2] {
    let doubt = if committee.certain {
        ""
    } else {
        "(not certain to exist)"
    };
    [
        committee.committee.clone(),
        joined([name(&committee.names), doubt], " "),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use standing_proto::v1::{Name, Verdict};

    fn names(text: &str) -> Vec<Name> {
        vec![Name {
            language: "en".to_owned(),
            text: text.to_owned(),
        }]
    }

    fn word(kind: TermKind, term: &str, name: &str) -> VocabularyTerm {
        VocabularyTerm {
            term: Some(Term {
                kind: kind.into(),
                term: term.to_owned(),
                names: names(name),
                ..Term::default()
            }),
            position: 1,
            ..VocabularyTerm::default()
        }
    }

    fn words() -> Vec<VocabularyTerm> {
        let some = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
        vec![
            VocabularyTerm {
                bodies: some(&["assembly"]),
                ..word(TermKind::Class, "full", "Full member")
            },
            VocabularyTerm {
                bodies: some(&["assembly", "council"]),
                ..word(TermKind::Right, "vote", "Vote")
            },
            VocabularyTerm {
                functions: some(&["admit-full", "amend"]),
                last_session: 15,
                ..word(TermKind::Body, "assembly", "Assembly")
            },
            VocabularyTerm {
                bodies: some(&["assembly"]),
                seats: some(&["", "east"]),
                ..word(TermKind::Office, "chair", "Chair")
            },
            VocabularyTerm {
                position: 0,
                ..word(TermKind::PartyKind, "town", "")
            },
        ]
    }

    #[test]
    fn words_are_told_with_what_goes_with_them() {
        let response = GetVocabularyResponse {
            terms: words(),
            funds: vec![VocabularyFund {
                fund: "core".to_owned(),
                currency: "usd".to_owned(),
                names: names("Core fund"),
                position: 2,
            }],
            instruments: vec![VocabularyInstrument {
                instrument: "charter".to_owned(),
                titles: names("Charter"),
                in_force: Verdict::Held.into(),
            }],
            articles: vec![VocabularyArticle {
                article: "charter/9-2".to_owned(),
                citation: "9-2".to_owned(),
                headings: names("Suspension"),
                certain: false,
            }],
            committees: vec![VocabularyCommittee {
                committee: "trade".to_owned(),
                names: names("Trade"),
                certain: true,
            }],
            ..GetVocabularyResponse::default()
        };
        expect![[r"
            KIND           WORD      NAME         WITH
            class          full      Full member  admitted by assembly
            right          vote      Vote         in assembly, council
            body           assembly  Assembly     sessions to assembly/15; functions admit-full, amend
            office         chair     Chair        by assembly; seats east
            kind of party  town                   not declared

            FUND  CURRENCY  NAME
            core  usd       Core fund

            INSTRUMENT  IN FORCE  TITLE
            charter     in force  Charter

            ARTICLE      CITED  HEADING
            charter/9-2  9-2    Suspension (not certain to be in force)

            COMMITTEE  NAME
            trade      Trade
        "]]
        .assert_eq(&vocabulary(&response));
        assert_eq!(
            vocabulary(&GetVocabularyResponse::default()),
            "Nothing is declared.\n"
        );
    }
}
