"""A ggml Whisper file: read with its weights, its vocabulary and mel filters, and written back in the same layout."""

import collections
import re
import struct

import numpy as np

MAGIC = 0x67676D6C
F32, F16, Q8_0 = 0, 1, 8
BLOCK = 32
FTYPE_F16 = 1
EMBEDDING = "decoder.token_embedding.weight"


def _unpack_q8(raw, count):
    blocks = np.frombuffer(raw, np.dtype([("scale", "<f2"), ("q", "i1", BLOCK)]), count // BLOCK)
    return (blocks["q"].astype(np.float32) * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)


def _pack_q8(x):
    x = x.reshape(-1, BLOCK)
    scale = np.abs(x).max(1) / 127
    inverse = np.divide(1, scale, out=np.zeros_like(scale), where=scale > 0)
    blocks = np.zeros(len(x), np.dtype([("scale", "<f2"), ("q", "i1", BLOCK)]))
    blocks["scale"] = scale
    blocks["q"] = np.clip(np.round(x * inverse[:, None]), -127, 127)
    return blocks.tobytes()


class Model:
    """One file: `head` (all bytes before the weights), `filters` (80, 201), `tokens`, `weights` and their `kinds`."""

    def __init__(self, path):
        with open(path, "rb") as f:
            data = f.read()
        if struct.unpack_from("I", data)[0] != MAGIC:
            raise ValueError(f"{path} is not a ggml file")
        self.shape = struct.unpack_from("11i", data, 4)
        rows, columns = struct.unpack_from("2i", data, 48)
        at = 56 + 4 * rows * columns
        self.filters = np.frombuffer(data[56:at], np.float32).reshape(rows, columns).copy()
        (count,) = struct.unpack_from("i", data, at)
        at, self.tokens = at + 4, []
        for _ in range(count):
            (length,) = struct.unpack_from("I", data, at)
            self.tokens.append(data[at + 4 : at + 4 + length])
            at += 4 + length
        self.head, self.weights, self.kinds, self.dims = bytearray(data[:at]), {}, {}, {}
        while at < len(data):
            at = self._tensor(data, at)
        self.rank = {t: i for i, t in enumerate(self.tokens[:50256])}
        self._words = {}

    def _tensor(self, data, at):
        axes, length, kind = struct.unpack_from("3i", data, at)
        dims = struct.unpack_from(f"{axes}i", data, at + 12)
        at += 12 + 4 * axes
        name = data[at : at + length].decode()
        at += length
        count = int(np.prod(dims))
        size = {F32: 4 * count, F16: 2 * count, Q8_0: count // BLOCK * 34}[kind]
        raw = data[at : at + size]
        flat = _unpack_q8(raw, count) if kind == Q8_0 else np.frombuffer(raw, np.float32 if kind == F32 else np.float16)
        self.weights[name] = flat.astype(np.float32).reshape(dims[::-1])
        self.kinds[name], self.dims[name] = kind, dims
        return at + size

    def write(self, path, weights, half=False):
        """Writes `weights` (by name, any shape of the right size) in this file's layout; `half` stores f16 instead of q8_0."""
        head = bytearray(self.head)
        if half:
            struct.pack_into("i", head, 44, FTYPE_F16)
        with open(path, "wb") as f:
            f.write(head)
            for name, kind in self.kinds.items():
                kind = F16 if half and kind == Q8_0 else kind
                x = np.ascontiguousarray(weights[name], np.float32).reshape(-1)
                if x.size != int(np.prod(self.dims[name])):
                    raise ValueError(f"{name} has {x.size} values")
                f.write(struct.pack("3i", len(self.dims[name]), len(name), kind))
                f.write(struct.pack(f"{len(self.dims[name])}i", *self.dims[name]) + name.encode())
                f.write(_pack_q8(x) if kind == Q8_0 else x.astype(np.float16 if kind == F16 else np.float32).tobytes())

    def trained_rows(self):
        """The embedding's rows that differ from the one shared by all unused tokens, and that shared row."""
        rows = self.weights[EMBEDDING]
        (commonest, _), = collections.Counter(row.tobytes() for row in rows).most_common(1)
        shared = np.frombuffer(commonest, np.float32)
        return np.where((rows != shared).any(1))[0].tolist(), shared

    def encode(self, text):
        """Byte-pair tokens of lower-case words, each with its space before it."""
        out = []
        for word in text.split():
            if word not in self._words:
                m = re.match(r"^(.*?)('s|'t|'re|'ve|'m|'ll|'d)$", word)
                parts = [" " + m.group(1), m.group(2)] if m else [" " + word]
                self._words[word] = [t for part in parts for t in self._merge(part)]
            out += self._words[word]
        return out

    def _merge(self, word):
        parts = [bytes([b]) for b in word.encode()]
        while len(parts) > 1:
            ranks = [self.rank.get(a + b, len(self.rank)) for a, b in zip(parts, parts[1:])]
            i = int(np.argmin(ranks))
            if ranks[i] == len(self.rank):
                break
            parts[i : i + 2] = [parts[i] + parts[i + 1]]
        return [self.rank[p] for p in parts]
