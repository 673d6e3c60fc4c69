//! What is refused, and what is said of it.

use super::*;
use expect_test::Expect;

/// Holds what is said of files, one below the other.
fn refused(files: &[&str], expected: &Expect) {
    let mut said = String::new();
    for file in files {
        let refusal = settled(&["serve"], &[], Some(file)).unwrap_err();
        writeln!(said, "{refusal}").unwrap();
    }
    expected.assert_eq(&said);
}

#[test]
fn unknown_keys_are_named_with_the_nearest() {
    let files = [
        "\nmemry = 1",
        "user = 'x'",
        "whatever = 1",
        "config = 'x'",
        "print-config = true",
        "[limits]\nmemry = 1",
        "[limits]\nxyz = 1",
        "[nats]\nserver = 'a'\nlisten = 'x'",
        "[nats]\nmemory = 1",
        "[nat]\nuser = 'x'",
        "[rolls.x]\nmay = []",
    ];
    refused(
        &files,
        &expect![[r"
        FILE:2: memry is no setting of `standing serve`; did you mean [limits] memory?
        FILE:1: user is no setting of `standing serve`; did you mean [nats] user?
        FILE:1: whatever is no setting of `standing serve`
        FILE:1: config is no setting of `standing serve`
        FILE:1: print-config is no setting of `standing serve`
        FILE:2: [limits] has no memry; did you mean memory?
        FILE:2: [limits] has no xyz
        FILE:3: [nats] has no listen: listen stands above all tables
        FILE:2: [nats] has no memory: memory stands in [limits]
        FILE:1: [nat] is no table of `standing serve`; did you mean [nats]?
        FILE:1: [rolls] is no table of `standing serve`; did you mean [roles]?
    "]],
    );
}

#[test]
fn values_of_another_kind_are_named_with_what_to_write() {
    let files = [
        "listen = 7420",
        "memory = '1000'",
        "\n[limits]\nmemory = 1.5",
        "expect-head = true",
        "verbose = 'yes'",
        "verbose = 1",
        "data = ['a']",
        "import = [1]",
        "tokens = 2020-01-01",
        "nats = 'nats://a'",
        "limits = 1",
        "[data]\nx = 1",
        "roles = 1",
        "oidc = []",
        "[identities]\nx = 1",
        "identities = [1]",
    ];
    refused(
        &files,
        &expect![[r#"
        FILE:1: listen is an integer, and must be a string: listen = "127.0.0.1:7420"
        FILE:1: memory is a string, and must be an integer: memory = 268435456
        FILE:3: memory is a fraction, and must be an integer: memory = 268435456
        FILE:1: expect-head is true or false, and must be an integer: expect-head = POSITION
        FILE:1: verbose is a string, and must be true or false: verbose = true
        FILE:1: verbose is an integer, and must be true or false: verbose = true
        FILE:1: data is an array, and must be a string: data = "data/standing.redb"
        FILE:1: import is an array with an integer, and must be a string, or several: import = ["PATH"]
        FILE:1: tokens is a date, and must be a string: tokens = "FILE"
        FILE:1: nats is a string, and must be a table: [nats] server = "URL"
        FILE:1: limits is an integer, and must be a table: [limits]
        FILE:1: data is a table, and must be a string: data = "data/standing.redb"
        FILE:1: roles is an integer, and must be a table, [roles]
        FILE:1: oidc is an array, and must be a table, [oidc]
        FILE:1: identities is a table, and must be tables, each [[identities]]
        FILE:1: identities is an array, and must be tables, each [[identities]]
    "#]],
    );
}

#[test]
fn what_is_no_toml_or_stands_twice_is_named_with_its_line_and_not_repeated() {
    let files = [
        "listen = 'geheim",
        "\n= 1",
        "memory = 1\nmemory = 2",
        "memory = 17000000\n[limits]\nmemory = 17000000",
        "[nats]\nserver = 'a'\nnats = 'b'",
    ];
    refused(
        &files,
        &expect![[r"
        FILE:1: invalid literal string, expected `'`
        FILE:2: unquoted keys cannot be empty, expected letters, numbers, `-`, `_`
        FILE:2: duplicate key
        FILE:3: --memory is set on line 1 already
        FILE:3: --nats is set on line 2 already
    "]],
    );
}

#[test]
fn values_that_do_not_do_are_named_with_their_place() {
    let files = [
        "\nlisten = 'here'",
        "[limits]\nmemory = 3",
        "[limits]\nmemory = -3",
        "[limits]\nmemory = 99999999999999999999999999999999999999999999",
        "check = 'sometimes'",
        "data = ''",
        "[nats]\ncreds = 'x'",
    ];
    refused(
        &files,
        &expect![[r"
        FILE:2: invalid value 'here' for '--listen <ADDRESS>': invalid socket address syntax
        FILE:2: invalid value '3' for '--memory <BYTES>': 3 is not in 16777216..18446744073709551615
        FILE:2: invalid value '-3' for '--memory <BYTES>': invalid digit found in string
        FILE:2: invalid value '99999999999999999999999999999999999999999999' for '--memory <BYTES>': number too large to fit in target type
        FILE:1: invalid value 'sometimes' for '--check <WHEN>'
          [possible values: always, never]
        FILE:1: a value is required for '--data <FILE>' but none was supplied
        usage: one or more required arguments were not provided
    "]],
    );
}

#[test]
fn what_does_not_go_together_is_named_with_where_it_is_set() {
    let file = "[nats]\nserver = 'nats://a'\ncreds = 'x'";
    let args = ["serve", "--nats-user=x", "--nats-password-file=y"];
    let said = settled(&args, &[], Some(file)).unwrap_err();
    expect![[r"
        the argument '--nats-creds <FILE>' cannot be used with '--nats-user <NAME>'
          --nats-creds is set by FILE:3"]]
    .assert_eq(&said);
    for (variable, expected) in [
        (
            "STANDING_LISTEN=here",
            expect![
                "STANDING_LISTEN: invalid value 'here' for '--listen <ADDRESS>': invalid socket address syntax"
            ],
        ),
        (
            "STANDING_VERBOSE=perhaps",
            expect!["STANDING_VERBOSE is neither true nor false"],
        ),
    ] {
        expected.assert_eq(&settled(&["serve"], &[variable], None).unwrap_err());
    }
    // What only the command line is to blame for is clap's to say.
    let said = settled(&["serve", "--listen=here"], &[], Some(file)).unwrap_err();
    assert!(said.starts_with("usage: "), "{said}");
}

#[test]
fn who_connects_is_said_in_no_url_and_not_repeated() {
    let mut said = String::new();
    let url = "nats://a:4222,nats://me:geheim@b:4222";
    let file = format!("\n[nats]\nserver = '{url}'");
    let variable = format!("STANDING_NATS={url}");
    let unread = "[nats]\nadvertise = 'me:geheim@host:port'";
    let elsewhere = "association = 'http://me:geheim@host'";
    for (args, environment, file) in [
        (&["serve", "--nats", url] as &[&str], &[] as &[&str], None),
        (&["replica", "--nats", url], &[], None),
        (&["serve"], &[&variable], None),
        (&["serve"], &[], Some(file.as_str())),
        // Below what counts it is refused as well.
        (&["serve", "--nats=nats://a"], &[&variable], None),
        (&["serve", "--nats=nats://a"], &[], Some(&file)),
        (&["serve"], &[], Some(unread)),
        (&["serve"], &[], Some(elsewhere)),
        (&["serve", "--print-config", "--nats", url], &[], None),
        (&["serve", url], &[], None),
    ] {
        let refusal = settled(args, environment, file).unwrap_err();
        assert!(!refusal.contains("geheim"), "{refusal}");
        writeln!(said, "{refusal}").unwrap();
    }
    expect![[r"
        --nats says who connects: give --nats-user and --nats-password-file, and leave the address as SCHEME://HOST:PORT
        --nats says who connects: give --nats-user and --nats-password-file, and leave the address as SCHEME://HOST:PORT
        STANDING_NATS: --nats says who connects: give --nats-user and --nats-password-file, and leave the address as SCHEME://HOST:PORT
        FILE:3: --nats says who connects: give --nats-user and --nats-password-file, and leave the address as SCHEME://HOST:PORT
        STANDING_NATS: --nats says who connects: give --nats-user and --nats-password-file, and leave the address as SCHEME://HOST:PORT
        FILE:3: --nats says who connects: give --nats-user and --nats-password-file, and leave the address as SCHEME://HOST:PORT
        FILE:2: --advertise says who connects: leave the address as SCHEME://HOST:PORT
        FILE:1: --association says who connects: leave the address as SCHEME://HOST:PORT
        --nats says who connects: give --nats-user and --nats-password-file, and leave the address as SCHEME://HOST:PORT
        an argument holds a URL that says who connects: leave its user out
    "]].assert_eq(&said);
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, content: &[u8]| fs::write(folder.path().join(name), content).unwrap();
    write("large.toml", &vec![b'\n'; (1 << 20) + 1]);
    write("bytes.toml", b"listen = '\xff'");
    write("open.toml", b"");
    let mut names = vec!["missing.toml", "large.toml", "bytes.toml"];
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let open = fs::Permissions::from_mode(0o666);
        fs::set_permissions(folder.path().join("open.toml"), open).unwrap();
        names.push("open.toml");
    }
    let mut said = String::new();
    for name in names {
        let path = folder.path().join(name);
        let path = path.to_str().unwrap();
        // Here it is named by the environment.
        let refusal = settled(&["serve"], &[&format!("STANDING_CONFIG={path}")], None);
        let refusal = refusal.unwrap_err();
        writeln!(said, "{}", refusal.replace(path, "FILE")).unwrap();
    }
    expect![[r"
        cannot read the configuration file FILE: No such file or directory (os error 2)
        the configuration file FILE is larger than 1048576 bytes
        cannot read the configuration file FILE: invalid utf-8 sequence of 1 bytes from index 10
        the configuration file FILE can be written by others (mode 666): chmod o-w FILE
    "]]
    .assert_eq(&said);
}
