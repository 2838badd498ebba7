"""Speaks utterances of a grammar with flite and espeak-ng: voices.py GRAMMAR SEED COUNT OUT.npz.

GRAMMAR is `phrases` or `calls`. The test voices (flite rms; espeak-ng f5 m7 m8 travis victor rob marcelo steph3 iven4
klatt4) are never used. Clips are 8 kHz, 16 bit, trimmed.
"""

import importlib
import random
import subprocess
import sys
import tempfile
import wave

import numpy as np

import calls

FLITE = {"kal16": 105, "awb": 125, "slt": 170}
ESPEAK = (
    "Alex Alicia Andrea Andy Annie Denis Diogo Gene Gene2 Henrique Hugo Jacky Lee Marco Mario Michael Mike adam anika antonio "
    "aunty belinda benjamin boris caleb david ed edward edward2 f1 f2 f3 f4 grandma iven iven2 iven3 john klatt klatt2 klatt3 "
    "linda m1 m2 m3 m4 m5 m6 max michel miguel norbert pablo paul pedro quincy robert sandro shelby steph steph2 zac"
).split()
ACCENT = ["en-us", "en-us", "en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-029"]
RATE = 8000
LONGEST = 9 * RATE


def resample(x, rate):
    """To 8 kHz in the frequency domain, with a softened band edge."""
    n, m = len(x), int(round(len(x) * RATE / rate))
    spectrum = np.fft.rfft(x)
    k = m // 2 + 1
    out = spectrum[:k].copy() if k <= len(spectrum) else np.pad(spectrum, (0, k - len(spectrum)))
    edge = int(k * 0.97)
    out[edge:] *= np.linspace(1, 0, k - edge)
    return np.fft.irfft(out, m) * (m / n)


def trim(x, threshold=0.01):
    loud = np.where(np.abs(x) > threshold * np.abs(x).max())[0]
    return x[max(0, loud[0] - 160) : loud[-1] + 400] if len(loud) else x


def voice():
    """A function that speaks one text into a file, always with the same voice, speed and pitch."""
    if random.random() < 0.3:
        name = random.choice(list(FLITE))
        stretch = random.uniform(0.75, 1.3)
        pitch = FLITE[name] * random.uniform(0.85, 1.2)
        flags = ["--setf", f"duration_stretch={stretch:.2f}", "--setf", f"int_f0_target_mean={pitch:.0f}"]
        return lambda text, path: ["flite", "-voice", name, *flags, "-t", text, "-o", path]
    name = random.choice(ACCENT) + "+" + random.choice(ESPEAK)
    flags = ["-s", str(random.randint(125, 200)), "-p", str(random.randint(25, 75))]
    return lambda text, path: ["espeak-ng", "-v", name, *flags, "-w", path, text.replace("xray", "x ray")]


def speak(command, path):
    """Runs the synthesiser and reads its file; None when it made nothing."""
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=20, check=True)
    with wave.open(path) as f:
        rate = f.getframerate()
        x = np.frombuffer(f.readframes(f.getnframes()), np.int16).astype(np.float64) / 32768
    if len(x) < rate * 0.1 or not np.abs(x).max():
        return None
    return trim(resample(x, rate))


def utterance(text, path):
    """The clip of a text with marks: one voice, 0.15 to 0.6 s of silence at each "|"."""
    command, out = voice(), []
    for piece in text.split("|"):
        x = speak(command(piece.strip(" ,"), path), path)
        if x is None:
            return None
        if out:
            out.append(np.zeros(int(random.uniform(0.15, 0.6) * RATE)))
        out.append(x / np.abs(x).max() * random.uniform(0.8, 1.0))
    x = np.concatenate(out)
    return x / np.abs(x).max() * 0.5


def main(grammar, seed, count, out):
    random.seed(seed)
    source = importlib.import_module(grammar)
    clips, texts = [], []
    with tempfile.NamedTemporaryFile(suffix=".wav") as f:
        while len(clips) < count:
            text = source.gen()
            try:
                x = utterance(text, f.name)
            except (subprocess.SubprocessError, EOFError, wave.Error):
                continue
            if x is None or len(x) > LONGEST:
                continue
            clips.append((x * 32767).astype(np.int16))
            texts.append(calls.label(text))
    ends = np.cumsum([0] + [len(c) for c in clips])
    np.savez(out, audio=np.concatenate(clips), off=ends, txt=np.array(texts))
    print(f"{out}: {count} utterances, {ends[-1] / RATE / 3600:.2f} h")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
