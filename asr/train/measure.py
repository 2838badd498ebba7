"""Makes the test clips and scores what the engine hears in them.

measure.py make FOLDER DIGITS NOISE             writes clips and FOLDER/list.tsv (needs espeak-ng and flite)
measure.py score FOLDER HEARD.tsv ...           one table of what `hear MODEL FOLDER/*.wav > HEARD.tsv` printed for each model

Clips are telephone-like: 8 kHz, mu-law and back, -6 dB peak, 300 ms before and 200 ms after. The voices
f5, m7, victor and rms are in no training, nor is the held-out speaker in the fine-tuning.
"""

import glob
import os
import random
import sys
import wave

import numpy as np

import clips
import phrases
import voices

UNSEEN = ["en-us+m7", "en-us+victor", "en-us+f5", "flite rms"]
SEEN = ["en-us+m1", "flite slt", "en-us+linda", "en-us+f2"]
HELD = "yweweler"
COMMON = (
    "yes|no|agent|operator|representative|hello|where is my order|i want to speak to a person|let me talk to an agent|talk to a human|"
    "yes that's right|no that's wrong|that's correct|i want to check my order status|track my order please|yes please|"
    "when will my order arrive|i want to return my headphones|what is the status of my order|i need some help with a return"
).split("|")
MORE = (
    "repeat that|no thanks|goodbye|thank you goodbye|i don't know|where's my package|can i speak to a person|start over|"
    "no that's not right|yeah that's right|i don't have the number|that's all thank you|the second part|the last four|"
    "no wait|an agent please"
).split("|")
# Name, text (D is a digit, "|" a pause of 0.3 s), clips for each voice.
FORMS = [
    ("4 digits", "D D D D", 3),
    ("8 digits, comma", "D D D D,D D D D", 4),
    ("8 digits, pause", "D D D D|D D D D", 4),
    ("8 digits, no pause", "D D D D D D D D", 2),
    ("my order number is 8", "my order number is D D D D,D D D D", 3),
    ("no the second part is 4", "no the second part is D D D D", 4),
    ("the first part is 4", "the first part is D D D D", 2),
    ("no the last four are 4", "no the last four are D D D D", 2),
    ("no i said 4", "no i said D D D D", 3),
    ("no it's 4", "no it's D D D D", 3),
    ("i meant 4", "i meant D D D D", 2),
    ("no, pause, 4", "no|D D D D", 2),
    ("the last digit is 1", "the last digit is D", 2),
    ("not 1 1", "not D D", 1),
]
RATE = voices.RATE


def spell(form):
    return "".join(random.choice(phrases.D) if c == "D" else c for c in form)


def spoken(text, voice, path):
    if voice.startswith("flite "):
        command = lambda t: ["flite", "-voice", voice[6:], "-t", t, "-o", path]
    else:
        command = lambda t: ["espeak-ng", "-v", voice, "-s", "150", "-w", path, t]
    out = []
    for piece in text.split("|"):
        x = voices.speak(command(piece), path)
        out += [np.zeros(int(0.3 * RATE))] if out else []
        out.append(x / np.abs(x).max())
    return np.concatenate(out)


def telephone(x):
    x = clips.mulaw(x / (np.abs(x).max() + 1e-9) * 0.5)
    return np.pad(x, (int(0.3 * RATE), int(0.2 * RATE)))


class Folder:
    def __init__(self, path):
        self.path, self.rows = path, []
        os.makedirs(path, exist_ok=True)

    def add(self, group, text, x):
        name = f"{len(self.rows):04}.wav"
        with wave.open(os.path.join(self.path, name), "wb") as f:
            f.setparams((1, 2, RATE, 0, "NONE", ""))
            f.writeframes((np.clip(x, -1, 1) * 32767).astype("<i2").tobytes())
        self.rows.append((name, group, " ".join(text.replace(",", " ").replace("|", " ").split())))

    def close(self):
        with open(os.path.join(self.path, "list.tsv"), "w") as f:
            f.writelines("\t".join(row) + "\n" for row in self.rows)


def people(folder, digit_folder):
    """One digit, and eight with a pause in the middle, from takes that no training uses."""
    takes = {}
    for path in sorted(glob.glob(digit_folder + "/*/*.wav")):
        digit, take = map(int, os.path.basename(path)[:-4].split("_"))
        if take < clips.TEST_TAKES:
            x = clips.trim(clips.read(path))
            takes.setdefault(os.path.basename(os.path.dirname(path)), []).append((digit, x / np.abs(x).max()))
    for person, said in takes.items():
        kind = "held-out speaker" if person == HELD else "seen speakers"
        for digit, x in random.sample(said, 50 if person == HELD else 15):
            folder.add(f"human digit, {kind}", phrases.D[digit], telephone(x))
        for _ in range(16 if person == HELD else 6):
            chosen = [random.choice(said) for _ in range(8)]
            parts = []
            for i, (_, x) in enumerate(chosen):
                parts += [x, np.zeros(int((0.3 if i == 3 else 0.08) * RATE))]
            text = " ".join(phrases.D[digit] for digit, _ in chosen)
            folder.add(f"human 8 digits, {kind}", text, telephone(np.concatenate(parts[:-1])))


def nothing(folder, noise_folder):
    t = np.arange(3 * RATE) / RATE
    ring = np.sin(880 * np.pi * t) + np.sin(960 * np.pi * t)
    for x in (ring, ring * (t % 1 < 0.5), np.sin(850 * np.pi * t), np.sin(700 * np.pi * t) + np.sin(880 * np.pi * t)):
        folder.add("no speech", "", telephone(x))
    for level in (0.0, 0.0005, 0.002, 0.01, 0.05, 0.2):
        for size in (1, 3):
            folder.add("no speech", "", level * np.random.randn(size * RATE))
    for path in sorted(glob.glob(noise_folder + "/*/*.wav")):
        folder.add("no speech", "", telephone(np.resize(clips.read(path), 3 * RATE)))


def make(out, digit_folder, noise_folder):
    random.seed(4242)
    np.random.seed(4242)
    folder, temporary = Folder(out), os.path.join(out, "voice.tmp")
    for group, form, count in FORMS:
        for voice in UNSEEN + SEEN:
            for _ in range(count):
                text = spell(form)
                who = "unseen" if voice in UNSEEN else "seen"
                folder.add(f"{group}; {who}", text, telephone(spoken(text, voice, temporary)))
    for voice in UNSEEN + SEEN[:1]:
        for text in COMMON:
            folder.add("20 common sentences", text, telephone(spoken(text, voice, temporary)))
    for voice in UNSEEN:
        for text in MORE:
            folder.add("16 further sentences", text, telephone(spoken(text, voice, temporary)))
        for _ in range(20):
            text = phrases.gen()
            folder.add("general sentences, unseen voices", text, telephone(spoken(text, voice, temporary)))
    people(folder, digit_folder)
    nothing(folder, noise_folder)
    folder.close()
    os.unlink(temporary)


def errors(reference, heard):
    reference, heard = reference.split(), heard.split()
    row = list(range(len(heard) + 1))
    for i, a in enumerate(reference, 1):
        before, row[0] = row[:], i
        for j, b in enumerate(heard, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
    return row[-1], len(reference)


def score(folder, outputs):
    with open(os.path.join(folder, "list.tsv")) as f:
        rows = [line.rstrip("\n").split("\t") for line in f]
    table = {}
    for output in outputs:
        with open(output, errors="replace") as f:
            lines = [line.rstrip("\n").split("\t") for line in f]
        # What the guard held back counts as nothing heard.
        heard = {os.path.basename(p[0]): "" if p[-1].startswith("!") else p[-1] for p in lines if len(p) > 3}
        for name, group, text in rows:
            if name in heard:
                got = heard[name].replace("oh", "zero") if "zero" in text else heard[name]
                wrong, words = errors(text, got)
                entry = table.setdefault((output, group), [0, 0, 0, 0])
                for i, value in enumerate((text == got, 1, wrong, words)):
                    entry[i] += value
    groups = [g for g in dict.fromkeys(g for _, g, _ in rows) if all((o, g) in table for o in outputs)]
    print("| set | " + " | ".join(os.path.basename(m) for m in outputs) + " |")
    for group in groups:
        cells = []
        for output in outputs:
            right, all_, wrong, words = table[output, group]
            cells.append(f"{right}/{all_}" + (f", {100 * wrong / words:.1f} %" if words else ""))
        print(f"| {group} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(*sys.argv[2:5])
    else:
        score(sys.argv[2], sys.argv[3:])
