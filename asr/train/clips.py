"""Training clips: synthetic shards, human digits, prompts, noises; and what a telephone line does to them."""

import glob
import gzip
import math
import os
import random
import re
import wave

import numpy as np

from phrases import D

RATE = 8000
LONGEST = 9 * RATE
TEST_TAKES = 5


def read(path):
    """A mono 16 bit file as 8 kHz (16 kHz files are halved in the frequency domain)."""
    with wave.open(path) as f:
        rate, x = f.getframerate(), np.frombuffer(f.readframes(f.getnframes()), np.int16)
    if rate == RATE:
        return x
    n = len(x) * RATE // rate
    return np.fft.irfft(np.fft.rfft(x)[: n // 2 + 1], n) * (n / len(x))


def trim(x, threshold=0.02):
    loud = np.where(np.abs(x) > threshold * np.abs(x).max())[0]
    return x[max(0, loud[0] - 160) : loud[-1] + 400] if len(loud) else x


def words(text):
    text = re.sub(r"\[.*?\]", " ", text.lower()).replace("’", "'")
    text = re.sub(r"\d", lambda m: f" {D[int(m.group())]} ", text)
    return " ".join(re.sub(r"[^a-z' ]", " ", text).split())


def prompts(folder):
    """(clip, text) of the Asterisk prompts under `folder`, nine of ten; the tenth is left for tests.

    Prompts of silence and beeps are left out: the model would learn to write "one second of silence" for noise."""
    out, texts = [], {}
    files = {p.split("/en_US_f_Allison/")[1][:-4]: p for p in glob.glob(folder + "/**/*.wav", recursive=True)}
    (listing,) = glob.glob(folder + "/**/core-sounds-en.txt.gz", recursive=True)
    for line in gzip.open(listing, "rt", errors="ignore"):
        key, _, text = line.partition(":")
        if text and not line.startswith(";") and "[" not in text:
            texts[key.strip()] = words(text)
    known = [(k, t) for k, t in sorted(texts.items()) if t]
    for i, (key, text) in enumerate(known):
        if key in files and i % 10 != 3 and not key.startswith(("silence/", "beep")):
            clip = read(files[key])
            if len(clip) <= 8 * RATE:
                out.append((clip, text))
    return out


def digits(folder, held):
    """Human digits by speaker as (digit, clip), without the held-out speaker and the test takes."""
    out = {}
    for path in sorted(glob.glob(folder + "/*/*.wav")):
        speaker = os.path.basename(os.path.dirname(path))
        digit, take = map(int, os.path.basename(path)[:-4].split("_"))
        if speaker != held and take >= TEST_TAKES:
            out.setdefault(speaker, []).append((digit, trim(read(path))))
    return out


class Source:
    """Draws utterances; the shards are looked for again from time to time, as they may still be growing."""

    def __init__(self, shards, digit_folder, prompt_folder, noise_folder, held):
        self.folder, self.seen = shards, {}
        self.people = digits(digit_folder, held)
        self.prompts = prompts(prompt_folder)
        self.noises = [read(p) for p in sorted(glob.glob(noise_folder + "/bursts/*.wav")) if "phone" not in p]
        self.refresh()

    def refresh(self):
        for path in sorted(glob.glob(self.folder + "/*.npz")):
            if path not in self.seen:
                try:
                    z = np.load(path)
                    audio, ends, texts = z["audio"], z["off"], z["txt"]
                except (OSError, ValueError, EOFError):
                    continue
                self.seen[path] = [(audio[a:b], str(t)) for a, b, t in zip(ends, ends[1:], texts)]
        self.calls = [u for p, us in self.seen.items() if "calls" in os.path.basename(p) for u in us]
        self.general = [u for p, us in self.seen.items() if "phrases" in os.path.basename(p) for u in us]

    def draw(self, no_speech):
        """An utterance; `no_speech` is the share of clips in which nobody speaks."""
        if random.random() < no_speech:
            return self.nothing(), ""
        k = random.random()
        if k < 0.13:
            return self.spoken_digits()
        if k < 0.18:
            return random.choice(self.prompts)
        return random.choice(self.general if k < 0.54 and self.general else self.calls)

    def spoken_digits(self):
        """One person's digits in a row; half of them in groups with a pause between."""
        person = random.choice(list(self.people.values()))
        count = random.choice([1, 1, 2, 3, 4, 4, 5, 6, 8, 8, 8])
        group = random.choice([0, 2, 3, 4, 4])
        gap = random.randint(1, 1400)
        parts, said = [], []
        for i in range(count):
            digit, clip = random.choice(person)
            clip = clip / (np.abs(clip.astype(np.float64)).max() + 1)
            if i:
                pause = random.uniform(0.15, 0.6) * RATE if group and i % group == 0 else random.uniform(0, gap)
                parts.append(np.zeros(int(pause)))
            parts.append(clip * random.uniform(0.8, 1.2))
            said.append(D[digit])
        return np.concatenate(parts), " ".join(said)

    def nothing(self):
        """Noise, line tones or near silence, half a second to four seconds."""
        n = random.randint(RATE // 2, 4 * RATE)
        k = random.random()
        if k < 0.55:
            return np.random.randn(n) if k < 0.35 else pink(n)
        if k < 0.75:
            noise = random.choice(self.noises)
            return np.resize(np.roll(noise, -random.randrange(len(noise))), n)
        t = np.arange(n) / RATE
        a, b = random.choice([(440, 480), (350, 440), (480, 620), (425, 425), (400, 450), (697, 1209), (852, 1477), (1400, 1400)])
        on, off = random.choice([(9, 0), (0.5, 0.5), (1, 1), (2, 4), (0.2, 0.2)])
        tone = np.sin(2 * math.pi * a * t) + np.sin(2 * math.pi * b * t)
        return tone * ((t + random.uniform(0, on)) % (on + off) < on) + 0.01 * np.random.randn(n)


def mulaw(x):
    y = np.sign(x) * np.log1p(255 * np.abs(x)) / math.log(256)
    q = np.round(y * 127) / 127
    return np.sign(q) * (np.power(256, np.abs(q)) - 1) / 255


def pink(n):
    spectrum = np.fft.rfft(np.random.randn(n))
    y = np.fft.irfft(spectrum / np.sqrt(np.arange(len(spectrum)) + 1), n)
    return y / (y.std() + 1e-9)


def echo(x):
    n = random.randint(400, 2400)
    h = np.random.randn(n) * np.exp(-np.arange(n) / (n / 6)) * random.uniform(0.02, 0.15)
    h[0] = 1
    size = 1 << (len(x) + n).bit_length()
    return np.fft.irfft(np.fft.rfft(x, size) * np.fft.rfft(h, size), size)[: len(x)]


def band(x):
    """A telephone band, with soft to steep edges."""
    f = np.fft.rfftfreq(len(x), 1 / RATE)
    low, high = random.uniform(120, 350), random.uniform(3100, 3900)
    steep = random.choice([2, 2, 4, 8, 16])
    gain = 1 / (1 + (low / np.maximum(f, 1)) ** (2 * steep)) / (1 + (f / high) ** (12 * steep))
    return np.fft.irfft(np.fft.rfft(x) * np.sqrt(gain), len(x))


def line(x, other, faint=False):
    """What a telephone line does: speed, silence around, echo, band, level, noise (`other` speech too), mu-law.

    `faint` allows levels down to -70 dB.
    Returns the clip and where its speech starts and ends, in seconds."""
    on = lambda p: random.random() < p
    x = np.asarray(x, np.float64)
    x = x / (np.abs(x).max() + 1e-6)
    if on(0.5):
        n = int(len(x) / random.uniform(0.88, 1.14))
        x = np.interp(np.linspace(0, len(x) - 1, n), np.arange(len(x)), x)
    lead, tail = random.uniform(0, 0.4), random.uniform(0.05, 0.9)
    x = np.pad(x, (int(lead * RATE), int(tail * RATE)))
    if on(0.3):
        x = echo(x)
    if on(0.5):
        x = band(x)
    x = x / (np.abs(x).max() + 1e-6) * 10 ** random.uniform(-3.5 if faint else -1.4, -0.05)
    if on(0.6):
        k, ratio = random.random(), random.uniform(6, 40)
        noise = np.random.randn(len(x)) if k < 0.3 else pink(len(x))
        if k > 0.8:
            noise, ratio = np.resize(other, len(x)) / (np.std(other) + 1e-6), max(ratio, 14)
        x = x + noise * (np.sqrt(np.mean(x**2)) + 1e-9) * 10 ** (-ratio / 20)
    if on(0.6):
        x = mulaw(np.clip(x, -1, 1))
    return x[:LONGEST].astype(np.float32), lead, len(x) / RATE - tail
