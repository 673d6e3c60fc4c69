# Finds a command of cargo on the PATH, in whichever version, or installs it in the version that is asked for, inside the clone,
# in target/tools/. Sourced from the root of the clone.
#   cargo_tool NAME VERSION   prints where it is
# shellcheck shell=bash

cargo_tool() {
    local name="$1" version="$2" path
    path="$(command -v "$name" || true)"
    if [ -z "$path" ]; then
        path="$PWD/target/tools/bin/$name"
        # What is installed lies in a file of cargo's own, so that nothing has to be asked.
        if [ ! -x "$path" ] || ! grep -qF "\"$name $version " target/tools/.crates.toml 2>/dev/null; then
            # Only its answer matters, not its speed: an unoptimised build takes half the time, and one that nobody debugs less.
            CARGO_PROFILE_DEV_DEBUG=false cargo install --quiet --locked --force --debug --version "$version" "$name" \
                --root target/tools --target-dir target/tools/build >&2 || return 1
            rm -rf target/tools/build
        fi
    fi
    printf '%s\n' "$path"
}
