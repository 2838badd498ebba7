"""Averages models of one layout and vocabulary: mean.py OUT.bin WEIGHT:MODEL.bin ..."""

import sys

import numpy as np

import ggml


def main(out, *parts):
    parts = [(float(weight), ggml.Model(path)) for weight, path in (part.split(":", 1) for part in parts)]
    first, total = parts[0][1], sum(weight for weight, _ in parts)
    mean = {name: sum(weight * model.weights[name] for weight, model in parts) / total for name in first.weights}
    unused = np.ones(len(mean[ggml.EMBEDDING]), bool)
    unused[first.trained_rows()[0]] = False
    mean[ggml.EMBEDDING][unused] = mean[ggml.EMBEDDING][unused.argmax()]
    first.write(out, mean)


if __name__ == "__main__":
    main(*sys.argv[1:])
