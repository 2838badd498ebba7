#!/bin/sh
# Makes the recordings that the scripted phones play: 8 kHz, mono, 16 bit, telephone band.
# Needs espeak-ng and sox. The same versions make the same files.
#
# The caller says a number in two groups with a pause between them, as people do; each group is
# then one utterance for the recogniser.
set -eu
cd "$(dirname "$0")"

caller=en-us+m1
agent=en-gb+f4
pause=0.6
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# on_the_line IN OUT: what a telephone makes of a voice.
on_the_line() {
    sox -D "$1" -r 8000 -c 1 -b 16 "$2" highpass 200 lowpass 3400 gain -n -6 pad 0.1 0.1
}

# say VOICE NAME TEXT...: one file; several texts are parted by the pause.
say() {
    voice=$1
    name=$2
    shift 2
    n=0
    for text; do
        n=$((n + 1))
        espeak-ng -v "$voice" -s 150 -w "$work/raw.wav" "$text"
        # Trim what the synthesiser adds, so that the pause is ours alone.
        sox -D "$work/raw.wav" "$work/part$n.wav" \
            silence 1 0.02 0.2% reverse silence 1 0.02 0.2% reverse pad 0 "$pause"
    done
    parts=
    i=1
    while [ "$i" -le "$n" ]; do
        parts="$parts $work/part$i.wav"
        i=$((i + 1))
    done
    # shellcheck disable=SC2086 # the names hold no spaces
    sox -D $parts "$work/whole.wav" reverse trim "$pause" reverse
    on_the_line "$work/whole.wav" "$name.wav"
}

# The demonstration call. The number has one wrong digit at first: 4412 7569 for 4412 7769.
say "$caller" where_is_my_order "where is my order"
say "$caller" number_wrong "four four one two" "seven five six nine"
say "$caller" number_right "four four one two" "seven seven six nine"
say "$caller" the_last_four "the last four" "seven seven six nine"
say "$caller" the_second_part "no, the second part is seven seven six nine"
say "$caller" i_meant "i meant seven seven six nine"
say "$caller" yes "yes"
say "$caller" no "no"
say "$caller" i_want_a_person "i want to speak to a person"
say "$caller" agent "agent"
say "$caller" to_the_agent "Hello. My parcel has not come, and I will be away tomorrow. Can you send it to my neighbour?"
say "$caller" thank_you "Thank you very much. Goodbye."

# What is not a turn.
say "$caller" uh_huh "uh huh"
sox -D -R -n -r 8000 -c 1 -b 16 cough.wav synth 0.18 brownnoise fade h 0.01 0.18 0.12 \
    highpass 300 lowpass 2500 gain -n -9 pad 0.1 0.08 repeat 1

# The human.
say "$agent" agent_greeting "Hello, you are through to a person. How can I help?"
say "$agent" agent_reply "Of course. I have changed it for you. Is there anything else?"

ls -l -- *.wav
