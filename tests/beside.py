#!/usr/bin/env python3
"""Runs every test of the workspace. The tests of the streams, which wait for most of their time, run
beside all others; what they print comes at the end.

`cargo test` runs one test program after the other, and to leave some out or run some alone would
have cargo build dependencies anew with other features. So cargo builds and lists them, once, and
this starts them as cargo would: in the folder of their package.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

BESIDE = "standing-stream"


def programs():
    """Builds the test programs, and yields of each the package's folder and the program."""
    command = ["cargo", "test", "--workspace", "--no-run"]
    command.append("--message-format=json-render-diagnostics")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as cargo:
        for line in cargo.stdout:
            said = json.loads(line)
            if said.get("reason") == "compiler-artifact" and said["profile"]["test"]:
                yield Path(said["manifest_path"]).parent, said["executable"]
    if cargo.returncode:
        sys.exit(cargo.returncode)


def start(folder, program, **where):
    environment = {**os.environ, "CARGO_MANIFEST_DIR": str(folder)}
    return subprocess.Popen([program], cwd=folder, env=environment, **where)


def is_beside(folder):
    return f'name = "{BESIDE}"' in (folder / "Cargo.toml").read_text(encoding="utf-8")


def main():
    found = sorted(programs())
    beside = [of for of in found if is_beside(of[0])]
    if not beside:
        sys.exit(f"{BESIDE} has no tests")
    failed = []
    with tempfile.TemporaryFile() as told:
        waiting = [(of, start(*of, stdout=told, stderr=told)) for of in beside]
        for folder, program in (of for of in found if of not in beside):
            print(f"\n     Running {folder.name}: {Path(program).name}", flush=True)
            if start(folder, program).wait():
                failed.append(program)
        for (_, program), running in waiting:
            if running.wait():
                failed.append(program)
        print(f"\n     Beside them: {BESIDE}", flush=True)
        told.seek(0)
        sys.stdout.buffer.write(told.read())
        sys.stdout.flush()
    if failed:
        sys.exit("failed: " + ", ".join(Path(program).name for program in failed))


if __name__ == "__main__":
    main()
