//! JWTs: one that an issuer did not sign to the letter is refused; one that it signed is taken only
//! where it says what it has to.

use crate::edits::apply;
use crate::engine::Target;
use crate::mutate::Mutator;
use crate::world::{LEAGUE, World};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use serde_json::{Value, json};
use standing_server::{Access, AccessOptions, Config, IdentityOptions, Limits};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{SystemTime, UNIX_EPOCH};
use tonic::Code;

const METHOD: &str = "/standing.v1.LedgerService/GetHead";
const AUDIENCE: &str = "standing";
const SUBJECT: &str = "ada";

/// How many seconds clocks may differ by, at most.
const SKEW: u32 = 300;

/// The names of the keys, and what each signs with.
const KEYS: [(&str, &str); 3] = [("rsa", "RS256"), ("p256", "ES256"), ("ed25519", "EdDSA")];

const KEY: &str = include_str!("../../../../services/server/src/access/oidc/tests/rsa.pem");

/// What an input with this first byte says is a token, in parts of those that are valid, and edits
/// of it. Any other is a header and claims, a line each, that the key of that number signs.
const EDITED: u8 = b'e';

pub struct Tokens {
    world: World,
    issuer: String,
    keys: Keys,
    valid: [String; 3],
}

struct Keys {
    rsa: RsaKeyPair,
    p256: EcdsaKeyPair,
    ed25519: Ed25519KeyPair,
}

impl Target for Tokens {
    const NAME: &'static str = "tokens";

    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let keys = Keys::new();
        serve_keys(listener, &issuer, &keys);
        let options = json!({ "issuer": issuer, "audience": AUDIENCE, "skew-seconds": SKEW });
        let access = AccessOptions {
            oidc: Some(serde_json::from_value(options).unwrap()),
            identities: vec![IdentityOptions {
                actor: SUBJECT.to_owned(),
                roles: vec!["reader".to_owned()],
                subject: Some(SUBJECT.to_owned()),
                ..IdentityOptions::default()
            }],
            ..AccessOptions::default()
        };
        let config = Config {
            access: Access::read(&access).unwrap(),
            // Many wrong tokens are what is tried.
            limits: Limits {
                wrong_tokens: u32::MAX,
                ..Limits::default()
            },
            ..Config::default()
        };
        let valid = [0, 1, 2].map(|key| keys.token(key, &header(key), &claims(&issuer)));
        let world = World::with(LEAGUE, config);
        let target = Self {
            world,
            issuer,
            keys,
            valid,
        };
        for token in &target.valid {
            assert!(target.is_taken(token.as_bytes()), "{token} is not taken");
        }
        target
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        let mut seeds = Vec::new();
        for key in 0..3u8 {
            let header = header(usize::from(key));
            seeds.push(format!("{key}{header}\n{}", claims("$ISSUER")).into_bytes());
            for signature in 0..3 {
                let token = format!("e$H{key}.$C{key}.$S{signature}\n");
                seeds.push([token.as_bytes(), &[7, 1, 9, 0, 0, 0]].concat());
                seeds.push(token.into_bytes());
            }
        }
        seeds
    }

    fn mutate(&self, input: &mut Vec<u8>, by: &mut Mutator) {
        by.bytes(input);
        input.truncate(4_096);
    }

    fn run(&mut self, input: &[u8]) -> Result<(), String> {
        let Some((first, rest)) = input.split_first() else {
            return Ok(());
        };
        let end = rest
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap_or(rest.len());
        let (line, rest) = rest.split_at(end);
        let line = String::from_utf8_lossy(line);
        let rest = rest.get(1..).unwrap_or_default();
        if *first == EDITED {
            return self.edited(&line, rest);
        }
        let key = usize::from(*first) % KEYS.len();
        let claims = String::from_utf8_lossy(rest).replace("$ISSUER", &self.issuer);
        let token = self.keys.token(key, &line, &claims);
        if self.is_taken(token.as_bytes()) && !self.says_what_it_must(key, &line, &claims) {
            return Err(format!("taken: {line} {claims}"));
        }
        Ok(())
    }
}

impl Tokens {
    fn edited(&self, parts: &str, edits: &[u8]) -> Result<(), String> {
        let mut token = parts.to_owned();
        for (key, valid) in self.valid.iter().enumerate() {
            for (letter, part) in ["H", "C", "S"].iter().zip(valid.split('.')) {
                token = token.replace(&format!("${letter}{key}"), part);
            }
        }
        let mut token = token.into_bytes();
        apply(edits, 64, &mut token);
        // A header's value has no space around it.
        let bare = token.trim_ascii();
        let is_valid = self.valid.iter().any(|valid| valid.as_bytes() == bare);
        match (is_valid, self.is_taken(&token)) {
            (false, true) => Err(format!("taken: {}", String::from_utf8_lossy(&token))),
            (true, false) if bare == token => Err("a valid token is refused".to_owned()),
            _ => Ok(()),
        }
    }

    fn is_taken(&self, token: &[u8]) -> bool {
        let (_, status) = self
            .world
            .call(METHOD, vec![Vec::new()], &[b"Bearer ", token].concat());
        match status.code() {
            // Whoever it stands for is known to the server, or not.
            Code::Ok | Code::PermissionDenied => true,
            Code::Unauthenticated => false,
            _ => panic!("{status:?}"),
        }
    }

    /// Whether header and claims say at least what those of a token must that is taken.
    fn says_what_it_must(&self, key: usize, header: &str, claims: &str) -> bool {
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
        let (header, claims) = (read(header), read(claims));
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs_f64();
        let is_for_us = match &claims["aud"] {
            Value::Array(all) => all.contains(&json!(AUDIENCE)),
            one => *one == AUDIENCE,
        };
        header["kid"] == KEYS[key].0
            && header["alg"] == KEYS[key].1
            && claims["iss"] == self.issuer
            && claims["sub"] == SUBJECT
            && is_for_us
            && claims["exp"]
                .as_f64()
                .is_some_and(|expires| expires + f64::from(SKEW) > now)
    }
}

fn header(key: usize) -> String {
    let (kid, alg) = KEYS[key];
    json!({ "alg": alg, "kid": kid, "typ": "JWT" }).to_string()
}

fn claims(issuer: &str) -> String {
    json!({ "iss": issuer, "aud": AUDIENCE, "sub": SUBJECT, "exp": 4_000_000_000_u64, "iat": 1 })
        .to_string()
}

impl Keys {
    fn new() -> Self {
        let random = SystemRandom::new();
        let pem: String = KEY.lines().filter(|line| !line.starts_with('-')).collect();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let p256 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Self {
            rsa: RsaKeyPair::from_pkcs8(&BASE64.decode(pem.as_bytes()).unwrap()).unwrap(),
            p256: EcdsaKeyPair::from_pkcs8(algorithm, p256.as_ref(), &random).unwrap(),
            ed25519: Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap(),
        }
    }

    fn token(&self, key: usize, header: &str, claims: &str) -> String {
        let signed = format!(
            "{}.{}",
            base64(header.as_bytes()),
            base64(claims.as_bytes())
        );
        let (random, message) = (SystemRandom::new(), signed.as_bytes());
        let signature = match key {
            0 => {
                let mut signature = vec![0; self.rsa.public().modulus_len()];
                let signing = self
                    .rsa
                    .sign(&RSA_PKCS1_SHA256, &random, message, &mut signature);
                signing.unwrap();
                signature
            }
            1 => self.p256.sign(&random, message).unwrap().as_ref().to_vec(),
            _ => self.ed25519.sign(message).as_ref().to_vec(),
        };
        format!("{signed}.{}", base64(&signature))
    }

    /// The public halves, as the issuer shows them.
    fn shown(&self) -> Value {
        let rsa: ring::rsa::PublicKeyComponents<Vec<u8>> = self.rsa.public().into();
        let (x, y) = self.p256.public_key().as_ref()[1..].split_at(32);
        let ed = self.ed25519.public_key().as_ref();
        json!({ "keys": [
            { "kid": "rsa", "use": "sig", "kty": "RSA", "n": base64(&rsa.n), "e": base64(&rsa.e) },
            { "kid": "p256", "use": "sig", "kty": "EC", "crv": "P-256", "x": base64(x), "y": base64(y) },
            { "kid": "ed25519", "use": "sig", "kty": "OKP", "crv": "Ed25519", "x": base64(ed) },
        ] })
    }
}

fn base64(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

/// Serves an issuer's description and its keys.
fn serve_keys(listener: TcpListener, issuer: &str, keys: &Keys) {
    let described = json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/keys") }).to_string();
    let keys = keys.shown().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // Whoever asked may be gone.
            let _ = answer(stream, &described, &keys);
        }
    });
}

fn answer(mut stream: TcpStream, described: &str, keys: &str) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let asked = lines.next().transpose()?.unwrap_or_default();
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let body = if asked.contains("/keys ") {
        keys
    } else {
        described
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    )
}
