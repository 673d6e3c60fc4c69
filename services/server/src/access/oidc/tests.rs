mod fetching;
mod issuer;
mod matrix;
mod options;
mod signer;
mod spellings;
mod tls;
mod vectors;

use super::clock::Clock;
use super::{Oidc, OidcOptions, Refused, Verified};
use issuer::Issuer;
use serde_json::{Value, json};
use signer::Signer;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// What the wall says at first, in seconds.
const NOW: u64 = 1_800_000_000;

const AUDIENCE: &str = "standing";

/// Clocks that only a test moves.
#[derive(Clone, Default)]
struct Hands(Arc<[AtomicU64; 2]>);

impl Hands {
    fn clock(&self) -> Clock {
        let (wall, steady, begin) = (self.clone(), self.clone(), Instant::now());
        Clock::new(
            move || SystemTime::UNIX_EPOCH + Duration::from_secs(NOW) + wall.moved(0),
            move || begin + steady.moved(1),
        )
    }

    fn moved(&self, hand: usize) -> Duration {
        Duration::from_millis(self.0[hand].load(Ordering::SeqCst))
    }

    fn move_on(&self, hand: usize, by: Duration) {
        let millis = u64::try_from(by.as_millis()).unwrap();
        self.0[hand].fetch_add(millis, Ordering::SeqCst);
    }

    /// Time goes on for tokens.
    fn wall(&self, seconds: u64) {
        self.move_on(0, Duration::from_secs(seconds));
    }

    /// Time goes on for fetching.
    fn steady(&self, seconds: f64) {
        self.move_on(1, Duration::from_secs_f64(seconds));
    }
}

/// An issuer with three keys, and who verifies its tokens.
struct World {
    issuer: Issuer,
    oidc: Arc<Oidc>,
    hands: Hands,
    rsa: Signer,
    p256: Signer,
    ed25519: Signer,
}

impl World {
    async fn new() -> Self {
        Self::with(Issuer::plain().await, |_| {})
    }

    fn with(issuer: Issuer, change: impl FnOnce(&mut OidcOptions)) -> Self {
        let hands = Hands::default();
        let mut options = options(&issuer.name);
        change(&mut options);
        let (rsa, p256) = (Signer::rsa("rsa"), Signer::p256("p256"));
        let ed25519 = Signer::ed25519("ed25519");
        issuer.show([rsa.jwk(), p256.jwk(), ed25519.jwk()]);
        Self {
            oidc: Arc::new(Oidc::with_clock(options, hands.clock()).unwrap()),
            issuer,
            hands,
            rsa,
            p256,
            ed25519,
        }
    }

    /// What a token says that is taken.
    fn claims(&self) -> Value {
        json!({
            "iss": self.issuer.name, "aud": AUDIENCE, "sub": "ada", "exp": NOW + 300, "iat": NOW,
        })
    }

    /// A token that is taken.
    fn token(&self, signer: &Signer) -> String {
        signer.token(&signer.header(), &self.claims())
    }

    async fn verify(&self, token: &str) -> Result<Verified, Refused> {
        self.oidc.verify(token).await
    }

    /// Waits until the issuer has been asked for its keys so many times, and the answer is there.
    async fn fetched(&self, times: usize) {
        let all = async {
            while self.issuer.asked() < times {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        tokio::time::timeout(Duration::from_secs(10), all)
            .await
            .unwrap();
        assert_eq!(self.issuer.asked(), times);
    }
}

fn options(issuer: &str) -> OidcOptions {
    serde_json::from_value(json!({ "issuer": issuer, "audience": AUDIENCE })).unwrap()
}

/// Changes members of an object; `null` takes one away.
fn changed(mut object: Value, change: Value) -> Value {
    let members = object.as_object_mut().unwrap();
    let Value::Object(change) = change else {
        panic!("a change is an object");
    };
    for (name, value) in change {
        if value.is_null() {
            members.remove(&name).unwrap();
        } else {
            members.insert(name, value);
        }
    }
    object
}

fn is_away(verified: &Result<Verified, Refused>, why: &str) -> bool {
    let Err(Refused::KeysAway(said)) = verified else {
        return false;
    };
    assert!(said.contains(why), "{said:?} does not say {why:?}");
    true
}
