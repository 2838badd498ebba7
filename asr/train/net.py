"""The network in torch, over the used rows of the vocabulary, and its mel features from 8 kHz audio."""

import math

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from ggml import EMBEDDING

SOT, EOT, NO_TIMES, NO_SPEECH, FIRST_TIME, LAST_TIME = 50257, 50256, 50362, 50361, 50363, 50863


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def forward(self, x, y=None, causal=False):
        y = x if y is None else y
        batch, length, width = x.shape
        split = lambda z: z.view(batch, -1, self.heads, width // self.heads).transpose(1, 2)
        o = F.scaled_dot_product_attention(split(self.query(x)), split(self.key(y)), split(self.value(y)), is_causal=causal)
        return self.out(o.transpose(1, 2).reshape(batch, length, width))


class Block(nn.Module):
    def __init__(self, width, heads, cross):
        super().__init__()
        self.cross = cross
        self.attn = Attention(width, heads)
        self.attn_ln = nn.LayerNorm(width)
        if cross:
            self.cross_attn = Attention(width, heads)
            self.cross_attn_ln = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.mlp_ln = nn.LayerNorm(width)

    def forward(self, x, y=None):
        x = x + self.attn(self.attn_ln(x), causal=self.cross)
        if self.cross:
            x = x + self.cross_attn(self.cross_attn_ln(x), y)
        return x + self.mlp(self.mlp_ln(x))


class Encoder(nn.Module):
    def __init__(self, places, width, heads, layers, mels):
        super().__init__()
        self.conv1 = nn.Conv1d(mels, width, 3, padding=1)
        self.conv2 = nn.Conv1d(width, width, 3, stride=2, padding=1)
        self.register_buffer("positional_embedding", torch.zeros(places, width))
        self.blocks = nn.ModuleList(Block(width, heads, False) for _ in range(layers))
        self.ln_post = nn.LayerNorm(width)

    def forward(self, mel):
        x = F.gelu(self.conv2(F.gelu(self.conv1(mel)))).transpose(1, 2)
        x = x + self.positional_embedding[: x.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.ln_post(x)


class Decoder(nn.Module):
    def __init__(self, rows, unused, places, width, heads, layers):
        super().__init__()
        self.raise_by = math.log(unused)
        self.token_embedding = nn.Embedding(rows + 1, width)
        self.positional_embedding = nn.Parameter(torch.zeros(places, width))
        self.blocks = nn.ModuleList(Block(width, heads, True) for _ in range(layers))
        self.ln = nn.LayerNorm(width)

    def forward(self, tokens, y):
        x = self.token_embedding(tokens) + self.positional_embedding[: tokens.shape[1]]
        for block in self.blocks:
            x = block(x, y)
        logits = self.ln(x) @ self.token_embedding.weight.T
        # The last row stands for all unused tokens.
        return torch.cat([logits[..., :-1], logits[..., -1:] + self.raise_by], -1)


class Whisper(nn.Module):
    """A ggml model's network; `texts` name words whose tokens are to be trained beside those it already has."""

    def __init__(self, file, texts=()):
        super().__init__()
        self.file = file
        tokens, places, width, heads, layers, d_places, _, d_heads, d_layers, mels, _ = file.shape
        rows, shared = file.trained_rows()
        new = {t for text in texts for t in file.encode(text)} | {SOT, EOT, NO_TIMES, NO_SPEECH}
        self.added = sorted(new - set(rows))
        self.ids = rows + self.added
        self.words = [t for t in self.ids if t < EOT]
        self.index = {t: i for i, t in enumerate(self.ids)}
        self.encoder = Encoder(places, width, heads, layers, mels)
        self.decoder = Decoder(len(self.ids), tokens - len(self.ids), d_places, width, d_heads, d_layers)
        state = {k: torch.tensor(v) for k, v in file.weights.items() if k != EMBEDDING}
        state = {k: v.reshape(self.state_dict()[k].shape) for k, v in state.items()}
        table = np.concatenate([file.weights[EMBEDDING][self.ids], shared[None]])
        self.load_state_dict(state | {EMBEDDING: torch.tensor(table)})

    def save(self, path, state, half=False):
        weights = {k: v.detach().numpy() for k, v in state.items()}
        table = weights[EMBEDDING]
        full = np.repeat(table[-1:], self.file.shape[0], 0)
        full[self.ids] = table[:-1]
        self.file.write(path, weights | {EMBEDDING: full}, half)

    def mel(self, clips):
        """(clips, 80, frames): window 25 ms and hop 10 ms at 8 kHz; the bands above 4 kHz get a random floor, as telephone
        audio upsampled to 16 kHz has."""
        length = math.ceil(max(map(len, clips)) / 160) * 160
        x = torch.zeros(len(clips), length)
        for i, clip in enumerate(clips):
            x[i, : len(clip)] = torch.from_numpy(clip)
        s = torch.stft(x, 200, 80, window=torch.hann_window(200), pad_mode="reflect", return_complex=True)[..., :-1]
        m = torch.tensor(self.file.filters[:, :101]) @ (4 * s.abs() ** 2)
        floor = 10 ** (torch.rand(len(clips), 1, 1) * 4 - 10)
        m = (m + floor * (torch.arange(80) > 65).float()[None, :, None]).clamp(min=1e-10).log10()
        m = torch.maximum(m, m.amax((1, 2), keepdim=True) - 8)
        return (m + 4) / 4

    @torch.no_grad()
    def greedy(self, clip):
        """The text of one 8 kHz clip."""
        y = self.encoder(self.mel([np.pad(clip, (800, 4000))]))
        tokens = [self.index[SOT], self.index[NO_TIMES]]
        for _ in range(60):
            best = int(self.decoder(torch.tensor([tokens]), y)[0, -1].argmax())
            if best == self.index[EOT] or best == len(self.ids):
                break
            tokens.append(best)
        ids = [self.ids[t] for t in tokens[2:]]
        return b"".join(self.file.tokens[i] for i in ids if i < EOT).decode(errors="ignore").strip()
