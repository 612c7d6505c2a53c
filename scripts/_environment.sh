# shellcheck shell=bash
# Sourced by the scripts: finds Python 3.11 or later and makes an environment with this package in it.
#
#   environment FOLDER EXTRAS [REQUIREMENT...]
#
# leaves $python, the environment's own interpreter. It does nothing when nothing has changed since.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*" >&2; }

find_python() {
    local candidate
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    say "Python 3.11 or later is needed, and none was found on the PATH."
    return 1
}

# is_root_on_debian: whether packages of the distribution can be installed here
is_root_on_debian() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

apt_updated=
apt_install() {
    [ -n "$apt_updated" ] || apt-get update -qq >/dev/null
    apt_updated=1
    ( # a server that is installed for the tests is not started as a service
        policy=/usr/sbin/policy-rc.d
        if [ ! -e "$policy" ]; then
            trap 'rm -f "$policy"' EXIT
            printf '#!/bin/sh\nexit 101\n' >"$policy"
            chmod 755 "$policy"
        fi
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
    )
}

need_venv() { # PYTHON
    "$1" -c 'import ensurepip, venv' 2>/dev/null && return # Debian keeps them in a package of their own
    if ! is_root_on_debian; then
        say "Python's venv module is not installed: apt-get install python3-venv"
        return 1
    fi
    say "Installing python3-venv with apt-get."
    apt_install python3-venv
}

environment() { # FOLDER EXTRAS [REQUIREMENT...]
    local folder=$root/$1 name=$1 extras=$2 takes="about a minute" base stamp key quietly install
    shift 2
    base=$(find_python)
    python=$folder/bin/python
    stamp=$folder/agentomatic-sql.stamp
    key=$(cat "$root/pyproject.toml" <(echo "$extras" "$@" "$root"; "$base" --version) | cksum)
    if [ -x "$python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$key" ]; then
        return
    fi
    case $extras in test* | bench*) takes="a few minutes" ;; esac
    say "Making the environment $name, once: $takes, most of it downloads."
    need_venv "$base"
    quietly=("$base" "$root/scripts/_quietly.py")
    install=("$python" -m pip install --quiet --disable-pip-version-check)
    "${quietly[@]}" "an empty environment" "$base" -m venv --clear "$folder"
    "${quietly[@]}" "the newest pip" "${install[@]}" --upgrade pip
    "${quietly[@]}" "this package and what it needs" "${install[@]}" -e "${root}[$extras]" "$@"
    echo "$key" >"$stamp"
}

# lowest_versions: NAME==VERSION for each dependency of the package and its extras, as low as pyproject.toml allows. One
# for some Pythons only is left out: typing-extensions, of which the test tools need a newer release.
lowest_versions() {
    "$(find_python)" - "$root/pyproject.toml" <<'PYTHON'
import re, sys, tomllib

with open(sys.argv[1], "rb") as file:
    project = tomllib.load(file)["project"]
extras = project["optional-dependencies"]
(every_extra,) = extras["all"]
names = re.search(r"\[(.*)]", every_extra)[1].split(",")
requirements = project["dependencies"] + [one for name in names for one in extras[name]]
bounds = [re.match(r"([\w-]+)(?:\[.*])?>=([\w.]+)", one) for one in requirements if ";" not in one]
print(*sorted({f"{bound[1]}=={bound[2]}" for bound in bounds}), sep="\n")
PYTHON
}
