use super::signer::{base64, der, signed};
use super::*;
use ring::hmac;

/// A modulus of 1024 bits.
const SMALL: &str = "wYEPzAa7AiMEqNtEW6ns2GJzlgMdlc932im2DbM5xhe1FaalvphHOwPjvp75nSh5niuvSmzf_SWVaUAMy\
                     Tf6Zi91UqtFkLAmLZsq8dwCt56ait0mGsVwxtifWHUScE7Wr1pDS6k50iyOC18OKxLPJSFBIbGvyWooMO\
                     PssDe7R6k";

/// A token, and what becomes of it.
type Row = (&'static str, String, Result<(), Refused>);

async fn check(world: &World, rows: Vec<Row>) {
    for (name, token, expected) in rows {
        // The second time it may be known from the first.
        for time in ["first", "second"] {
            let found = world.verify(&token).await.map(drop);
            assert_eq!(found, expected, "{name}, the {time} time");
        }
    }
}

#[tokio::test]
async fn each_algorithm_is_verified() {
    let every = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA",
    ];
    let world = World::with(Issuer::plain().await, |options| {
        options.algorithms = every.map(String::from).to_vec();
    });
    let p384 = Signer::p384("p384");
    let signers = [&world.rsa, &world.p256, &p384, &world.ed25519];
    world.issuer.show(signers.map(Signer::jwk));
    for signer in signers {
        for alg in every {
            let header = changed(signer.header(), json!({ "alg": alg }));
            let verified = world.verify(&signer.token(&header, &world.claims())).await;
            let is_rsa = signer.kid == "rsa" && (alg.starts_with("RS") || alg.starts_with("PS"));
            if is_rsa || alg == signer.alg {
                let expires = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW + 300);
                let subject = "ada".to_owned();
                assert_eq!(verified, Ok(Verified { subject, expires }), "{alg}");
            } else {
                assert_eq!(
                    verified,
                    Err(Refused::OtherKey),
                    "{alg} with {}",
                    signer.kid
                );
            }
        }
    }
}

/// What is changed in the claims of a token that is taken, and what becomes of it then.
const CLAIMS: &str = r#"
    valid                          | {}                                  | taken
    as late as clocks differ       | {"exp": 1799999941}                 | taken
    expired                        | {"exp": 1799999940}                 | Expired
    no exp                         | {"exp": null}                       | NoExpiry
    exp in a fraction              | {"exp": 1800000000.5}               | taken
    exp as text                    | {"exp": "1900000000"}               | Malformed
    exp before all time            | {"exp": -1}                         | Malformed
    exp after all time             | {"exp": 1e300}                      | Malformed
    nbf as early as clocks differ  | {"nbf": 1800000060}                 | taken
    not yet                        | {"nbf": 1800000061}                 | NotYet
    nbf as text                    | {"nbf": "0"}                        | Malformed
    no iat                         | {"iat": null}                       | taken
    iat as far as clocks differ    | {"iat": 1800000060}                 | taken
    issued ahead                   | {"iat": 1800000061}                 | IssuedAhead
    another audience               | {"aud": "standings"}                | Audience
    no audience                    | {"aud": null}                       | Audience
    among audiences                | {"aud": ["a", "standing"]}          | taken
    not among audiences            | {"aud": ["a", "b"]}                 | Audience
    empty audiences                | {"aud": []}                         | Audience
    audience as number             | {"aud": 7}                          | Malformed
    a number among audiences       | {"aud": ["standing", 7]}            | Malformed
    another issuer                 | {"iss": "https://id.example"}       | Issuer
    a slash more                   | {"iss": "ISSUER/"}                  | Issuer
    no issuer                      | {"iss": null}                       | Issuer
    no sub                         | {"sub": null}                       | Subject
    empty sub                      | {"sub": ""}                         | Subject
    sub as number                  | {"sub": 7}                          | Malformed
    longest sub                    | {"sub": "LONGEST"}                  | taken
    longer sub                     | {"sub": "LONGEST+"}                 | Subject
    what is not known              | {"scope": "all", "x": [{"a": []}]}  | taken
"#;

/// Whose key signs, what is changed in the header, and what becomes of it.
const HEADERS: &str = r#"
    rsa      | {}                               | taken
    p256     | {}                               | taken
    ed25519  | {}                               | taken
    p256     | {"kid": null}                    | NoKey
    p256     | {"kid": ""}                      | NoKey
    p256     | {"kid": 7}                       | Malformed
    p256     | {"kid": "p"}                     | UnknownKey
    p256     | {"kid": "rsa"}                   | OtherKey
    rsa      | {"alg": "ES256"}                 | OtherKey
    p256     | {"alg": "RS256"}                 | OtherKey
    rsa      | {"alg": "RS384"}                 | Algorithm
    rsa      | {"alg": "PS256"}                 | Algorithm
    rsa      | {"alg": "rs256"}                 | Algorithm
    stranger | {}                               | Signature
    stranger | {"jwk": JWK}                     | Signature
    stranger | {"jku": "http://127.0.0.1/keys"} | Signature
    p256     | {"crit": ["b64"], "b64": true}   | Critical
    p256     | {"crit": []}                     | Critical
    p256     | {"typ": null}                    | taken
    p256     | {"typ": "jwt"}                   | taken
    p256     | {"typ": "AT+JWT"}                | taken
    p256     | {"typ": "secevent+jwt"}          | Type
    p256     | {"typ": ""}                      | Type
"#;

/// Reads a table, and checks each row.
async fn check_table(world: &World, table: &str, token: impl Fn(&str, Value) -> String) {
    for row in table.lines().filter(|row| !row.trim().is_empty()) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [first, change, expected] = cells[..] else {
            panic!("a row has three cells: {row}");
        };
        let token = token(first, serde_json::from_str(change).expect(row));
        for time in ["first", "second"] {
            let found = match world.verify(&token).await {
                Ok(_) => "taken".to_owned(),
                Err(refused) => format!("{refused:?}"),
            };
            let found = found.split('(').next();
            assert_eq!(found, Some(expected), "{row}, the {time} time");
        }
    }
}

#[tokio::test]
async fn claims() {
    let world = World::new().await;
    let longest = "a".repeat(255) + "+";
    let table = CLAIMS.replace("ISSUER", &world.issuer.name);
    let table = table.replace("LONGEST+", &format!("{longest}+"));
    let table = table.replace("LONGEST", &longest);
    check_table(&world, &table, |_, change| {
        let claims = changed(world.claims(), change);
        world.p256.token(&world.p256.header(), &claims)
    })
    .await;
}

#[tokio::test]
async fn headers() {
    let world = World::new().await;
    let stranger = Signer::p256("p256");
    let table = HEADERS.replace("JWK}", &format!("{}}}", stranger.jwk()));
    check_table(&world, &table, |whose, change| {
        let signer = match whose {
            "rsa" => &world.rsa,
            "p256" => &world.p256,
            "ed25519" => &world.ed25519,
            "stranger" => &stranger,
            whose => panic!("nobody is called {whose}"),
        };
        let header = changed(signer.header(), change);
        signer.token(&header, &world.claims())
    })
    .await;
}

/// The oldest tricks: no signature, and a public key taken for a secret.
#[tokio::test]
async fn neither_unsigned_nor_with_the_public_key_as_secret() {
    let world = World::new().await;
    let of = |alg: &str, sign: &dyn Fn(&[u8]) -> Vec<u8>| {
        let header = changed(world.rsa.header(), json!({ "alg": alg }));
        let signed = signed(&header, &world.claims());
        format!("{signed}.{}", base64(&sign(signed.as_bytes())))
    };
    let pem = signer::RSA_PUBLIC_PEM;
    let jwk = world.rsa.jwk();
    let mut rows: Vec<Row> = Vec::new();
    for none in ["none", "None", "NONE", "nOnE", ""] {
        rows.push((none, of(none, &|_| Vec::new()), Err(Refused::Algorithm)));
        rows.push((none, of(none, &|_| vec![0; 256]), Err(Refused::Algorithm)));
    }
    for (name, secret) in [
        ("PEM", pem.as_bytes().to_vec()),
        (
            "PEM without its last line break",
            pem.trim_end().as_bytes().to_vec(),
        ),
        ("DER", der(pem)),
        ("DER of PKCS#1", world.rsa.pkcs1()),
        ("modulus", jwk["n"].as_str().unwrap().as_bytes().to_vec()),
        ("JWK", jwk.to_string().into_bytes()),
        ("empty", Vec::new()),
    ] {
        for (alg, kind) in [
            ("HS256", hmac::HMAC_SHA256),
            ("HS384", hmac::HMAC_SHA384),
            ("HS512", hmac::HMAC_SHA512),
        ] {
            let key = hmac::Key::new(kind, &secret);
            let sign = |message: &[u8]| hmac::sign(&key, message).as_ref().to_vec();
            rows.push((name, of(alg, &sign), Err(Refused::Algorithm)));
            // And as what is accepted.
            rows.push((name, of("RS256", &sign), Err(Refused::Signature)));
        }
    }
    check(&world, rows).await;
}

#[tokio::test]
async fn a_changed_token_is_not_the_issuers() {
    let world = World::new().await;
    let mut rows: Vec<Row> = Vec::new();
    for signer in [&world.rsa, &world.p256, &world.ed25519] {
        let claims = world.claims();
        let message = signed(&signer.header(), &claims);
        let right = signer.sign(signer.alg, message.as_bytes());
        let with = |signature: &[u8]| format!("{message}.{}", base64(signature));
        let mut wrong = right.clone();
        wrong[0] ^= 1;
        let other = signed(&signer.header(), &changed(claims, json!({ "sub": "eve" })));
        rows.extend([
            ("right", with(&right), Ok(())),
            (
                "tampered",
                format!("{other}.{}", base64(&right)),
                Err(Refused::Signature),
            ),
            ("a bit", with(&wrong), Err(Refused::Signature)),
            (
                "cut",
                with(&right[..right.len() - 1]),
                Err(Refused::Signature),
            ),
            (
                "half",
                with(&right[..right.len() / 2]),
                Err(Refused::Signature),
            ),
            (
                "longer",
                with(&[right.as_slice(), &[0]].concat()),
                Err(Refused::Signature),
            ),
            (
                "zeros",
                with(&vec![0; right.len()]),
                Err(Refused::Signature),
            ),
            ("empty", with(&[]), Err(Refused::Signature)),
        ]);
    }
    check(&world, rows).await;
}

/// The keys of a set, by what is changed in one that is taken; and what becomes of a token of each.
const KEYS: &str = r#"
    as-it-is   | {}                           | taken
    any-use    | {"use": null}                | taken
    verifies   | {"key_ops": ["verify"]}      | taken
    own-alg    | {"alg": "RS256"}             | taken
    zeros      | {"n": "ZEROS"}               | taken
    other-alg  | {"alg": "PS256"}             | OtherKey
    e-is-one   | {"e": "AQ"}                  | Signature
    encrypts   | {"use": "enc"}               | UnknownKey
    derives    | {"key_ops": ["deriveKey"]}   | UnknownKey
    cipher     | {"alg": "RSA-OAEP"}          | UnknownKey
    private    | {"d": "AQAB"}                | UnknownKey
    small      | {"n": "SMALL"}               | UnknownKey
    no-e       | {"e": null}                  | UnknownKey
    padded-e   | {"e": "AQAB="}               | UnknownKey
    number-e   | {"e": 65537}                 | UnknownKey
    oct-with-n | {"kty": "oct"}               | UnknownKey
    unknown    | {"kty": "AKP"}               | UnknownKey
    nameless   | {"kid": null}                | UnknownKey
    numbered   | {"kid": 7}                   | UnknownKey
"#;

/// Of a set only those keys are taken that may verify; the others hide none.
#[tokio::test]
async fn only_fit_keys_are_taken() {
    let world = World::new().await;
    let zeros = base64(&[&[0, 0], modulus(&world).as_slice()].concat());
    let table = KEYS.replace("ZEROS", &zeros).replace("SMALL", SMALL);
    let mut set = vec![json!("no key"), json!(["RSA", "array"]), json!(null)];
    for row in table.lines().filter(|row| !row.trim().is_empty()) {
        let mut cells = row.split('|').map(str::trim);
        let kid = changed(world.rsa.jwk(), json!({ "kid": cells.next() }));
        let change = serde_json::from_str(cells.next().unwrap()).unwrap();
        set.push(changed(kid, change));
    }
    world.issuer.show(set);
    check_table(&world, &table, |kid, _| {
        let header = changed(world.rsa.header(), json!({ "kid": kid }));
        world.rsa.token(&header, &world.claims())
    })
    .await;
}

#[tokio::test]
async fn a_name_may_be_that_of_two_keys() {
    let world = World::new().await;
    let (rsa, p256) = (Signer::rsa("two"), Signer::p256("two"));
    world.issuer.show([p256.jwk(), rsa.jwk()]);
    for signer in [&rsa, &p256] {
        assert!(world.verify(&world.token(signer)).await.is_ok());
    }
    let header = changed(rsa.header(), json!({ "alg": "EdDSA" }));
    let token = rsa.token(&header, &world.claims());
    assert_eq!(world.verify(&token).await, Err(Refused::OtherKey));
}

/// A secret in the set is not used, whatever it calls itself.
#[tokio::test]
async fn no_secret_is_a_key() {
    let world = World::new().await;
    let secret = b"a secret of thirty-two bytes ...";
    let oct = |kid, alg| json!({ "kty": "oct", "kid": kid, "k": base64(secret), "alg": alg });
    world
        .issuer
        .show([oct("hs", "HS256"), oct("rs", "RS256"), world.p256.jwk()]);
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let mut rows: Vec<Row> = vec![("another key", world.token(&world.p256), Ok(()))];
    for kid in ["hs", "rs"] {
        for (alg, expected) in [
            ("HS256", Refused::Algorithm),
            ("RS256", Refused::UnknownKey),
        ] {
            let message = signed(&json!({ "alg": alg, "kid": kid }), &world.claims());
            let signature = hmac::sign(&key, message.as_bytes());
            let token = format!("{message}.{}", base64(signature.as_ref()));
            rows.push((kid, token, Err(expected)));
        }
    }
    check(&world, rows).await;
}

fn modulus(world: &World) -> Vec<u8> {
    let jwk = world.rsa.jwk();
    let n = jwk["n"].as_str().unwrap();
    data_encoding::BASE64URL_NOPAD.decode(n.as_bytes()).unwrap()
}
