//! What a server tells the person who started it: what it holds, and what to ask next.

use crate::client::{Client, PAGE};
use crate::failure::Failure;
use crate::render;
use crate::render::Lines as _;
use standing_proto::v1::{
    CountMembersRequest, CountMembersResponse, GetAssociationRequest, GetAssociationResponse,
    GetHeadRequest, GetHeadResponse, Head, ListPartiesRequest, PartyState, TermKind,
};

/// How many pages of parties are counted before a person has waited long enough.
const PAGES: usize = 10;

/// The office that `chairs` asks about.
const CHAIR: &str = "chair";

/// What a server holds.
#[derive(Debug, Default)]
struct Loaded {
    head: Head,
    today: String,
    name: String,
    parties: Parties,
    members: CountMembersResponse,
    has_chair: bool,
}

/// A member, and the day it was admitted.
type Admission = (String, String);

/// The parties a server knows.
#[derive(Debug, Default)]
struct Parties {
    count: usize,
    /// True if there are more than were counted.
    more: bool,
    /// The member that was admitted last, and its day.
    newest: Option<Admission>,
}

/// Asks a server what it holds, and writes it with questions to ask next; they say where it is if
/// that is elsewhere than usual.
///
/// # Errors
/// The server answers none.
pub async fn welcome(client: &Client, elsewhere: Option<&str>) -> Result<String, Failure> {
    let response = client.ledger().get_head(GetHeadRequest {}).await?;
    let GetHeadResponse { head, today } = response.into_inner();
    let head = head.unwrap_or_default();
    // Until it is founded there is no association to ask about.
    let association = if head.association.is_empty() {
        GetAssociationResponse::default()
    } else {
        let request = GetAssociationRequest { at: None };
        client.roll().get_association(request).await?.into_inner()
    };
    let counts = CountMembersRequest { at: None };
    let loaded = Loaded {
        head,
        today,
        name: render::name(&association.names).to_owned(),
        parties: parties(client).await?,
        members: client.roll().count_members(counts).await?.into_inner(),
        has_chair: association
            .terms
            .iter()
            .any(|term| term.kind() == TermKind::Office && term.term == CHAIR),
    };
    Ok(write(&loaded, &command(), &flags(elsewhere)))
}

async fn parties(client: &Client) -> Result<Parties, Failure> {
    let mut parties = Parties::default();
    let mut request = ListPartiesRequest {
        page_size: PAGE,
        ..ListPartiesRequest::default()
    };
    for _ in 0..PAGES {
        let page = client
            .roll()
            .list_parties(request.clone())
            .await?
            .into_inner();
        parties.count += page.parties.len();
        parties.newest = newest(&page.parties, parties.newest.take());
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return Ok(parties);
        }
    }
    parties.more = true;
    Ok(parties)
}

/// Returns the latest admission of some parties and of those before.
fn newest(parties: &[PartyState], before: Option<Admission>) -> Option<Admission> {
    let admissions = parties.iter().filter_map(admitted).chain(before);
    admissions.max_by(|(_, day), (_, other)| day.cmp(other))
}

/// Returns a member and the day of its admission, where that day is known.
fn admitted(party: &PartyState) -> Option<Admission> {
    let admitted = party.admitted.as_ref()?;
    let day = &admitted.earliest_start_date;
    (*day == admitted.latest_start_date).then(|| (party.party.clone(), day.clone()))
}

/// Returns this command as it was called, so that what is printed can be typed.
fn command() -> String {
    let called = std::env::args().next();
    called.unwrap_or_else(|| "standing".to_owned())
}

/// Returns what a question needs to find a server that is not where one usually is.
fn flags(elsewhere: Option<&str>) -> String {
    elsewhere.map_or_else(String::new, |url| format!(" --server {url}"))
}

fn write(loaded: &Loaded, command: &str, flags: &str) -> String {
    let Loaded { head, parties, .. } = loaded;
    if head.position == 0 {
        return format!(
            "The ledger is empty. Record something into it:\n  {command} import PATH{flags}\n"
        );
    }
    let members: Vec<String> = loaded
        .members
        .classes
        .iter()
        .map(|class| format!("{} {}", render::range(class.count.as_ref()), class.class))
        .collect();
    let more = if parties.more { "more than " } else { "" };
    let mut text = format!(
        "{}\n  {} entries, {more}{} parties\n  members on {}: {}\n",
        render::joined([loaded.name.as_str(), &head.association], " · "),
        head.position,
        parties.count,
        loaded.today,
        members.join(", "),
    );
    let mut asks = vec![format!("roll --on {}", loaded.today)];
    if let Some((party, day)) = &parties.newest {
        asks = vec![
            format!("rights {party} --on {day}"),
            format!("roll --on {day}"),
        ];
    }
    asks.push(if loaded.has_chair {
        "chairs".to_owned()
    } else {
        "head".to_owned()
    });
    text.push_str("\nAsk next, in another terminal:\n");
    for ask in asks {
        text.line(&format!("  {command} {ask}{flags}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use standing_proto::v1::{ClassCount, CountRange, Interval};

    #[test]
    fn a_server_tells_what_it_holds_and_what_to_ask() {
        let loaded = Loaded {
            head: Head {
                position: 651,
                association: "aa".to_owned(),
                ..Head::default()
            },
            today: "2024-09-25".to_owned(),
            name: "Association of A".to_owned(),
            parties: Parties {
                count: 98,
                more: false,
                newest: Some(("aa-north".to_owned(), "2024-09-25".to_owned())),
            },
            members: CountMembersResponse {
                classes: vec![ClassCount {
                    class: "full".to_owned(),
                    count: Some(CountRange {
                        certain: 81,
                        possible: 82,
                        unbounded: false,
                    }),
                    called: String::new(),
                }],
                basis: None,
            },
            has_chair: true,
        };
        let flags = flags(Some("http://127.0.0.1:7421"));
        expect![[r"
            Association of A · aa
              651 entries, 98 parties
              members on 2024-09-25: 81..82 full

            Ask next, in another terminal:
              standing rights aa-north --on 2024-09-25 --server http://127.0.0.1:7421
              standing roll --on 2024-09-25 --server http://127.0.0.1:7421
              standing chairs --server http://127.0.0.1:7421
        "]]
        .assert_eq(&write(&loaded, "standing", &flags));
    }

    #[test]
    fn an_empty_ledger_asks_for_an_import() {
        expect![[r"
            The ledger is empty. Record something into it:
              standing import PATH
        "]]
        .assert_eq(&write(&Loaded::default(), "standing", ""));
    }

    #[test]
    fn the_newest_member_is_the_one_admitted_last() {
        let member = |party: &str, earliest: &str, latest: &str| PartyState {
            party: party.to_owned(),
            admitted: Some(Interval {
                earliest_start_date: earliest.to_owned(),
                latest_start_date: latest.to_owned(),
                ..Interval::default()
            }),
            ..PartyState::default()
        };
        let day = "2001-05-05";
        let parties = [
            member("aa-north", day, day),
            member("bb-south", "2002-01-01", "2002-12-31"),
            PartyState::default(),
        ];
        let north = || Some(("aa-north".to_owned(), day.to_owned()));
        let later = || Some(("cc-west".to_owned(), "2003-01-01".to_owned()));
        assert_eq!(newest(&parties, None), north());
        assert_eq!(newest(&parties, later()), later());
        assert_eq!(newest(&[], north()), north());
    }
}
