#!/bin/sh
# Starts a server on free ports and calls it with the phones of run.sh.
#
#   with-server.sh PROGRAM        PROGRAM is the server's program, target/release/sidetone
set -eu
program=${1:?usage: with-server.sh PROGRAM}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
server=
stop() {
    [ -n "$server" ] && kill "$server" 2>/dev/null && wait "$server" 2>/dev/null
    rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT TERM

address=127.0.0.1:${SIP_PORT:-5098}
cat >"$work/sidetone.toml" <<TOML
[sip]
bind = "$address"
[media]
rtp_ports = "36000-36199"
[log]
level = "warn"
[store]
path = "$work/sidetone.db"
recordings = "$work/recordings"
TOML
mkfifo "$work/out"
"$program" --config "$work/sidetone.toml" serve >"$work/out" &
server=$!
# The first line comes once SIP is heard; an end without it means that the start failed.
exec 3<"$work/out"
read -r line <&3 || { echo "the server did not come up" >&2; exit 1; }
echo "$line"
"$here/run.sh" "$address" shop
