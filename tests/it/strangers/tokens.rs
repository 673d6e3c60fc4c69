//! Tokens that are exchanged while a server runs.

use super::*;
use std::os::unix::fs::PermissionsExt as _;

/// Somebody with a token, and a server that knows it.
struct World {
    folder: Folder,
    node: Node,
    /// What the caller sends.
    token: PathBuf,
}

fn world(tokens: &str) -> World {
    let folder = Folder::new();
    let file = folder.secret("tokens", tokens);
    let node = Node::start(&folder, &["--tokens", text(&file)]);
    let token = folder.secret("token", "sesame\n");
    World {
        folder,
        node,
        token,
    }
}

impl World {
    /// Asks, and returns what is complained of; nothing if it is answered.
    fn head(&self) -> String {
        let output = self.node.ask(&["head", "--token-file", text(&self.token)]);
        output.stderr
    }

    /// Writes the tokens anew, and says so.
    fn exchange(&self, tokens: &str) {
        self.folder.secret("tokens", tokens);
        self.node.hang_up();
    }
}

#[test]
fn a_token_is_what_its_file_says_now() {
    let mut world = world("sesame clerk/1 roles=reader\n");
    assert_eq!(world.head(), "");
    for (tokens, expected) in [
        ("sesame clerk/1 roles=operator\n", "no role of yours"),
        ("sesame clerk/1 roles=reader,operator\n", ""),
        (
            "sesame clerk/1 roles=reader expires=2001-01-01\n",
            "not known here",
        ),
        ("sesame clerk/1 roles=reader expires=2190-01-01\n", ""),
        ("other clerk/1 roles=reader\n", "not known here"),
        ("sesame clerk/1 roles=reader\n", ""),
        ("", "not known here"),
    ] {
        world.exchange(tokens);
        until(tokens, || {
            let said = world.head();
            said.contains(expected) && expected.is_empty() == said.is_empty()
        });
    }
    assert!(world.node.is_running());
    assert!(
        !world.node.said().contains("sesame"),
        "{}",
        world.node.said()
    );
}

#[test]
fn a_token_file_is_read_again_when_it_changes_though_nobody_says_so() {
    let world = world("sesame clerk/1 roles=reader\n");
    assert_eq!(world.head(), "");
    world
        .folder
        .secret("tokens", "other clerk/1 roles=reader\n");
    until("the token is gone", || !world.head().is_empty());
    world.node.says("callers were read anew");
}

#[test]
fn a_role_that_is_taken_away_ends_a_watch() {
    let world = world("sesame clerk/1 roles=auditor,recorder\n");
    let small = crate::harness::data("small.jsonl");
    let by = ["--token-file", text(&world.token)];
    let record = ["record", text(&small)];
    world.node.ask(&[&record[..], &by].concat()).ok();
    let mut watch = Running::watch(&world.folder, &world.node, "watch.txt", &by);
    watch.prints("caughtUp");
    world.exchange("sesame clerk/1 roles=auditor,recorder,operator\n");
    world.node.says("callers were read anew");
    sleep(Duration::from_millis(300));
    assert!(watch.is_running());
    world.exchange("sesame clerk/1 roles=reader\n");
    until("the watch ends", || !watch.is_running());
    assert!(
        watch.printed().contains("begin again"),
        "{}",
        watch.printed()
    );
}

#[test]
fn a_file_that_cannot_be_read_leaves_what_there_was_and_is_told() {
    let mut world = world("sesame clerk/1 roles=reader\n");
    for (tokens, why) in [
        ("sesame clerk/1\n", "tokens:1: it says no roles"),
        (
            "\nsesame clerk/1 roles=king\n",
            "tokens:2: there is no role",
        ),
        (
            "sesame a roles=reader\nsesame b roles=reader\n",
            "tokens:2: the token stands on an earlier line too",
        ),
    ] {
        world.exchange(tokens);
        world.node.says(why);
        assert!(
            world
                .node
                .said()
                .contains("what was there before goes on to count")
        );
        assert_eq!(world.head(), "");
    }
    let file = world
        .folder
        .secret("tokens", "other clerk/1 roles=reader\n");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("a mode is set");
    world.node.hang_up();
    world.node.says("open to others");
    fs::remove_file(&file).expect("it is there");
    world.node.hang_up();
    world.node.says("cannot read the token file");
    assert_eq!(world.head(), "");
    assert!(world.node.is_running());
    assert!(
        !world.node.said().contains("sesame"),
        "{}",
        world.node.said()
    );
    world.exchange("other clerk/1 roles=reader\n");
    until("the token is gone", || {
        world.head().contains("not known here")
    });
}

#[test]
fn settings_are_read_again_and_what_cannot_be_exchanged_is_named() {
    let folder = Folder::new();
    let tokens = folder.secret("tokens", "sesame clerk/1 roles=clerk\n");
    let settings = |listen: &str, permission: &str| {
        let tokens = text(&tokens);
        format!(
            "listen = \"{listen}\"\n[callers]\ntokens = \"{tokens}\"\n[roles.clerk]\npermissions = [\"{permission}\"]\n"
        )
    };
    let file = folder.write("standing.toml", settings("127.0.0.1:0", "operate"));
    let mut node = Node::start_as_set(&folder, &["--config", text(&file)]);
    let token = folder.secret("token", "sesame\n");
    let head = |node: &Node| node.ask(&["head", "--token-file", text(&token)]);
    assert!(head(&node).fails(3).contains("no role of yours"));
    folder.write("standing.toml", settings("127.0.0.1:1", "read"));
    node.hang_up();
    node.says("listen is set to something else: that counts from the next start on");
    until("the role reads", || head(&node).code == Some(0));
    folder.write(
        "standing.toml",
        "listen = 7\n[roles.clerk]\npermissions = [\"raed\"]\n",
    );
    node.hang_up();
    node.says("what was there before goes on to count");
    head(&node).ok();
    assert!(node.is_running());
}
