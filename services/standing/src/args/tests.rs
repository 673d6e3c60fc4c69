use super::*;
use standing_server::Limits;
use std::time::Duration;

#[test]
fn the_command_line_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn the_default_server_is_where_a_server_listens() {
    let cli = Cli::try_parse_from(["standing", "head"]).unwrap();
    let Command::Call(Call::Head(head)) = cli.command else {
        panic!("{cli:?}")
    };
    assert_eq!(head.connection.server, format!("http://{LISTEN}"));
}

#[test]
fn dates_are_judged_before_a_server_is_asked() {
    for (date, message) in [
        ("2024-02-30", "2024-02-30"),
        ("1899-12-31", "1899-12-31"),
        ("next week", "next week"),
    ] {
        let error = Cli::try_parse_from(["standing", "roll", "--on", date]).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains(message), "{error}");
    }
}

#[test]
fn several_paths_may_follow_one_import() {
    let cli = ["standing", "serve", "--import", "a", "b", "--import", "c"];
    let Command::Serve(serve) = Cli::try_parse_from(cli).unwrap().command else {
        panic!()
    };
    assert_eq!(serve.import.len(), 3);
}

#[test]
fn versions_are_those_of_an_article() {
    assert!(Cli::try_parse_from(["standing", "law", "charter", "--versions"]).is_err());
    assert!(Cli::try_parse_from(["standing", "law", "charter", "9-2", "--versions"]).is_ok());
}

#[test]
fn an_instrument_and_an_article_are_compared_with_what_they_were() {
    let since = ["--compare", "2016-01-01"];
    for article in [&[][..], &["9-2"]] {
        let law = [&["standing", "law", "charter"], article, &since].concat();
        assert!(Cli::try_parse_from(&law).is_ok(), "{law:?}");
    }
    let versions = ["standing", "law", "charter", "9-2", "--versions"];
    assert!(Cli::try_parse_from([&versions[..], &since].concat()).is_err());
}

#[test]
fn shells_complete_every_command() {
    let script = completions(Shell::Bash);
    assert!(script.contains("committees") && script.contains("--known-at"));
}

#[test]
fn every_command_has_a_page_of_the_manual() {
    let folder = tempfile::tempdir().unwrap();
    manual(folder.path()).unwrap();
    for command in Cli::command().get_subcommands() {
        let name = format!("standing-{}.1", command.get_name());
        let page = std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(page.contains(".SH SYNOPSIS"), "{page}");
    }
}

#[test]
fn a_server_keeps_the_limits_it_is_given() {
    let serve = |args: &[&str]| {
        let args = ["standing", "serve"].iter().chain(args);
        let Command::Serve(serve) = Cli::try_parse_from(args).unwrap().command else {
            panic!()
        };
        serve.opening.room.limits()
    };
    assert_eq!(serve(&[]), Limits::default());
    let limits = serve(&[
        "--memory=50000000",
        "--connections=7",
        "--connections-by-one=3",
        "--request-deadline=5",
        "--answer-deadline=9",
        "--header-bytes=2048",
        "--header-deadline=3",
        "--handshake-deadline=4",
        "--first-byte-deadline=6",
        "--resets=8",
        "--connection-age=11",
        "--connection-grace=12",
        "--watches-by-one=13",
        "--wrong-tokens=14",
    ]);
    let expected = Limits {
        memory: 50_000_000,
        connections: 7,
        connections_by_one: 3,
        unsent: Duration::from_secs(5),
        unread: Duration::from_secs(9),
        headers: 2_048,
        headers_deadline: Duration::from_secs(3),
        handshake: Duration::from_secs(4),
        first_byte: Duration::from_secs(6),
        resets: 8,
        age: Duration::from_secs(11),
        grace: Duration::from_secs(12),
        watches_by_one: 13,
        wrong_tokens: 14,
    };
    assert_eq!(limits, expected);
    for wrong in ["--memory=1000", "--connections=0", "--answer-deadline=0"] {
        assert!(Cli::try_parse_from(["standing", "serve", wrong]).is_err());
    }
}
