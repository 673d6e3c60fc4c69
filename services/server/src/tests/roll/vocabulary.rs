//! What may be named.

use crate::tests::*;

/// A fund, an office with seats of which a body elects to one and a body may hand on what it has, a
/// declared kind of party.
const MORE: &str = r#"{"id":"fund","fundEstablished":{"fund":"core","currency":"usd","names":[{"language":"en","text":"Core fund"}]}}
{"id":"council","termDeclared":{"kind":"TERM_KIND_BODY","term":"council"}}
{"id":"town","termDeclared":{"kind":"TERM_KIND_PARTY_KIND","term":"town"}}
{"id":"charter-11","effective":{"date":"2005-01-01"},"articleEnacted":{"instrument":"charter","article":"11","citation":"11","change":"ARTICLE_CHANGE_ADDED","headings":[{"language":"en","text":"The secretaries"}],"norms":[{"support":"SUPPORT_TEXT","office":{"office":"secretary","seats":["first","second"],"electedBy":"council"}},{"support":"SUPPORT_TEXT","delegate":{"fromBody":"assembly","toBody":"council"}},{"support":"SUPPORT_TEXT","establishClass":{"class":"full","admittedBy":["council"]}}]}}"#;

async fn vocabulary(world: &mut World, day: &str, page_size: u32) -> v1::GetVocabularyResponse {
    let mut request = v1::GetVocabularyRequest {
        at: on(day),
        page_size,
        page_token: String::new(),
    };
    let mut all = v1::GetVocabularyResponse::default();
    loop {
        let page = world.roll.get_vocabulary(request.clone()).await.unwrap();
        let page = page.into_inner();
        all.terms.extend(page.terms);
        all.funds.extend(page.funds);
        all.instruments.extend(page.instruments);
        all.articles.extend(page.articles);
        all.committees.extend(page.committees);
        all.basis = page.basis;
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return all;
        }
    }
}

/// A word as a line: the word, its bodies, its functions, its seats, its last session.
fn line(of: &v1::VocabularyTerm) -> String {
    let term = of.term.as_ref().unwrap();
    let lists = [&of.bodies, &of.functions, &of.seats].map(|words| words.join(","));
    format!("{} [{}] {}", term.term, lists.join("|"), of.last_session)
}

fn lines(of: &v1::GetVocabularyResponse) -> Vec<String> {
    of.terms.iter().map(line).collect()
}

#[tokio::test]
async fn words_are_told_with_what_goes_with_them() {
    let mut world = league().await;
    world.record("more", MORE).await.unwrap();
    let before = vocabulary(&mut world, "2004-06-01", 0).await;
    assert_eq!(
        lines(&before),
        [
            "full [||] 0",
            "observer [||] 0",
            "special [||] 0",
            "vote [assembly||] 0",
            "speak [||] 0",
            "assembly [|admit-full|] 2",
            "council [||] 0",
            "admit-full [assembly||] 0",
            "chair [||] 0",
            "secretary [||] 0",
            "town [||] 0",
            "government [||] 0",
        ]
    );
    let undeclared = before.terms.last().unwrap();
    assert_eq!(undeclared.position, 0);
    let later = vocabulary(&mut world, "2006-01-01", 0).await;
    let changed = [
        "full [council||] 0",
        "council [|admit-full|] 0",
        "admit-full [assembly,council||] 0",
        "secretary [council||,first,second] 0",
    ];
    for line in changed {
        assert!(lines(&later).iter().any(|found| found == line), "{line}");
    }
}

#[tokio::test]
async fn what_else_may_be_named_is_told_as_on_the_day() {
    let mut world = league().await;
    world.record("more", MORE).await.unwrap();
    let all = vocabulary(&mut world, "2010-07-01", 0).await;
    let fund = &all.funds[0];
    assert_eq!(
        (&*fund.fund, &*fund.currency, &*fund.names[0].text),
        ("core", "usd", "Core fund")
    );
    let charter = &all.instruments[0];
    assert_eq!(
        (&*charter.instrument, charter.in_force()),
        ("charter", v1::Verdict::Held)
    );
    let articles = all.articles.iter();
    let articles: Vec<_> = articles
        .map(|article| (&*article.article, &*article.citation, article.certain))
        .collect();
    assert_eq!(
        articles,
        [
            ("charter/1", "1", true),
            ("charter/9.1", "9(1)", false),
            ("charter/10", "10", true),
            ("charter/11", "11", true),
        ]
    );
    assert_eq!(all.articles[3].headings[0].text, "The secretaries");
    assert_eq!(all.committees[0].committee, "culture");
    let early = vocabulary(&mut world, "2000-06-01", 0).await;
    assert_eq!((early.articles.len(), early.committees.len()), (2, 0));
    assert!(early.terms.len() == all.terms.len() && early.funds.len() == 1);
}

#[tokio::test]
async fn the_pages_are_the_whole() {
    let mut world = league().await;
    world.record("more", MORE).await.unwrap();
    let whole = vocabulary(&mut world, "2010-07-01", 1_000).await;
    for page_size in [1, 3, 5] {
        let paged = vocabulary(&mut world, "2010-07-01", page_size).await;
        assert_eq!(paged, whole);
    }
    let mut nobody = empty(Config::default()).await;
    let nothing = vocabulary(&mut nobody, "2010-07-01", 0).await;
    assert!(nothing.terms.is_empty() && nothing.articles.is_empty());
}
