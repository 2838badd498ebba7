"""Prints what the torch network hears: heard.py MODEL.bin FILE.wav ... (8 kHz). For comparing it with the engine."""

import sys
import wave

import numpy as np

import ggml
import net


def read(path):
    with wave.open(path) as f:
        return np.frombuffer(f.readframes(f.getnframes()), np.int16).astype(np.float32) / 32768


if __name__ == "__main__":
    model = net.Whisper(ggml.Model(sys.argv[1])).eval()
    for path in sys.argv[2:]:
        print(path, model.greedy(read(path)), sep="\t")
