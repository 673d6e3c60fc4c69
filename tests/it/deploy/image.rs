//! The file system of the image, walked: what is not in the list must not be there.

use crate::harness::{Authority, Folder, binary};
use crate::house::tidy::root;
use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

/// All that is in it: no shell, no package, no source, no secret, nothing that gains rights.
const WALKED: [&str; 10] = [
    "data drwx------",
    "etc drwxr-xr-x",
    "etc/ssl drwxr-xr-x",
    "etc/ssl/certs drwxr-xr-x",
    "etc/ssl/certs/ca-certificates.crt -rw-r--r--",
    "tmp drwx------",
    "usr drwxr-xr-x",
    "usr/local drwxr-xr-x",
    "usr/local/bin drwxr-xr-x",
    "usr/local/bin/standing -rwxr-xr-x",
];

/// What every container has besides, whatever its image.
const OF_A_CONTAINER: [&str; 8] = [
    ".dockerenv",
    "dev",
    "etc/hostname",
    "etc/hosts",
    "etc/mtab",
    "etc/resolv.conf",
    "proc",
    "sys",
];

/// Returns every path below a folder with its mode, as `ls` writes it.
fn walk(folder: &Path) -> Vec<String> {
    let (mut found, mut left) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(path) = left.pop() {
        for file in fs::read_dir(&path).unwrap() {
            let path = file.unwrap().path();
            let data = fs::symlink_metadata(&path).unwrap();
            let kind = match (data.is_dir(), data.is_file()) {
                (true, _) => 'd',
                (_, true) => '-',
                _ => '?',
            };
            let mode = data.permissions().mode();
            let flags: String = (0..9)
                .map(|bit| match mode & (0o400 >> bit) {
                    0 => '-',
                    _ => ['r', 'w', 'x'][bit % 3],
                })
                .collect();
            let gains = if mode & 0o7000 == 0 { "" } else { " gains" };
            let name = path.strip_prefix(folder).unwrap().display();
            found.push(format!("{name} {kind}{flags}{gains}"));
            if data.is_dir() {
                left.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Lays the file system out as the recipe does.
fn laid_out(folder: &Folder) -> std::path::PathBuf {
    let image = folder.path().join("image");
    let certificates = Authority::new("ours").file(folder, "certificates.pem");
    let made = Command::new(root().join("deploy/container/root"))
        .arg(binary().get_program())
        .args([&certificates, &image])
        .status();
    assert!(made.unwrap().success());
    image
}

#[test]
fn the_image_holds_the_binary_and_nothing_else() {
    let folder = Folder::new();
    let image = laid_out(&folder);
    assert_eq!(walk(&image), WALKED);
    let packed = image.join("usr/local/bin/standing");
    let output = Command::new(packed).arg("--version").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    // What the recipe copies is what was walked.
    let recipe = fs::read_to_string(root().join("deploy/container/Containerfile")).unwrap();
    let (build, last) = recipe.rsplit_once("\nFROM ").unwrap();
    assert!(build.contains("deploy/container/root target/release/standing"));
    let copied: Vec<&str> = last
        .lines()
        .filter(|line| line.starts_with("COPY") || line.starts_with("ADD"))
        .collect();
    assert_eq!(copied, ["COPY --from=build /image /"]);
}

#[test]
fn what_must_not_be_in_an_image_is_found() {
    let folder = Folder::new();
    let image = laid_out(&folder);
    fs::write(image.join("usr/local/bin/sh"), "").unwrap();
    let standing = image.join("usr/local/bin/standing");
    fs::set_permissions(&standing, fs::Permissions::from_mode(0o4755)).unwrap();
    let found = walk(&image);
    let strange: Vec<_> = found
        .iter()
        .filter(|line| !WALKED.contains(&&***line))
        .collect();
    assert_eq!(
        strange,
        [
            "usr/local/bin/sh -rw-r--r--",
            "usr/local/bin/standing -rwxr-xr-x gains"
        ]
    );
}

/// Where the image can be built, it is, and what comes of it is walked: with `STANDING_LONG=1`, for
/// it compiles everything anew.
#[test]
fn an_image_that_was_built_holds_the_same() {
    let builders = ["podman", "docker"].into_iter();
    // A command alone does not build: something has to answer it.
    let mut builders = builders.filter(|name| {
        let asked = Command::new(name).arg("info").output();
        asked.is_ok_and(|output| output.status.success())
    });
    let (Some(builder), Ok(_)) = (builders.next(), env::var("STANDING_LONG")) else {
        // What it would be built of is walked by the test above.
        return;
    };
    let run = |args: &[&str]| {
        let output = Command::new(builder)
            .args(args)
            .current_dir(root())
            .output();
        let output = output.unwrap();
        assert!(output.status.success(), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let (recipe, tag) = ("deploy/container/Containerfile", "standing-walked");
    run(&["build", "--file", recipe, "--tag", tag, "."]);
    let container = run(&["create", tag]);
    let folder = Folder::new();
    let [archive, image] = ["image.tar", "image"].map(|name| folder.path().join(name));
    run(&["export", "--output", archive.to_str().unwrap(), &container]);
    run(&["rm", &container]);
    fs::create_dir(&image).unwrap();
    let mut tar = Command::new("tar");
    tar.arg("--extract")
        .arg("--file")
        .arg(&archive)
        .arg("--directory")
        .arg(&image);
    assert!(tar.status().unwrap().success());
    let found = walk(&image).into_iter();
    let of_the_image = found.filter(|line| {
        let (name, _) = line.split_once(' ').unwrap();
        !OF_A_CONTAINER
            .iter()
            .any(|known| name == *known || name.starts_with(&format!("{known}/")))
    });
    assert_eq!(of_the_image.collect::<Vec<_>>(), WALKED);
}
