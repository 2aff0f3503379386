# shellcheck shell=bash
# What every script here shares: how they speak, become root, and find the project.
# Sourced, never run. Sets $project (the checkout's folder) and $script (the caller's name).

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
script=$(basename "$0")
export project script

# One line about what happens now; everything the scripts say goes to stderr, so that stdout
# stays free for answers.
say() { printf '%s: %s\n' "$script" "$*" >&2; }
die() {
    printf '%s: error: %s\n' "$script" "$*" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command as root: directly, or through sudo for everyone else.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif have sudo; then
        sudo "$@"
    else
        die "needs root for: $* (no sudo here; run it as root)"
    fi
}

# Is this package, or one of the alternatives in `a|b`, installed and configured?
installed() {
    local name names
    IFS='|' read -ra names <<<"$1"
    for name in "${names[@]}"; do
        if [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ]; then
            return 0
        fi
    done
    return 1
}

# Installs the packages among the arguments that are missing, and nothing when none is: no apt
# call at all then. Of alternatives `a|b` the first. Daemons that the packages bring are not
# started, since the project runs its own (a system nginx would take port 80):
# /usr/sbin/policy-rc.d says no while apt runs; an existing one is left alone.
apt_install() {
    local package missing=() policy=/usr/sbin/policy-rc.d ours=no code=0
    for package in "$@"; do
        installed "$package" || missing+=("${package%%|*}")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    have apt-get || die "this is not Debian; install by hand: ${missing[*]}"
    say "installing with apt: ${missing[*]}"
    if [ ! -e "$policy" ]; then
        say "$policy keeps the new packages' daemons from starting; it is removed again afterwards"
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
        ours=yes
    fi
    apt_get update -qq || say "apt-get update failed; trying with the lists that are there"
    apt_get install -y -qq --no-install-recommends "${missing[@]}" || code=$?
    if [ "$ours" = yes ]; then
        as_root rm -f "$policy"
    fi
    [ "$code" -eq 0 ] || die "apt could not install: ${missing[*]}"
}

# Runs a command and shows what it said only when it fails.
quietly() {
    local output code=0
    output=$("$@" 2>&1 </dev/null) || code=$?
    if [ "$code" -ne 0 ]; then
        printf '%s\n' "$output" >&2
    fi
    return "$code"
}

# apt without questions.
apt_get() {
    quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get \
        -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@"
}

# Where the Docker Engine is to be found, as the docker client would see it.
engine_host() {
    if [ -n "${DOCKER_HOST:-}" ]; then
        printf '%s\n' "$DOCKER_HOST"
    elif have docker && docker context inspect -f '{{.Endpoints.docker.Host}}' 2>/dev/null; then
        :
    else
        printf 'unix:///var/run/docker.sock\n'
    fi
}

# engine_curl PATH [CURL ARGUMENT…]: one request to the Engine's HTTP API. ssh:// engines have no
# address that curl could ask, so the answer comes from nobody and the call fails.
engine_curl() {
    local host path=$1
    shift
    host=$(engine_host)
    case $host in
    unix://*) curl -sS --noproxy '*' --unix-socket "${host#unix://}" "$@" "http://docker$path" ;;
    tcp://*)
        if [ -n "${DOCKER_TLS_VERIFY:-}" ]; then
            local certs=${DOCKER_CERT_PATH:-$HOME/.docker}
            curl -sS --noproxy '*' --cacert "$certs/ca.pem" --cert "$certs/cert.pem" \
                --key "$certs/key.pem" "$@" "https://${host#tcp://}$path"
        else
            curl -sS --noproxy '*' "$@" "http://${host#tcp://}$path"
        fi
        ;;
    *) return 1 ;;
    esac
}

# engine_answers SECONDS: does it, within so long?
# engine_answers SECONDS: does it, within so long?
engine_answers() {
    [ "$(engine_curl /_ping --fail --max-time "$1" 2>/dev/null)" = OK ]
}

# Does the engine hold this image?
engine_has_image() {
    engine_curl "/images/$1/json" --fail --max-time 10 --output /dev/null 2>/dev/null
}

# wait_for SECONDS WHAT COMMAND…: runs the command until it succeeds, at most so long.
wait_for() {
    local deadline=$((SECONDS + $1)) what=$2
    shift 2
    until "$@"; do
        if [ "$SECONDS" -ge "$deadline" ]; then
            say "gave up waiting for $what"
            return 1
        fi
        sleep 0.1
    done
}
