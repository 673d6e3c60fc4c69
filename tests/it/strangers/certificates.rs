//! Certificates of callers: each is somebody, or nobody, and the log says why.

use super::*;
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, SanType, SerialNumber, date_time_ymd};

/// Who is known by which certificate.
const IDENTITIES: &str = r#"
[[identities]]
actor = "clerk/1"
roles = ["reader"]
certificate = "clerk.example"

[[identities]]
actor = "clerk/1"
roles = ["reader"]
certificate = "clerk-2.example"

[[identities]]
actor = "ops/1"
roles = ["operator"]
certificate = "ops.example"

[[identities]]
actor = "replica/1"
roles = ["reader"]
certificate = "spiffe://a.example/replica"
"#;

/// What comes of a certificate.
enum Comes {
    /// It is answered.
    Answer,
    /// It is not; what the caller is told, and what the log says.
    Refused(&'static str, &'static str),
    /// Encryption is not agreed on; what the log says.
    NoHandshake(&'static str),
}

/// A server that asks for certificates, and who signs them.
struct World {
    folder: Folder,
    ours: Authority,
    ca: PathBuf,
    args: Vec<String>,
}

impl World {
    fn new() -> Self {
        let folder = Folder::new();
        let ours = Authority::new("ours");
        let ca = ours.file(&folder, "ca.pem");
        let config = folder.write("standing.toml", IDENTITIES);
        let mut args = encrypting(&ours.serves(&folder, "server"));
        args.extend(["--config", text(&config), "--tls-client-ca", text(&ca)].map(String::from));
        Self {
            folder,
            ours,
            ca,
            args,
        }
    }

    fn start(&self) -> Node {
        Node::start(&self.folder, &self.args)
    }

    /// Asks with a certificate.
    fn head(&self, node: &Node, pair: &Pair) -> Output {
        let ca = ["head", "--ca", text(&self.ca)];
        let shown = ["--cert", text(&pair.certificate), "--key", text(&pair.key)];
        node.ask(&[&ca[..], &shown].concat())
    }

    /// Holds a certificate to what comes of it, at a server of its own: of several refusals in a
    /// row the log tells the first.
    fn comes(&self, what: &str, pair: &Pair, comes: &Comes) {
        let node = self.start();
        let output = self.head(&node, pair);
        match comes {
            Comes::Answer => {
                assert_eq!(output.code, Some(0), "{what}: {output:?}\n{}", node.said());
            }
            Comes::Refused(told, logged) => {
                // Who may not is refused; who is not known does not get so far.
                let code = if *told == MAY_NOT { 3 } else { 1 };
                let said = output.fails(code);
                assert!(said.contains(told), "{what}: {said}");
                node.says(logged);
                assert!(!said.contains("example"), "{what}: {said}");
            }
            Comes::NoHandshake(logged) => {
                output.fails(1);
                node.says("encryption was not agreed on");
                assert!(node.said().contains(logged), "{what}: {}", node.said());
            }
        }
    }
}

const UNKNOWN: &str = "who calls is not known here";
const MAY_NOT: &str = "no role of yours";
const NO_NAME: &str = "no identity has a name of the certificate";

fn caller(names: &[&str]) -> CertificateParams {
    let mut params = for_names(names);
    params.distinguished_name = called("clerk.example");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params
}

fn uri(uri: &str) -> CertificateParams {
    let mut params = caller(&[]);
    params.subject_alt_names = vec![SanType::URI(uri.try_into().expect("ASCII"))];
    params
}

#[test]
fn a_certificate_is_somebody_to_the_letter() {
    let world = World::new();
    let nobody = || Comes::Refused(UNKNOWN, NO_NAME);
    let several = "the names of the certificate are of several identities";
    let rows = [
        ("the right one", caller(&["clerk.example"]), Comes::Answer),
        (
            "one of its names",
            caller(&["other.example", "clerk.example"]),
            Comes::Answer,
        ),
        (
            "two names of the same",
            caller(&["clerk.example", "clerk-2.example"]),
            Comes::Answer,
        ),
        ("a URI", uri("spiffe://a.example/replica"), Comes::Answer),
        (
            "another role",
            caller(&["ops.example"]),
            Comes::Refused(MAY_NOT, "the caller may not"),
        ),
        ("any name", caller(&["*.example"]), nobody()),
        (
            "no name but a common one",
            caller(&[]),
            Comes::Refused("every caller needs a token", "it is not known who calls"),
        ),
        ("another case", caller(&["Clerk.Example"]), nobody()),
        ("a point at the end", caller(&["clerk.example."]), nobody()),
        ("a name below", caller(&["a.clerk.example"]), nobody()),
        ("a URI below", uri("spiffe://a.example/replica/2"), nobody()),
        ("a URI of a name", uri("clerk.example"), nobody()),
        (
            "names of two",
            caller(&["clerk.example", "ops.example"]),
            Comes::Refused(UNKNOWN, several),
        ),
    ];
    for (what, params, comes) in rows {
        let pair = world.ours.signs(&world.folder, "caller", &params);
        world.comes(what, &pair, &comes);
    }
}

#[test]
fn a_certificate_that_is_not_valid_agrees_on_nothing() {
    let world = World::new();
    let right = || caller(&["clerk.example"]);
    let mut expired = right();
    expired.not_before = date_time_ymd(2019, 1, 1);
    expired.not_after = date_time_ymd(2020, 1, 1);
    let mut early = right();
    early.not_before = date_time_ymd(2190, 1, 1);
    let mut for_servers = right();
    for_servers.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    for (what, params, logged) in [
        ("expired", expired, "xpired"),
        ("not yet valid", early, "not valid yet"),
        ("for servers", for_servers, "xtended"),
    ] {
        let pair = world.ours.signs(&world.folder, "caller", &params);
        world.comes(what, &pair, &Comes::NoHandshake(logged));
    }
    let other = Authority::new("other").signs(&world.folder, "caller", &right());
    world.comes("of another", &other, &Comes::NoHandshake("UnknownIssuer"));
    // Who calls itself by the name of the authority is not it.
    let same = Authority::new("ours").signs(&world.folder, "caller", &right());
    world.comes("of a namesake", &same, &Comes::NoHandshake("BadSignature"));
    let key = key();
    let own = right().self_signed(&key).expect("it is signed");
    let own = written(&world.folder, "caller", &own.pem(), &key.serialize_pem());
    world.comes("of its own", &own, &Comes::NoHandshake("UnknownIssuer"));
}

#[test]
fn a_certificate_that_is_revoked_is_nobody_from_then_on() {
    let mut world = World::new();
    let signed = |number: u64| {
        let mut params = caller(&["clerk.example"]);
        params.serial_number = Some(SerialNumber::from(number));
        world
            .ours
            .signs(&world.folder, &format!("caller-{number}"), &params)
    };
    let (first, second, third) = (signed(7), signed(8), signed(9));
    let crl = world.ours.revokes(&world.folder, "crl.pem", &[7]);
    world
        .args
        .extend(["--tls-client-crl", text(&crl)].map(String::from));
    world.comes("revoked", &first, &Comes::NoHandshake("Revoked"));
    let node = world.start();
    world.head(&node, &second).ok();
    let watch = |pair: &Pair, printed| {
        let ca = ["--ca", text(&world.ca)];
        let shown = ["--cert", text(&pair.certificate), "--key", text(&pair.key)];
        Running::watch(&world.folder, &node, printed, &[&ca[..], &shown].concat())
    };
    let (ends, mut goes_on) = (watch(&second, "ends.txt"), watch(&third, "goes-on.txt"));
    ends.prints("caughtUp");
    goes_on.prints("caughtUp");
    // The list is read again as the certificates are, and a connection that stands ends.
    world.ours.revokes(&world.folder, "crl.pem", &[7, 8]);
    node.hang_up();
    node.says("certificates were read anew");
    node.says("the certificate that the caller showed is not taken any more");
    ends.prints("the server has gone");
    assert!(!goes_on.printed().contains("gone") && goes_on.is_running());
    world.head(&node, &second).fails(1);
    assert!(node.said().contains("Revoked"), "{}", node.said());
}

#[test]
fn who_shows_no_certificate_says_who_calls_by_a_token() {
    let mut world = World::new();
    let tokens = world
        .folder
        .secret("tokens", "sesame clerk/9 roles=reader\n");
    world
        .args
        .extend(["--tokens", text(&tokens)].map(String::from));
    let node = world.start();
    let right = world.folder.secret("right", "sesame\n");
    let wrong = world.folder.secret("wrong", "thief\n");
    let head = |args: &[&str]| node.ask(&[&["head", "--ca", text(&world.ca)][..], args].concat());
    head(&["--token-file", text(&right)]).ok();
    let missing = head(&[]).fails(1);
    assert!(missing.contains("every caller needs a token"), "{missing}");
    // A token that is wrong is not made good by a certificate.
    let pair = world
        .ours
        .signs(&world.folder, "caller", &caller(&["clerk.example"]));
    let shown = ["--cert", text(&pair.certificate), "--key", text(&pair.key)];
    head(&shown).ok();
    let both = head(&[&shown[..], &["--token-file", text(&wrong)]].concat());
    assert!(both.fails(1).contains(UNKNOWN));
}
