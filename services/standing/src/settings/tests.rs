mod refusals;

use super::*;
use crate::args;
use expect_test::{expect, expect_file};
use flags::Kind;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use tempfile::TempDir;

/// Settles a command line, with a file if there is one, and an environment of `NAME=VALUE`. Where
/// the file lies is written as `FILE`.
fn settled(args: &[&str], environment: &[&str], file: Option<&str>) -> Result<Settings, String> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("standing.toml");
    let mut words = vec![OsString::from("standing")];
    words.extend(args.iter().map(OsString::from));
    if let Some(file) = file {
        fs::write(&path, file).unwrap();
        words.push("--config".into());
        words.push(path.clone().into());
    }
    let environment = |name: &str| {
        let mut sets = environment.iter().filter_map(|set| set.split_once('='));
        sets.find(|(set, _)| *set == name)
            .map(|(_, value)| value.into())
    };
    let there = path.to_str().unwrap();
    match settle(words, environment) {
        Ok(mut settings) => {
            for shown in &mut settings.shown {
                shown.hide(there);
            }
            for place in settings.access.places.values_mut() {
                *place = place.replace(there, "FILE");
            }
            Ok(settings)
        }
        Err(Unsettled::Failure(failure)) => Err(failure.to_string().replace(there, "FILE")),
        Err(Unsettled::Usage(error)) => Err(format!("usage: {}", error.kind())),
    }
}

fn serve(settings: Settings) -> args::Serve {
    match settings.cli.command {
        args::Command::Serve(serve) => serve,
        other => panic!("{other:?}"),
    }
}

/// What is printed of a file of settings.
fn printed(settings: &Settings) -> String {
    print::document(None, &settings.shown, &settings.access)
}

/// The line of a setting.
fn line(settings: &Settings, key: &str) -> String {
    let printed = printed(settings);
    let mut lines = printed.lines();
    let found = lines.find(|line| line.trim_start_matches("# ").starts_with(key));
    found.unwrap_or_default().to_owned()
}

#[test]
fn a_flag_counts_above_the_environment_above_the_file_above_what_holds_otherwise() {
    let file = "[limits]\nconnections = 3";
    let (nothing, flag): (&[&str], &[&str]) = (&[], &["--connections", "5"]);
    let (variable, empty) = (["STANDING_CONNECTIONS=4"], ["STANDING_CONNECTIONS="]);
    let mut table = String::new();
    for (flags, environment, file) in [
        (nothing, nothing, None),
        (nothing, nothing, Some(file)),
        (nothing, &empty[..], Some(file)),
        (nothing, &variable[..], Some(file)),
        (nothing, &variable[..], None),
        (flag, nothing, None),
        (flag, nothing, Some(file)),
        (flag, &variable[..], Some(file)),
    ] {
        let args = [&["serve"], flags].concat();
        let settings = settled(&args, environment, file).unwrap();
        let line = line(&settings, "connections =");
        let connections = serve(settings).opening.room.connections;
        assert!(line.contains(&connections.to_string()), "{line}");
        writeln!(table, "{line}").unwrap();
    }
    expect![[r"
        connections = 4096  # default
        connections = 3  # FILE:2
        connections = 3  # FILE:2
        connections = 4  # environment STANDING_CONNECTIONS
        connections = 4  # environment STANDING_CONNECTIONS
        connections = 5  # flag
        connections = 5  # flag
        connections = 5  # flag
    "]]
    .assert_eq(&table);
}

#[test]
fn flags_are_found_however_they_are_written() {
    let file = "verbose = true\nlisten = '127.0.0.1:1'\nimport = ['-x', '--listen', 'a,b']";
    for (args, listen, verbose) in [
        (&["serve"] as &[&str], 1, true),
        (&["serve", "--listen=127.0.0.1:2"], 2, true),
        (&["serve", "-v", "--listen", "127.0.0.1:2"], 2, true),
        // What follows is no flag but a value.
        (&["serve", "--data=--listen=127.0.0.1:2"], 1, true),
    ] {
        let settings = serve(settled(args, &[], Some(file)).unwrap());
        assert_eq!(settings.opening.listen.port(), listen, "{args:?}");
        assert_eq!(settings.opening.verbose, verbose);
        assert_eq!(settings.import.len(), 3, "{args:?}");
    }
    // Several values of the last flag are not taken for more.
    let args = ["serve", "--import", "serve", "b"];
    let settings = serve(settled(&args, &["STANDING_LISTEN=127.0.0.1:3"], Some(file)).unwrap());
    assert_eq!(
        settings.import,
        ["serve", "b"].map(std::path::PathBuf::from)
    );
    assert_eq!(settings.opening.listen.port(), 3);
    // The command has no arguments beside its flags.
    let nothing_else = settled(&["serve", "--", "--listen"], &[], Some(file)).unwrap_err();
    assert!(nothing_else.starts_with("usage: "), "{nothing_else}");
}

#[test]
fn switches_and_flags_that_take_several() {
    for (environment, file, quick, import) in [
        (&[] as &[&str], "quick-repair = false", false, 0),
        (&[], "quick-repair = true\nimport = []", true, 0),
        (
            &["STANDING_QUICK_REPAIR=false"],
            "quick-repair = true",
            false,
            0,
        ),
        (&["STANDING_QUICK_REPAIR=1"], "import = 'a'", true, 1),
        (
            &["STANDING_IMPORT=a,b,"],
            "import = ['c', 'd', 'e']",
            false,
            2,
        ),
        (&[], "import = ['c', 'd', 'e']", false, 3),
    ] {
        let settings = serve(settled(&["serve"], environment, Some(file)).unwrap());
        assert_eq!(settings.opening.quick_repair, quick, "{file}");
        assert_eq!(settings.import.len(), import, "{file}");
    }
}

#[test]
fn what_is_required_may_stand_elsewhere() {
    for (environment, file) in [
        (&["STANDING_NATS=nats://a"] as &[&str], None),
        (&[], Some("[nats]\nserver = 'nats://a'")),
        (&[], Some("[nats]\nnats = 'nats://a'")),
    ] {
        let settings = settled(&["replica"], environment, file).unwrap();
        let args::Command::Replica(replica) = settings.cli.command else {
            panic!()
        };
        assert_eq!(replica.nats, "nats://a");
    }
    let missing = settled(&["replica"], &[], Some("")).unwrap_err();
    assert!(missing.starts_with("usage: "), "{missing}");
}

#[test]
fn tables_are_headings_and_leave_their_name_out() {
    let file = "
        accept-clock = true
        connections = 9
        nats-ca = 'ca.pem'
        [limits]
        memory = 1_0000_0000
        [nats]
        server = 'nats://a,tls://b'
        user = 'x'
        nats-password-file = 'p'
        advertise = 'http://c'
        replicas = 0x3";
    let serve = serve(settled(&["serve"], &[], Some(file)).unwrap());
    assert!(serve.accept_clock);
    assert_eq!(serve.opening.room.connections, 9);
    assert_eq!(serve.opening.room.memory, 100_000_000);
    assert_eq!(serve.nats.as_deref(), Some("nats://a,tls://b"));
    assert_eq!(serve.login.nats_user.as_deref(), Some("x"));
    assert_eq!(serve.login.nats_password_file, Some("p".into()));
    assert_eq!(serve.login.nats_ca, Some("ca.pem".into()));
    assert_eq!(serve.advertise.as_deref(), Some("http://c"));
    assert_eq!(serve.nats_replicas, 3);
}

/// A file with everything in it.
const FULL: &str = r#"
listen = "127.0.0.1:0"
data = "a \"b\" \\ c"
import = ["a b", "-c", "d,e"]
verbose = true
quick-repair = false

[limits]
memory = 1_0000_0000

[nats]
server = "nats://h:1,tls://b"
user = "x"
password-file = "p"

[roles.reader]
may = ["read"]

[roles.writer]
may = ["read", "record"]

[[identities]]
name = "a"

[[identities]]
name = "b\nc"

[oidc]
issuer = "https://x"
"#;

#[test]
fn what_is_printed_is_a_file_that_sets_the_same() {
    let environment = ["STANDING_CHECK=never", "STANDING_PORT=tcp://10.0.0.1:1"];
    let args = ["serve", "--connections=18446744073709551615"];
    let settings = settled(&args, &environment, Some(FULL)).unwrap();
    let first = printed(&settings);
    expect_file!["tests/printed.toml"].assert_eq(&first);
    let again = settled(&["serve"], &[], Some(&first)).unwrap();
    assert_eq!(without_origins(&first), without_origins(&printed(&again)));
    assert_eq!(settings.access.tables, again.access.tables);
    let mut trees = [settings, again].map(serve);
    for serve in &mut trees {
        serve.opening.config = None;
    }
    let [settings, again] = trees.map(|serve| format!("{serve:?}"));
    assert_eq!(settings, again);
}

#[test]
fn what_holds_anyway_asks_for_nothing() {
    // Without a server of NATS its flags are refused.
    let printed = |file| printed(&settled(&["serve"], &[], file).unwrap());
    let nothing = printed(None);
    assert!(nothing.contains("replicas = 1  # default"), "{nothing}");
    let again = printed(Some(&nothing));
    assert_eq!(without_origins(&nothing), without_origins(&again));
}

#[cfg(unix)]
#[test]
fn what_is_no_text_is_told_and_not_printed() {
    use std::os::unix::ffi::OsStringExt as _;
    let data = OsString::from_vec(b"\xff".to_vec());
    let environment = |name: &str| (name == "STANDING_DATA").then(|| data.clone());
    let settings = settle(vec!["standing".into(), "serve".into()], environment).unwrap();
    let line = line(&settings, "data =");
    assert_eq!(
        line,
        "# data = \"data/standing.redb\"  # environment STANDING_DATA, and not UTF-8, which a file must be"
    );
    assert_eq!(serve(settings).opening.data.as_os_str(), data);
}

fn without_origins(printed: &str) -> String {
    let lines = printed.lines().map(|line| {
        let setting = line.split_once("  # ").map_or(line, |(setting, _)| setting);
        setting
            .split_once("FILE:")
            .map_or(setting, |(before, _)| before)
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn only_nodes_have_settings() {
    let settings = settled(
        &["head"],
        &["STANDING_CONFIG=none", "STANDING_LISTEN=x"],
        None,
    );
    assert!(settings.unwrap().printed().is_none());
    for (args, kind) in [
        (
            &[] as &[&str],
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand,
        ),
        (&["head", "--config", "x"], ErrorKind::UnknownArgument),
        (
            &["serve", "--config", "none", "--help"],
            ErrorKind::DisplayHelp,
        ),
        (&["help", "serve"], ErrorKind::DisplayHelp),
        (&["serve", "--config"], ErrorKind::InvalidValue),
        // What is wrong with the arguments comes first.
        (
            &["serve", "--config", "none", "--lisen", "x"],
            ErrorKind::UnknownArgument,
        ),
    ] {
        let said = settled(args, &["STANDING_LISTEN=x"], None).unwrap_err();
        assert_eq!(said, format!("usage: {kind}"), "{args:?}");
    }
}

/// What a new flag must keep to be set elsewhere as all others are.
#[test]
fn every_flag_can_be_set_elsewhere() {
    let command = Cli::command();
    for name in ["serve", "replica"] {
        let command = command.find_subcommand(name).unwrap();
        let flags = flags::of(command);
        assert!(flags.iter().any(|flag| flag.long == CONFIG));
        let tables: BTreeSet<_> = flags.iter().filter_map(|f| f.table.as_deref()).collect();
        let (mut keys, mut top) = (
            BTreeSet::new(),
            BTreeSet::from(["identities", "oidc", "roles"]),
        );
        assert!(tables.is_disjoint(&top), "{tables:?} are no flags' tables");
        for flag in &flags {
            let long = &flag.long;
            assert!(top.insert(long), "{long} stands for something else");
            assert!(keys.insert(flag.place()), "{} stands twice", flag.place());
            assert_eq!(
                flag.table.is_some() && flag.key() == "server",
                tables.contains(long.as_str())
            );
            let looks_like_a_number =
                |value: &OsString| value.to_string_lossy().parse::<f64>().is_ok();
            let number = flag.defaults.iter().any(looks_like_a_number);
            assert_eq!(
                number,
                number && flag.kind == Kind::Number,
                "{long} is no number"
            );
        }
        for arg in command.get_arguments() {
            use clap::ArgAction::{Append, Set, SetTrue};
            let (id, action) = (arg.get_id(), arg.get_action());
            assert!(arg.get_long().is_some(), "{id} is no flag");
            assert!(matches!(action, Append | Set | SetTrue), "{id}: {action:?}");
            assert!(
                arg.get_env().is_none(),
                "{id}: its variable follows from its name"
            );
        }
    }
}
