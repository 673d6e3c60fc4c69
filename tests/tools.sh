# Finds or installs what the tests need beside Rust, inside the clone, in target/tools/.
# Sourced by tests/run and .ci/run from the root of the clone. Sets and exports
#   STANDING_TOOLS_PYTHON  a Python with grpcio, grpcio-reflection and protobuf
#   STANDING_TOOLS_BUF     the buf command
# The versions stand in tests/requirements.txt.
# shellcheck shell=bash

tools_dir="$PWD/target/tools"
tools_python="$tools_dir/python/bin/python"
tools_stamp="$tools_dir/python/requirements.txt"

tools_fail() {
    printf 'tests/tools.sh: %s\n' "$@" >&2
    exit 1
}

# The stamp is written last, so an interrupted installation is not taken for a finished one.
tools_ready() {
    cmp -s tests/requirements.txt "$tools_stamp" && "$tools_python" -c 'import grpc' 2>/dev/null
}

tools_install() {
    command -v python3 >/dev/null ||
        tools_fail 'python3 is not on the PATH. Install Python 3.10 or newer.'
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
        tools_fail "$(python3 --version) is too old. Install Python 3.10 or newer."
    # Debian and Ubuntu split venv's installer off into a package of its own.
    python3 -c 'import ensurepip, venv' 2>/dev/null ||
        tools_fail 'this python3 cannot make a virtual environment: its ensurepip module is missing.' \
            'On Debian and Ubuntu: apt install python3-venv. Elsewhere: install the full Python 3.'

    echo "Installing $(grep -c '==' tests/requirements.txt) pinned Python packages into target/tools ..."
    rm -rf "$tools_dir/python"
    python3 -m venv "$tools_dir/python"
    # Only wheels: a package without one for this machine would need a C++ compiler and an hour.
    "$tools_python" -m pip install --quiet --disable-pip-version-check --no-input --no-cache-dir \
        --only-binary :all: --requirement tests/requirements.txt ||
        tools_fail 'pip could not install tests/requirements.txt; its message stands above.'
    cp tests/requirements.txt "$tools_stamp"
}

tools_ready || tools_install

export STANDING_TOOLS_PYTHON="$tools_python"
export STANDING_TOOLS_BUF="$tools_dir/python/bin/buf"
# buf keeps its cache in the home directory unless told otherwise.
export BUF_CACHE_DIR="$tools_dir/buf-cache"
