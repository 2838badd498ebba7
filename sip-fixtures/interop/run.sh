#!/bin/sh
# Calls a SIP server with two phones that are not ours, SIPp and baresip, and checks that audio
# comes back to each. Prints one line a check and ends with 1 when one fails.
#
#   run.sh [HOST:PORT [USER]]        default 127.0.0.1:5060 shop
#
# Needs sipp, baresip, sox and tshark, and the right to capture on loopback (root, or a member of
# the group that may run dumpcap). HOST is an IPv4 address of this machine.
set -u
target=${1:-127.0.0.1:5060}
user=${2:-shop}
host=${target%:*}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
failed=0

# Ports of the phones; OPTIONS for other tests on the same machine.
sipp_port=${SIPP_PORT:-5093}
baresip_port=${BARESIP_PORT:-5083}
# How long each call lasts.
seconds=${SECONDS_PER_CALL:-8}
# A recording below this root mean square (-46 dBFS) holds no prompt.
least_rms=0.005

capture=
stop() {
    [ -n "$capture" ] && kill "$capture" 2>/dev/null
    rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT TERM

pass() { printf 'ok    %s\n' "$1"; }
fail() {
    printf 'FAIL  %s\n' "$1"
    failed=1
}

# rms FILE [SOX INPUT OPTIONS]: root mean square, 0 for what cannot be read.
rms() {
    file=$1
    shift
    sox "$@" "$file" -n stat 2>&1 | awk '/RMS.*amplitude/ { rms = $3 } END { print rms ~ /^[0-9.]+$/ ? rms : 0 }'
}

check_audio() { # NAME RMS
    if awk "BEGIN { exit !($2 > $least_rms) }"; then
        pass "$1: audio came back (RMS $2)"
    else
        fail "$1: only silence came back (RMS $2, at least $least_rms is speech)"
    fi
}

for tool in sipp baresip sox tshark; do
    command -v "$tool" >/dev/null || {
        fail "$tool is not installed"
        exit 1
    }
done

call_with_sipp() {
    sox -D "$here/../audio/where_is_my_order.wav" -t raw -r 8000 -e mu-law "$work/prompt.ulaw" pad 3 30
    tshark -q -i lo -f "udp and host $host" -w "$work/sipp.pcap" >"$work/tshark.log" 2>&1 &
    capture=$!
    # The capture says when it has begun; a second is plenty on an idle machine.
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        [ -s "$work/sipp.pcap" ] && break
        sleep 0.25
    done
    if ! [ -s "$work/sipp.pcap" ]; then
        fail "sipp: cannot capture on loopback: $(tail -1 "$work/tshark.log")"
        return
    fi
    if (cd "$work" && sipp -sf "$here/uac.xml" -s "$user" "$target" -i "$host" -mi "$host" \
        -p "$sipp_port" -d "$((seconds * 1000))" -m 1 -nostdin -trace_err -error_file sipp.err \
        -timeout "$((seconds + 20))s" -timeout_error) >"$work/sipp.log" 2>&1; then
        pass "sipp: the call was answered, held for $seconds s and ended"
    else
        fail "sipp: the call failed: $(tail -3 "$work/sipp.err" 2>/dev/null | tr '\n' ' ')"
        return
    fi
    kill -INT "$capture"
    wait "$capture" 2>/dev/null
    capture=
    port=$(tshark -r "$work/sipp.pcap" -Y "sip.Method == INVITE && udp.srcport == $sipp_port" \
        -T fields -e sdp.media.port 2>/dev/null | head -1)
    if [ -z "$port" ]; then
        fail "sipp: no INVITE was seen on the wire"
        return
    fi
    tshark -r "$work/sipp.pcap" -d "udp.port==$port,rtp" -Y "udp.dstport == $port && rtp.p_type == 0" \
        -T fields -e rtp.payload 2>/dev/null | tr -d ':\n' | xxd -r -p >"$work/back.ulaw"
    packets=$(($(wc -c <"$work/back.ulaw") / 160))
    # Half of what the call's time holds: the answer and the end take their part.
    if [ "$packets" -ge $((seconds * 25)) ]; then
        pass "sipp: $packets RTP packets came back"
    else
        fail "sipp: only $packets RTP packets came back in $seconds s"
    fi
    check_audio sipp "$(rms "$work/back.ulaw" -t raw -r 8000 -c 1 -e mu-law)"
}

call_with_baresip() {
    mkdir -p "$work/baresip/rec"
    sox -D "$here/../audio/where_is_my_order.wav" -r 8000 -c 1 "$work/baresip/prompt.wav" pad 3 30
    modules=/usr/lib/baresip/modules
    [ -d "$modules" ] || modules=$(find /usr -type d -path '*baresip/modules' 2>/dev/null | head -1)
    cat >"$work/baresip/config" <<CONFIG
sip_listen $host:$baresip_port
net_interface $host
audio_source aufile,$work/baresip/prompt.wav
audio_player aufile,none
audio_alert aufile,none
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
snd_path $work/baresip/rec
module_path $modules
module g711.so
module aufile.so
module sndfile.so
module_app account.so
module_app menu.so
CONFIG
    printf '<sip:interop@%s:%s>;regint=0;audio_codecs=PCMU/8000/1\n' "$host" "$baresip_port" \
        >"$work/baresip/accounts"
    : >"$work/baresip/contacts"
    baresip -f "$work/baresip" -e "/dial sip:$user@$target" -t "$((seconds + 2))" \
        >"$work/baresip.log" 2>&1
    if grep -q "Call established" "$work/baresip.log"; then
        pass "baresip: the call was answered"
    else
        fail "baresip: the call was not answered: $(tail -3 "$work/baresip.log" | tr '\n' ' ')"
        return
    fi
    heard=$(find "$work/baresip/rec" -name '*-dec.wav' | head -1)
    if [ -z "$heard" ]; then
        fail "baresip: it recorded nothing"
        return
    fi
    check_audio baresip "$(rms "$heard")"
}

call_with_sipp
call_with_baresip
[ "$failed" -eq 0 ] && echo "interop: both phones heard the server"
exit "$failed"
