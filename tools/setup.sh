#!/bin/sh
# Installs the named Debian packages that are missing. Says what to do where it may not.
set -eu

if ! command -v cargo >/dev/null 2>&1; then
    echo "setup: no Rust toolchain: install Rust 1.94 or newer, then run this again" >&2
    exit 1
fi

missing=""
for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "setup: this is not a Debian system: install what these packages hold:$missing" >&2
    exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
    root=""
elif command -v sudo >/dev/null 2>&1; then
    root="sudo"
else
    echo "setup: run as root: apt-get install$missing" >&2
    exit 1
fi
echo "setup: installing$missing"
$root apt-get update -qq
# shellcheck disable=SC2086 # a list of words on purpose
DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends $missing >/dev/null
