//! What a node is set to: flags above the environment, above a file.

use crate::harness::{Folder, binary, cli, data};
use expect_test::expect_file;

#[test]
fn a_server_is_set_by_flags_above_the_environment_above_a_file() {
    let folder = Folder::new();
    let small = data("small.jsonl");
    let small = small.to_str().unwrap();
    let settings = format!("data = 'no/folder'\nexpect-head = 999\nimport = ['{small}']\n");
    let file = folder.write("standing.toml", settings);
    let file = file.to_str().unwrap();
    // The position is the file's.
    let complaint = folder.serve_in_vain(&["--config", file]).fails(1);
    assert!(complaint.contains("999"), "{complaint}");
    let environment = ["env", "STANDING_EXPECT_HEAD=0", "STANDING_DATA=no/other"];
    let server = folder.serve_by(&environment, &folder.ledger(), &["--config", file]);
    assert_eq!(server.client().head(), 28);
    assert!(server.terminate().success());
    let wrong = folder.write("wrong.toml", "[limits]\nconections = 3\n");
    let complaint = folder.serve_in_vain(&["--config", wrong.to_str().unwrap()]);
    let complaint = complaint.fails(1);
    let said = "wrong.toml:2: [limits] has no conections; did you mean connections?";
    assert!(complaint.contains(said), "{complaint}");
}

/// Prints the settings of a command that is run in a folder.
fn print(folder: &Folder, args: &[&str]) -> String {
    let mut command = binary();
    command.current_dir(folder.path()).args(args);
    command
        .env("STANDING_CONNECTIONS", "7")
        .arg("--print-config");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn settings_are_printed_as_a_file_and_nothing_is_begun() {
    let folder = Folder::new();
    folder.write(
        "standing.toml",
        "listen = '127.0.0.1:7'\n[roles.reader]\nmay = ['read']\n",
    );
    let args = ["serve", "--config=standing.toml", "--data=x.redb"];
    let printed = print(&folder, &args);
    expect_file!["printed.toml"].assert_eq(&printed);
    assert!(!folder.path().join("x.redb").exists());
    folder.write("printed.toml", &printed);
    let again = print(&folder, &["serve", "--config=printed.toml"]);
    let values = |text: &str| {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let values = lines.map(|line| line.split("  # ").next().unwrap_or_default().to_owned());
        values.collect::<Vec<_>>()
    };
    assert_eq!(values(&printed), values(&again));
    let replica = cli(["replica", "--print-config"]).fails(2);
    assert!(replica.contains("--nats <URL>"), "{replica}");
}
