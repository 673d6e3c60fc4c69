//! What it costs to know who calls: the same questions over TLS, by callers with tokens and roles,
//! and in clear by whoever is on this machine.

use crate::append::Sides;
use crate::calls::{asked, check_right};
use crate::grpc::{CONNECTIONS, Callers};
use crate::scale::Scale;
use standing_bench::Outcome;
use standing_bench::rounds::interleaved;
use standing_bench::served::Served;
use standing_bench::table::{Bound, Table};
use standing_bench::wire::endpoint;
use standing_proto::v1;
use standing_proto::v1::rights_service_client::RightsServiceClient;
use standing_server::{Access, AccessOptions, Config, Tls, TlsFiles};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tonic::Request;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};

/// How many tokens a server knows.
const TOKENS: usize = 1_000;

/// How many callers ask at a time.
const CALLERS: [usize; 3] = [1, 16, 64];

pub fn guarded(scale: &Scale, table: &mut Table) -> Outcome {
    let sides = Sides::new(scale.appended)?;
    let folder = tempfile::tempdir()?;
    let (config, authority) = config(folder.path())?;
    let guarded = Served::standing_with(Arc::clone(&sides.engine), config)?;
    let open = Served::standing(Arc::clone(&sides.engine))?;
    let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(authority));
    let secure = Endpoint::from_shared(format!("https://localhost:{}", guarded.address.port()))?;
    let secure = secure.tls_config(tls)?;
    let (mut next, mut other) = (asked(sides.parties)?, asked(sides.parties)?);
    for count in CALLERS {
        let connections = CONNECTIONS.min(count);
        let known = Callers::through(&secure, connections, count)?;
        let local = Callers::through(&endpoint(open.address)?, connections, count)?;
        let rounds = interleaved(
            scale.rounds,
            || known.calls(scale.calls, &mut next, check_as_known),
            || local.calls(scale.calls, &mut other, check_right),
        );
        let what = format!("CheckRight, {count} callers: TLS, tokens and roles; in clear, nobody");
        table.ratio(&what, "/s", &rounds?, Some(Bound::AtLeast(0.8)));
    }
    Ok(())
}

/// Returns how a server is run that knows its callers, and what its certificate is signed by.
fn config(folder: &Path) -> Outcome<(Config, String)> {
    let signed = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
    let authority = signed.cert.pem();
    let certificate = private(folder, "certificate", &authority)?;
    let key = private(folder, "key", &signed.signing_key.serialize_pem())?;
    let mut lines = String::new();
    for number in 0..TOKENS {
        writeln!(lines, "{} caller/{number} roles=reader", token(number))?;
    }
    let config = Config {
        access: Access::read(&AccessOptions {
            tokens: Some(private(folder, "tokens", &lines)?),
            ..AccessOptions::default()
        })?,
        tls: Some(Arc::new(Tls::load(TlsFiles {
            certificate,
            key,
            client_ca: None,
            client_crl: None,
        })?)),
        ..Config::default()
    };
    Ok((config, authority))
}

fn token(number: usize) -> String {
    format!("a-token-that-is-as-long-as-tokens-are-{number}")
}

/// Writes a file that nobody else may read.
fn private(folder: &Path, name: &str, text: &str) -> Outcome<PathBuf> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let path = folder.join(name);
    let mut options = fs::OpenOptions::new();
    let mut file = options.write(true).create(true).mode(0o600).open(&path)?;
    file.write_all(text.as_bytes())?;
    Ok(path)
}

/// Asks a question with a token.
async fn check_as_known(channel: Channel, question: v1::CheckRightRequest) -> Outcome {
    let bearer: MetadataValue<Ascii> = format!("Bearer {}", token(7)).parse()?;
    let mut request = Request::new(question);
    request.metadata_mut().insert("authorization", bearer);
    RightsServiceClient::new(channel)
        .check_right(request)
        .await?;
    Ok(())
}
