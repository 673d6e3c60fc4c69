//! Every method, every role, every door.

use super::*;
use crate::access::IdentityOptions;
use crate::{Inside, Listeners};
use standing_proto::permission::permissions;
use std::collections::BTreeSet;
use tokio::net::{UnixListener, UnixStream};

/// Who may call what: `yes`, `who` where it has to be known who calls, `no` where no role of theirs
/// lets them.
const WHO_MAY: &str = "
    method                                     | nobody | reader | auditor | recorder | money | operator | replica
    standing.v1.AuditService/CompareKnowledge  | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.AuditService/ListFindings      | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.ChangeService/GetStreamStatus  | who    | no     | no      | no       | no    | yes      | no
    standing.v1.ChangeService/WatchEntries     | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.ChangeService/WatchRights      | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.DuesService/GetAccount         | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.DuesService/ListArrears        | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.LawService/CompareArticle      | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.LawService/CompareInstrument   | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.LawService/GetArticle          | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.LawService/GetInstrument       | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.LawService/ListArticleVersions | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.LedgerService/Backup           | who    | no     | no      | no       | no    | yes      | no
    standing.v1.LedgerService/FetchKeys        | who    | no     | no      | no       | no    | no       | yes
    standing.v1.LedgerService/GetEntry         | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.LedgerService/GetHead          | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.LedgerService/ListEntries      | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.LedgerService/Preview          | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.LedgerService/Record           | who    | no     | no      | yes      | yes   | no       | no
    standing.v1.LedgerService/RecordStream     | who    | no     | no      | yes      | yes   | no       | no
    standing.v1.RightsService/CheckRight       | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.RightsService/CheckRights      | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.RightsService/GetStanding      | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.RightsService/GetTimeline      | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.RightsService/ListHistory      | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.RightsService/ListHolders      | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.RollService/CountMembers       | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.RollService/GetAssociation     | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.RollService/GetParty           | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.RollService/GetRotation        | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.RollService/GetSession         | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.RollService/GetVocabulary      | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.RollService/ListChangeDays     | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.RollService/ListCommittees     | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.RollService/ListOfficeHolders  | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.RollService/ListParties        | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.RollService/ListSessions       | who    | yes    | yes     | yes      | no    | no       | no
    standing.v1.RollService/ListUpcoming       | who    | yes    | yes     | yes      | no    | no       | no
    grpc.reflection.v1.ServerReflection/ServerReflectionInfo      | who | yes | yes | yes | no  | no       | no
    grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo | who | yes | yes | yes | no  | no       | no
    grpc.health.v1.Health/Check                | yes    | yes    | yes     | yes      | yes   | yes      | yes
    grpc.health.v1.Health/Watch                | yes    | yes    | yes     | yes      | yes   | yes      | yes
";

/// The rows of a table, cell by cell.
fn rows(table: &str) -> Vec<Vec<&str>> {
    let lines = table.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| line.split('|').map(str::trim).collect())
        .collect()
}

/// The columns of the table, each with the token of its role.
fn columns() -> Vec<(usize, Option<&'static str>)> {
    let head = rows(WHO_MAY).remove(0);
    let roles = head.into_iter().enumerate().skip(1);
    roles
        .map(|(column, role)| (column, (role != "nobody").then_some(role)))
        .collect()
}

fn reason(cell: &str) -> &str {
    match cell {
        "who" => "TOKEN_MISSING",
        "no" => "PERMISSION_MISSING",
        cell => cell,
    }
}

#[test]
fn every_method_of_the_contract_has_a_row() {
    let listed: BTreeSet<String> = rows(WHO_MAY)
        .into_iter()
        .skip(1)
        .map(|row| format!("/{}", row[0]))
        .filter(|path| path.starts_with("/standing."))
        .collect();
    let methods: BTreeSet<String> = permissions().into_keys().collect();
    assert_eq!(listed, methods);
}

#[tokio::test]
async fn over_http_2_each_role_calls_what_its_row_says() {
    let guarded = guarded(TOKENS).await;
    let raw = Raw::connect(&guarded.world, WINDOW).await;
    for row in rows(WHO_MAY).iter().skip(1) {
        for (column, token) in columns() {
            let answer = asked(&raw, row[0], &bearing(token), &[]).await;
            assert_eq!(answer, reason(row[column]), "{} as {token:?}", row[0]);
        }
    }
}

#[tokio::test]
async fn over_grpc_web_each_role_calls_what_its_row_says() {
    let guarded = guarded(TOKENS).await;
    let address = guarded.world.address;
    for row in rows(WHO_MAY).iter().skip(1) {
        let path = format!("/{}", row[0]);
        let calls = columns().into_iter().map(|(column, token)| {
            let path = path.clone();
            async move {
                let answer = web(address, &path, &bearing(token), &[]).await;
                (column, token, answer.told())
            }
        });
        for (column, token, answer) in futures_util::future::join_all(calls).await {
            assert_eq!(answer, reason(row[column]), "{path} as {token:?}");
        }
    }
}

#[tokio::test]
async fn a_token_that_is_unknown_calls_nothing_but_health() {
    let guarded = guarded(TOKENS).await;
    let raw = Raw::connect(&guarded.world, WINDOW).await;
    for row in rows(WHO_MAY).iter().skip(1) {
        let answer = asked(&raw, row[0], &bearing(Some("thief")), &[]).await;
        let is_open = row[0].starts_with("grpc.health.");
        let expected = if is_open { "yes" } else { "TOKEN_UNKNOWN" };
        assert_eq!(answer, expected, "{}", row[0]);
    }
}

/// A server that listens everywhere.
struct Everywhere {
    socket: std::path::PathBuf,
    inside: Inside,
    _folder: TempDir,
}

impl Everywhere {
    fn serve(identities: Vec<IdentityOptions>) -> (Self, std::net::TcpListener) {
        let folder = tempfile::tempdir().unwrap();
        let options = AccessOptions {
            identities,
            is_closed: true,
            ..options(&folder, TOKENS)
        };
        let config = Config {
            access: Access::read(&options).unwrap(),
            ..Config::default()
        };
        let engine = Recorder::open(&folder.path().join("ledger"), &Options::default()).unwrap();
        let socket = folder.path().join("socket");
        let network = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        network.set_nonblocking(true).unwrap();
        let here = network.try_clone().unwrap();
        let listeners = Listeners::from(TcpListener::from_std(network).unwrap());
        let listeners = listeners.and_socket(UnixListener::bind(&socket).unwrap());
        let (listeners, inside) = listeners.and_inside();
        tokio::spawn(serve(
            listeners,
            Arc::new(engine),
            config,
            std::future::pending(),
        ));
        let everywhere = Self {
            socket,
            inside,
            _folder: folder,
        };
        (everywhere, here)
    }
}

#[tokio::test]
async fn over_the_socket_and_inside_whoever_operates_the_machine_calls_everything() {
    let (everywhere, here) = Everywhere::serve(Vec::new());
    let socket = UnixStream::connect(&everywhere.socket).await.unwrap();
    let inside = everywhere.inside.connect().await.unwrap();
    let ways = [
        Raw::over(socket, "localhost", WINDOW).await,
        Raw::over(inside, "localhost", WINDOW).await,
    ];
    for row in rows(WHO_MAY).iter().skip(1) {
        for raw in &ways {
            assert_eq!(asked(raw, row[0], &[], &[]).await, "yes", "{}", row[0]);
        }
    }
    // Over loopback the same caller is nobody.
    let address = here.local_addr().unwrap();
    let stream = TcpStream::connect(address).await.unwrap();
    let raw = Raw::over(stream, &address.to_string(), WINDOW).await;
    for row in rows(WHO_MAY).iter().skip(1) {
        let answer = asked(&raw, row[0], &[], &[]).await;
        assert_eq!(answer, reason(row[1]), "{}", row[0]);
    }
}

#[tokio::test]
async fn a_user_of_the_socket_whom_an_identity_names_has_its_roles_alone() {
    let of = |roles: &[&str]| IdentityOptions {
        actor: "who/socket".to_owned(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        user: Some(rustix::process::geteuid().as_raw()),
        ..IdentityOptions::default()
    };
    for (column, role) in columns() {
        let roles: Vec<&str> = role.into_iter().collect();
        let (everywhere, _) = Everywhere::serve(vec![of(&roles)]);
        let socket = UnixStream::connect(&everywhere.socket).await.unwrap();
        let raw = Raw::over(socket, "localhost", WINDOW).await;
        for row in rows(WHO_MAY).iter().skip(1) {
            let answer = asked(&raw, row[0], &[], &[]).await;
            // Whoever is known and has no role is no stranger.
            let expected = match row[column] {
                "who" => "PERMISSION_MISSING",
                cell => reason(cell),
            };
            assert_eq!(answer, expected, "{} as {role:?}", row[0]);
        }
    }
}
