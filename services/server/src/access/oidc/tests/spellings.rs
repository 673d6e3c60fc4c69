use super::signer::base64;
use super::*;

/// Spells a token in other ways, none of which is one.
fn shapes(world: &World) -> Vec<(&'static str, String)> {
    let token = world.token(&world.rsa);
    let parts: Vec<&str> = token.split('.').collect();
    let [head, claims, signature] = parts[..] else {
        panic!("a token has three parts");
    };
    let standard = signature.replace('-', "+").replace('_', "/");
    assert_ne!(standard, signature);
    // Of the last letter four bits say nothing, and are zero.
    let (rest, last) = signature.split_at(signature.len() - 1);
    let idle = char::from(last.as_bytes()[0] + 1);
    let middle = token.len() / 2;
    let inside = |text: &str| format!("{}{text}{}", &token[..middle], &token[middle..]);
    let compact = json!({ "protected": head, "payload": claims, "signature": signature });
    vec![
        ("nothing", String::new()),
        ("a dot", ".".to_owned()),
        ("two dots", "..".to_owned()),
        ("three dots", "...".to_owned()),
        ("many dots", ".".repeat(10_000)),
        ("garbage", "garbage".to_owned()),
        ("garbage in three parts", "gar.ba.ge".to_owned()),
        ("a dot at the end", format!("{token}.")),
        ("a dot at the beginning", format!(".{token}")),
        ("four parts", format!("{token}.{signature}")),
        ("five parts", format!("{token}.{claims}.{signature}")),
        ("two parts", format!("{head}.{claims}")),
        ("one part", head.to_owned()),
        ("no header", format!(".{claims}.{signature}")),
        ("no claims", format!("{head}..{signature}")),
        ("a padded header", format!("{head}=.{claims}.{signature}")),
        ("a padded signature", format!("{token}==")),
        (
            "base64 that is not for addresses",
            format!("{head}.{claims}.{standard}"),
        ),
        ("idle bits", format!("{head}.{claims}.{rest}{idle}")),
        ("a space before", format!(" {token}")),
        ("a space after", format!("{token} ")),
        ("a space inside", inside(" ")),
        ("a line break inside", inside("\n")),
        ("a line break after", format!("{token}\r\n")),
        ("NUL inside", inside("\0")),
        ("NUL after", format!("{token}\0")),
        ("a letter of two bytes", inside("é")),
        ("quoted", format!("\"{token}\"")),
        ("twice", format!("{token},{token}")),
        ("with its scheme", format!("Bearer {token}")),
        ("as JSON", compact.to_string()),
    ]
}

/// Says other things in a token, which are no header or no claims.
fn contents(world: &World) -> Vec<(&'static str, String)> {
    let token = world.token(&world.rsa);
    let parts: Vec<&str> = token.split('.').collect();
    let [head, claims, signature] = parts[..] else {
        panic!("a token has three parts");
    };
    let header = world.rsa.header().to_string();
    let said = world.claims().to_string();
    let with_header = |header: &str| format!("{}.{claims}.{signature}", base64(header.as_bytes()));
    let with_claims = |said: &str| format!("{head}.{}.{signature}", base64(said.as_bytes()));
    vec![
        ("an array for a header", with_header(r#"["RS256","rsa"]"#)),
        ("text for a header", with_header("\"RS256\"")),
        ("alg as number", with_header(r#"{"alg":256,"kid":"rsa"}"#)),
        ("no alg", with_header(r#"{"kid":"rsa"}"#)),
        (
            "alg twice",
            with_header(&header.replacen('{', r#"{"alg":"RS256","#, 1)),
        ),
        ("kid null", with_header(r#"{"alg":"RS256","kid":null}"#)),
        (
            "more after the header",
            with_header(&format!("{header}{{}}")),
        ),
        (
            "a mark before the header",
            with_header(&format!("\u{feff}{header}")),
        ),
        ("half a header", with_header(&header[..header.len() / 2])),
        ("null for claims", with_claims("null")),
        (
            "sub twice",
            with_claims(&said.replacen('{', r#"{"sub":"eve","#, 1)),
        ),
        ("exp null", with_claims(r#"{"exp":null}"#)),
        ("exp beyond numbers", with_claims(r#"{"exp":1e999}"#)),
        (
            "depth",
            with_claims(&format!("{{\"x\":{}", "[".repeat(5_000))),
        ),
        (
            "no UTF-8",
            format!("{head}.{}.{signature}", base64(b"{\"sub\":\"\xff\"}")),
        ),
    ]
}

#[tokio::test]
async fn a_token_has_one_spelling() {
    let world = World::new().await;
    for (name, token) in [shapes(&world), contents(&world)].concat() {
        let refused = world.verify(&token).await;
        assert!(
            matches!(refused, Err(Refused::Malformed(_))),
            "{name}: {refused:?}"
        );
    }
    // None of them was worth a question.
    assert_eq!(world.issuer.asked(), 0);
    assert!(world.verify(&world.token(&world.rsa)).await.is_ok());
}

#[tokio::test]
async fn a_long_token_is_not_read() {
    let world = World::new().await;
    let token = |bytes: usize| {
        let claims = changed(world.claims(), json!({ "pad": "x".repeat(bytes) }));
        world.p256.token(&world.p256.header(), &claims)
    };
    assert_eq!(world.verify(&token(1 << 20)).await, Err(Refused::TooLong));
    assert_eq!(
        world.verify(&".".repeat(16_385)).await,
        Err(Refused::TooLong)
    );
    assert_eq!(world.issuer.asked(), 0);
    let fits = token(11_900);
    assert!(
        (15 << 10..=16 << 10).contains(&fits.len()),
        "{}",
        fits.len()
    );
    assert!(world.verify(&fits).await.is_ok());
}
