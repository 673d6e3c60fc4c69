use super::super::key::Keys;
use super::super::warm::{Entry, Warm};
use super::*;
use sha2::{Digest as _, Sha256};
use tokio::task::JoinSet;

fn renamed(signer: &Signer, kid: &str) -> Value {
    changed(signer.header(), json!({ "kid": kid }))
}

/// Verifies tokens at once, and returns how many were taken.
async fn at_once(world: &World, tokens: impl IntoIterator<Item = String>) -> usize {
    let mut all = JoinSet::new();
    for token in tokens {
        let oidc = Arc::clone(&world.oidc);
        all.spawn(async move { oidc.verify(&token).await });
    }
    let all = all.join_all().await;
    all.into_iter().flatten().count()
}

#[tokio::test]
async fn many_at_the_start_cost_one_fetch() {
    let world = World::new().await;
    world.issuer.think(Duration::from_millis(100));
    let tokens = (0..100).map(|n| {
        let claims = changed(world.claims(), json!({ "sub": format!("u{n}") }));
        world.p256.token(&world.p256.header(), &claims)
    });
    assert_eq!(at_once(&world, tokens).await, 100);
    assert_eq!((world.issuer.asked(), world.issuer.asked_keys()), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fetch_goes_on_when_whoever_wanted_it_is_gone() {
    let world = World::new().await;
    world.issuer.think(Duration::from_millis(100));
    let token = world.token(&world.rsa);
    let first = tokio::time::timeout(Duration::from_millis(20), world.verify(&token));
    assert!(first.await.is_err());
    assert!(world.verify(&token).await.is_ok());
    assert_eq!(world.issuer.asked(), 1);
}

#[tokio::test]
async fn keys_that_were_away_at_the_start_are_there_within_five_seconds() {
    let world = World::new().await;
    let token = world.token(&world.rsa);
    world.issuer.answer_keys(503, "");
    for _ in 0..10 {
        assert!(is_away(&world.verify(&token).await, "503"));
    }
    world.issuer.show([world.rsa.jwk()]);
    world.hands.steady(4.9);
    assert!(is_away(&world.verify(&token).await, "503"));
    assert_eq!(world.issuer.asked(), 1);
    world.hands.steady(0.1);
    assert!(world.verify(&token).await.is_ok());
    assert_eq!(world.issuer.asked(), 2);
}

#[tokio::test]
async fn nobody_listens() {
    let world = World::with(Issuer::plain().await, |options| {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        options.issuer = format!("http://{}", free.local_addr().unwrap());
    });
    let claims = changed(world.claims(), json!({ "iss": world.oidc.expected.issuer }));
    let token = world.rsa.token(&world.rsa.header(), &claims);
    assert!(is_away(&world.verify(&token).await, "refused"));
}

#[tokio::test]
async fn an_unknown_key_is_asked_for_once_a_minute() {
    let world = World::new().await;
    assert!(world.verify(&world.token(&world.rsa)).await.is_ok());
    let unknown = || {
        (0..1_000).map(|n| {
            world
                .p256
                .token(&renamed(&world.p256, &format!("k{n}")), &world.claims())
        })
    };
    assert_eq!(at_once(&world, unknown()).await, 0);
    assert_eq!(world.issuer.asked(), 1);
    world.hands.steady(59.9);
    assert_eq!(at_once(&world, unknown()).await, 0);
    assert_eq!(world.issuer.asked(), 1);
    world.hands.steady(0.1);
    assert_eq!(at_once(&world, unknown()).await, 0);
    assert_eq!(world.issuer.asked(), 2);
    // An attempt that fails counts.
    world.issuer.answer_keys(500, "");
    world.hands.steady(60.0);
    assert_eq!(at_once(&world, unknown()).await, 0);
    world.issuer.show([world.rsa.jwk()]);
    world.hands.steady(59.9);
    assert_eq!(at_once(&world, unknown()).await, 0);
    assert_eq!(world.issuer.asked(), 3);
}

#[tokio::test]
async fn a_known_key_does_not_wait_for_an_unknown_one() {
    let world = World::new().await;
    assert!(world.verify(&world.token(&world.rsa)).await.is_ok());
    world.hands.steady(60.0);
    world.issuer.think(Duration::from_secs(5));
    let oidc = Arc::clone(&world.oidc);
    let unknown = world
        .rsa
        .token(&renamed(&world.rsa, "new"), &world.claims());
    let waits = tokio::spawn(async move { oidc.verify(&unknown).await });
    world.fetched(2).await;
    let known = world.token(&world.p256);
    let known = tokio::time::timeout(Duration::from_secs(2), world.verify(&known)).await;
    assert!(known.unwrap().is_ok());
    assert!(!waits.is_finished());
    waits.abort();
}

#[tokio::test]
async fn old_keys_serve_while_the_issuer_is_away() {
    let world = World::new().await;
    let last = changed(world.claims(), json!({ "exp": NOW + 1_000_000 }));
    let token = |signer: &Signer| signer.token(&signer.header(), &last);
    let warm = token(&world.rsa);
    assert!(world.verify(&warm).await.is_ok());
    world.issuer.answer_discovery(500, "");
    // The first after a quiet hour waits for an attempt; those after it do not.
    for hour in 1..24_u32 {
        world.hands.steady(3_600.0);
        assert!(world.verify(&warm).await.is_ok(), "{hour}");
        assert!(world.verify(&token(&world.p256)).await.is_ok(), "{hour}");
        world.fetched(usize::try_from(hour).unwrap() + 1).await;
    }
    world.hands.steady(3_599.0);
    assert!(world.verify(&warm).await.is_ok());
    world.hands.steady(1.0);
    assert!(is_away(&world.verify(&warm).await, "500"));
    assert!(is_away(&world.verify(&token(&world.p256)).await, "500"));
    world
        .issuer
        .describe(&world.issuer.name, &format!("{}/keys", world.issuer.name));
    world.hands.steady(5.0);
    assert!(world.verify(&warm).await.is_ok());
}

#[tokio::test]
async fn a_new_key_verifies_and_an_old_one_stops() {
    let world = World::new().await;
    let (old, new) = (&world.p256, Signer::p256("new"));
    let (before, after) = (world.token(old), world.token(&new));
    assert!(world.verify(&before).await.is_ok());
    world.issuer.show([old.jwk(), new.jwk()]);
    assert_eq!(world.verify(&after).await, Err(Refused::UnknownKey));
    world.hands.steady(60.0);
    assert!(world.verify(&after).await.is_ok());
    assert!(world.verify(&before).await.is_ok());
    world.issuer.show([new.jwk()]);
    world.hands.steady(60.0);
    let unknown = world.rsa.token(&renamed(&world.rsa, "x"), &world.claims());
    assert_eq!(world.verify(&unknown).await, Err(Refused::UnknownKey));
    // It was remembered, and so was another token of the old key never.
    assert_eq!(world.verify(&before).await, Err(Refused::UnknownKey));
    let other = changed(world.claims(), json!({ "sub": "eve" }));
    let other = old.token(&old.header(), &other);
    assert_eq!(world.verify(&other).await, Err(Refused::UnknownKey));
    assert!(world.verify(&after).await.is_ok());
    // All keys may be withdrawn.
    world.issuer.show([]);
    world.hands.steady(3_600.0);
    assert_eq!(world.verify(&after).await, Err(Refused::UnknownKey));
}

/// Another key under the name of the old one.
#[tokio::test]
async fn a_name_may_pass_to_another_key() {
    let world = World::new().await;
    let (before, next) = (world.token(&world.p256), Signer::p256("p256"));
    assert!(world.verify(&before).await.is_ok());
    world.issuer.show([next.jwk()]);
    world.hands.steady(3_600.0);
    assert_eq!(world.verify(&before).await, Err(Refused::Signature));
    assert!(world.verify(&world.token(&next)).await.is_ok());
}

#[tokio::test]
async fn a_withdrawn_key_stops_within_an_hour() {
    let world = World::new().await;
    let token = world.token(&world.p256);
    assert!(world.verify(&token).await.is_ok());
    world.issuer.show([world.rsa.jwk()]);
    world.issuer.think(Duration::from_millis(100));
    world.hands.steady(50.0 * 60.0 - 1.0);
    assert!(world.verify(&token).await.is_ok());
    assert_eq!(world.issuer.asked(), 1);
    // Where tokens come all the time they are fetched meanwhile.
    world.hands.steady(1.0);
    assert!(world.verify(&token).await.is_ok());
    let gone = async {
        while world.verify(&token).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone)
        .await
        .unwrap();
    assert_eq!(world.issuer.asked(), 2);
}

#[tokio::test]
async fn after_a_quiet_hour_no_withdrawn_key_serves_even_once() {
    let world = World::new().await;
    let token = world.token(&world.p256);
    assert!(world.verify(&token).await.is_ok());
    world.issuer.show([world.rsa.jwk()]);
    world.issuer.think(Duration::from_millis(100));
    world.hands.steady(7.0 * 3_600.0);
    let tokens = (0..10).map(|_| token.clone());
    assert_eq!(at_once(&world, tokens).await, 0);
    assert_eq!(world.issuer.asked(), 2);
}

/// An attempt that failed says little about the issuer a while later.
#[tokio::test]
async fn after_an_outage_a_withdrawn_key_stops_with_the_first_token() {
    let world = World::new().await;
    let token = world.token(&world.p256);
    assert!(world.verify(&token).await.is_ok());
    world.issuer.answer_keys(500, "");
    world.hands.steady(3_600.0);
    assert!(world.verify(&token).await.is_ok());
    world.issuer.show([world.rsa.jwk()]);
    world.issuer.think(Duration::from_millis(100));
    // It is asked again beside the service at first, and waited for when it was quiet.
    world.hands.steady(59.0);
    assert!(world.verify(&token).await.is_ok());
    assert_eq!(world.issuer.asked(), 2);
    world.hands.steady(241.0);
    assert_eq!(world.verify(&token).await, Err(Refused::UnknownKey));
    assert_eq!(world.issuer.asked(), 3);
}

/// While tokens come all the time none waits for an issuer that hangs.
#[tokio::test]
async fn nobody_waits_again_for_an_issuer_that_is_away() {
    let world = World::new().await;
    let token = world.token(&world.rsa);
    assert!(world.verify(&token).await.is_ok());
    world.issuer.answer_keys(500, "");
    world.hands.steady(3_600.0);
    assert!(world.verify(&token).await.is_ok());
    world.issuer.think(Duration::from_hours(1));
    for minute in 0..3 {
        world.hands.steady(60.0);
        let verified = tokio::time::timeout(Duration::from_secs(2), world.verify(&token)).await;
        assert!(verified.unwrap().is_ok(), "{minute}");
    }
    world.fetched(3).await;
}

#[tokio::test]
async fn a_remembered_token_ends_when_it_says() {
    let world = World::new().await;
    let token = world.token(&world.ed25519);
    let other = changed(world.claims(), json!({ "exp": NOW + 1_000 }));
    let other = world.ed25519.token(&world.ed25519.header(), &other);
    for token in [&token, &other, &token] {
        assert!(world.verify(token).await.is_ok());
    }
    assert_eq!(world.oidc.warm.len(), 2);
    world.hands.wall(359);
    assert!(world.verify(&token).await.is_ok());
    world.hands.wall(1);
    assert_eq!(world.verify(&token).await, Err(Refused::Expired));
    assert_eq!(world.verify(&token).await, Err(Refused::Expired));
    assert!(world.verify(&other).await.is_ok());
}

#[tokio::test]
async fn a_remembered_token_is_not_verified_again() {
    let world = World::new().await;
    let verified = world.verify(&world.token(&world.rsa)).await.unwrap();
    let keys = world.oidc.keyring.find("rsa").await.unwrap();
    let entry = |kid: &str| Entry {
        kid: kid.to_owned(),
        verified: verified.clone(),
    };
    // What no signature would let in.
    let put = |word: &str, kid, keys| {
        world
            .oidc
            .warm
            .put(Sha256::digest(word).into(), entry(kid), keys, |_| true);
    };
    put("a word", "rsa", &keys);
    assert_eq!(world.verify("a word").await, Ok(verified.clone()));
    put("of no key", "gone", &keys);
    assert_eq!(world.verify("of no key").await, Err(Refused::UnknownKey));
    put("of other keys", "rsa", &Arc::new(Keys::default()));
    let refused = world.verify("of other keys").await;
    assert!(matches!(refused, Err(Refused::Malformed(_))));
    let refused = world.verify("a word").await;
    assert!(matches!(refused, Err(Refused::Malformed(_))));
}

#[tokio::test]
async fn the_same_keys_again_make_nothing_forgotten() {
    let world = World::new().await;
    let token = world.token(&world.rsa);
    assert!(world.verify(&token).await.is_ok());
    let before = world.oidc.keyring.find("rsa").await.unwrap();
    world.hands.steady(3_600.0);
    assert!(world.verify(&token).await.is_ok());
    assert_eq!(world.issuer.asked(), 2);
    let after = world.oidc.keyring.find("rsa").await.unwrap();
    assert!(Arc::ptr_eq(&before, &after));
}

#[test]
fn so_many_tokens_are_remembered_and_no_more() {
    let (warm, keys) = (Warm::default(), Arc::new(Keys::default()));
    let digest = |n: u32| Sha256::digest(n.to_be_bytes()).into();
    let put = |n: u32, holds: bool| {
        let verified = Verified {
            subject: n.to_string(),
            expires: SystemTime::UNIX_EPOCH,
        };
        let kid = "k".to_owned();
        let is_even = |entry: &Entry| entry.verified.subject.ends_with(['0', '2', '4', '6', '8']);
        warm.put(digest(n), Entry { kid, verified }, &keys, |entry| {
            holds || is_even(entry)
        });
    };
    (0..4_096).for_each(|n| put(n, true));
    assert_eq!(warm.len(), 4_096);
    put(4_096, false);
    assert_eq!(warm.len(), 2_049);
    assert!(warm.get(&digest(1)).is_none() && warm.get(&digest(2)).is_some());
    (5_000..20_000).for_each(|n| put(n, true));
    assert!(warm.len() <= 4_096);
    assert!(warm.get(&digest(19_999)).is_some());
}

/// Lets an issuer answer in another way, for which its keys are not taken.
async fn odd(why: &str, change: impl FnOnce(&Issuer)) {
    let world = World::new().await;
    change(&world.issuer);
    let verified = world.verify(&world.token(&world.rsa)).await;
    assert!(is_away(&verified, why), "{why}: {verified:?}");
    assert_eq!(world.issuer.asked_for("/elsewhere"), 0);
}

#[tokio::test]
async fn an_issuer_goes_by_its_name_and_keeps_its_keys_at_an_address() {
    for (more, keys, why) in [
        ("/", "http://127.0.0.1/keys", "calls itself"),
        ("x", "http://127.0.0.1/keys", "calls itself"),
        ("", "http://id.example/keys", "is http to another machine"),
        ("", "ftp://127.0.0.1/keys", "is not https"),
        ("", "file:///keys", "is no address"),
        ("", "/keys", "names no host"),
        ("", "http://me@127.0.0.1/keys", "names a user"),
    ] {
        odd(why, |issuer| {
            issuer.describe(&format!("{}{more}", issuer.name), keys);
        })
        .await;
    }
}

#[tokio::test]
async fn an_odd_answer_is_not_taken() {
    let unreadable = "not what was asked for";
    for (status, body, why) in [
        (302, "", "302"),
        (404, "", "404"),
        (204, "", "204"),
        (200, "", unreadable),
        (200, "<html>", unreadable),
        (200, r#"{"issuer":1}"#, unreadable),
    ] {
        odd(why, |issuer| issuer.answer_discovery(status, body)).await;
    }
    for (status, body, why) in [
        (301, r#"{"keys":[]}"#, "301"),
        (307, "", "307"),
        (201, r#"{"keys":[]}"#, "201"),
        (200, "{}", unreadable),
        (200, "7", unreadable),
        (200, r#"{"keys":{}}"#, unreadable),
        (200, r#"{"keys":[]} x"#, unreadable),
        (200, "\u{feff}{\"keys\":[]}", unreadable),
    ] {
        odd(why, |issuer| issuer.answer_keys(status, body)).await;
    }
}

#[tokio::test]
async fn a_long_answer_is_not_taken() {
    let (mib, why) = (1 << 20, "longer than 1 MiB");
    let padded = |document: Value, bytes: usize| {
        let text = document.to_string();
        format!("{text}{}", " ".repeat(bytes - text.len()))
    };
    let set = || json!({ "keys": [Signer::rsa("rsa").jwk()] });
    odd(why, |issuer| {
        let keys = format!("{}/keys", issuer.name);
        let document = json!({ "issuer": issuer.name, "jwks_uri": keys });
        issuer.answer_discovery(200, padded(document, mib + 1));
    })
    .await;
    odd(why, |issuer| {
        issuer.answer_keys(200, padded(set(), mib + 1));
    })
    .await;
    // The longest there may be.
    let world = World::new().await;
    world.issuer.answer_keys(200, padded(set(), mib));
    assert!(world.verify(&world.token(&world.rsa)).await.is_ok());
}

/// The clock of the runtime jumps where nothing else happens.
#[tokio::test(start_paused = true)]
async fn an_issuer_that_hangs_is_waited_for_ten_seconds() {
    let world = World::new().await;
    world.issuer.think(Duration::from_hours(1));
    let began = tokio::time::Instant::now();
    let token = world.token(&world.rsa);
    let (first, second) = tokio::join!(world.verify(&token), world.verify(&token));
    assert!(is_away(&first, "within 10 seconds") && is_away(&second, "within 10 seconds"));
    let waited = began.elapsed();
    assert!((10_000..10_100).contains(&waited.as_millis()), "{waited:?}");
}

#[test]
fn what_verifies_may_go_to_other_threads() {
    fn is_sent<T: Send>(_: T) {}
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Oidc>();
    let oidc = Oidc::new(options("https://id.example")).unwrap();
    is_sent(oidc.verify(""));
}
