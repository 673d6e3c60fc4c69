use super::*;

fn article(article: &str, day: &str) -> v1::GetArticleRequest {
    v1::GetArticleRequest {
        instrument: "charter".to_owned(),
        article: article.to_owned(),
        at: on(day),
    }
}

#[tokio::test]
async fn an_article_is_read_in_the_version_of_a_date() {
    let mut world = league().await;
    let versions = world
        .law
        .get_article(article("9(1)", "2005-01-01"))
        .await
        .unwrap()
        .into_inner()
        .versions;
    assert_eq!(versions.len(), 1);
    assert_eq!(
        (versions[0].position, versions[0].certain),
        (World::position("charter-9-1"), true)
    );
    let interval = versions[0].interval.as_ref().unwrap();
    assert_eq!(
        (&*interval.earliest_end_date, &*interval.latest_end_date),
        ("2010-06-01", "2010-08-31")
    );

    let versions = world
        .law
        .get_article(article("9.1", "2010-07-01"))
        .await
        .unwrap()
        .into_inner()
        .versions;
    let told: Vec<(&str, bool)> = versions
        .iter()
        .map(|v| (&*v.commencement, v.certain))
        .collect();
    assert_eq!(
        told,
        [("2000-01-01", false), ("2010-06-01..2010-08-31", false)]
    );

    let gone = world.law.get_article(article("10", "2020-01-01")).await;
    refused(gone, Code::NotFound, "ARTICLE_NOT_IN_FORCE");
    refused(
        world.law.get_article(article("77", "")).await,
        Code::NotFound,
        "UNKNOWN_ARTICLE",
    );
    let other = v1::GetArticleRequest {
        instrument: "statute".to_owned(),
        ..article("1", "")
    };
    refused(
        world.law.get_article(other).await,
        Code::NotFound,
        "UNKNOWN_INSTRUMENT",
    );
}

#[tokio::test]
async fn an_instrument_is_told_with_its_articles_in_reading_order() {
    let mut world = league().await;
    let ask = |day: &str| v1::GetInstrumentRequest {
        instrument: "charter".to_owned(),
        at: on(day),
    };
    let charter = world
        .law
        .get_instrument(ask("2006-01-01"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (charter.in_force(), &*charter.titles[0].text),
        (v1::Verdict::Held, "Charter")
    );
    assert_eq!(charter.amendments[0].ordinal, 1);
    let articles: Vec<String> = charter
        .articles
        .into_iter()
        .map(|version| version.article.unwrap().article)
        .collect();
    assert_eq!(articles, ["1", "9.1", "10"]);
    let charter = world
        .law
        .get_instrument(ask("1999-01-01"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (charter.in_force(), charter.articles.len()),
        (v1::Verdict::NotHeld, 0)
    );
}

#[tokio::test]
async fn versions_are_listed_deletions_too() {
    let mut world = league().await;
    let mut request = v1::ListArticleVersionsRequest {
        instrument: "charter".to_owned(),
        article: "10".to_owned(),
        page_size: 1,
        ..v1::ListArticleVersionsRequest::default()
    };
    let first = world
        .law
        .list_article_versions(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert!(first.versions[0].article.is_some());
    request.page_token = first.next_page_token;
    let second = world
        .law
        .list_article_versions(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (
            second.versions[0].article.clone(),
            &*second.versions[0].commencement
        ),
        (None, "2020-01-01")
    );
    assert_eq!(second.next_page_token, "");
}

#[tokio::test]
async fn two_dates_are_compared() {
    let mut world = league().await;
    let ask = |earlier: &str, later: &str| v1::CompareInstrumentRequest {
        instrument: "charter".to_owned(),
        at: on(later),
        earlier_date: earlier.to_owned(),
    };
    let mut compared = async |earlier: &str, later: &str| {
        let response = world
            .law
            .compare_instrument(ask(earlier, later))
            .await
            .unwrap()
            .into_inner();
        let told = response
            .differences
            .into_iter()
            .map(|d| format!("{} {}", d.article, d.change));
        told.collect::<Vec<_>>()
    };
    assert_eq!(
        compared("2001-01-01", "2019-01-01").await,
        ["9.1 amended", "10 added"]
    );
    assert_eq!(
        compared("2009-01-01", "2010-07-01").await,
        ["9.1 uncertain"]
    );
    assert_eq!(compared("2019-01-01", "2021-01-01").await, ["10 deleted"]);
    assert_eq!(
        compared("2010-07-01", "2010-07-01").await,
        Vec::<String>::new()
    );
    let turned = world
        .law
        .compare_instrument(ask("2010-01-02", "2010-01-01"))
        .await;
    refused(turned, Code::InvalidArgument, "MALFORMED");
}

fn compared(article: &str, earlier: &str, later: &str) -> v1::CompareArticleRequest {
    v1::CompareArticleRequest {
        instrument: "charter".to_owned(),
        article: article.to_owned(),
        at: on(later),
        earlier_date: earlier.to_owned(),
    }
}

/// The first text that is compared, as it is drawn.
fn drawn(response: &v1::CompareArticleResponse) -> String {
    let text = response.texts.first().cloned().unwrap_or_default();
    let runs = text.runs.iter().map(|run| match run.kind() {
        v1::RunKind::Removed => format!("[-{}-]", run.text),
        v1::RunKind::Added => format!("{{+{}+}}", run.text),
        v1::RunKind::Kept | v1::RunKind::Unspecified => run.text.clone(),
    });
    runs.collect()
}

#[tokio::test]
async fn an_article_is_compared_word_by_word_and_norm_by_norm() {
    let mut world = league().await;
    let (old, new) = (
        World::position("charter-9-1"),
        World::position("charter-9-1-b"),
    );
    let changed = "[-Full members-]{+Every full member has one+} vote.";
    for (dates, change, entries, certain, text, norms) in [
        (
            ["2001-01-01", "2019-01-01"],
            "amended",
            [vec![old], vec![new]],
            [true, true],
            "",
            [2, 1, 0],
        ),
        (
            ["2009-01-01", "2010-07-01"],
            "uncertain",
            [vec![old], vec![old, new]],
            [true, false],
            "",
            [2, 1, 0],
        ),
        (
            ["2010-07-01", "2010-07-01"],
            "unchanged",
            [vec![old, new], vec![old, new]],
            [false, false],
            "Full members vote.",
            [0, 0, 2],
        ),
        (
            ["1999-01-01", "2001-01-01"],
            "added",
            [vec![], vec![old]],
            [true, true],
            "{+Full members vote.+}",
            [0, 2, 0],
        ),
    ] {
        let response = world
            .law
            .compare_article(compared("9(1)", dates[0], dates[1]))
            .await
            .unwrap()
            .into_inner();
        let text = if text.is_empty() { changed } else { text };
        assert_eq!((&*response.change, &*drawn(&response)), (change, text));
        assert_eq!(
            [response.earlier_positions, response.later_positions],
            entries
        );
        assert_eq!([response.earlier_certain, response.later_certain], certain);
        let of = [
            response.removed_norms,
            response.added_norms,
            response.kept_norms,
        ];
        assert_eq!(of.map(|norms| norms.len()), norms, "{dates:?}");
        assert_eq!(response.basis.unwrap().on, dates[1]);
    }
}

#[tokio::test]
async fn an_article_that_never_was_is_not_compared() {
    let mut world = league().await;
    let gone = world
        .law
        .compare_article(compared("10", "2019-01-01", "2021-01-01"));
    let gone = gone.await.unwrap().into_inner();
    assert_eq!((&*gone.change, gone.later_positions.len()), ("deleted", 0));
    let unknown = world
        .law
        .compare_article(compared("77", "2019-01-01", "2021-01-01"));
    refused(unknown.await, Code::NotFound, "UNKNOWN_ARTICLE");
    let turned = world
        .law
        .compare_article(compared("10", "2021-01-01", "2019-01-01"));
    refused(turned.await, Code::InvalidArgument, "MALFORMED");
}
