"""Fine-tunes a ggml Whisper on a caller's phrases: see README.md for the commands, `train.py --help` for the options."""

import argparse
import math
import multiprocessing
import os
import random
import time

import numpy as np
import torch
import torch.nn.functional as F

import calls
import clips
import ggml
import net
import phrases

# Batches drawn together and sorted by length, so that little is padded.
POOL = 6
WARM_UP = 30
# Share of targets with time tokens, so that the model does not forget them.
WITH_TIMES = 0.1
# The saved weights are a running mean of the trained ones.
AVERAGE = 0.99


def options():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--model", required=True, help="the ggml file to start from")
    p.add_argument("--shards", required=True, help="folder of calls-*.npz and phrases-*.npz made by voices.py")
    p.add_argument("--digits", required=True, help="folder of SPEAKER/DIGIT_TAKE.wav")
    p.add_argument("--prompts", required=True, help="where Debian's asterisk-core-sounds-en and -en-wav are unpacked")
    p.add_argument("--noise", required=True, help="folder with bursts/*.wav")
    p.add_argument("--held", default="yweweler", help="speaker whose digits are left for tests")
    p.add_argument("--out", required=True, help="files to write, without their ending")
    p.add_argument("--steps", type=int, default=1000)
    p.add_argument("--minutes", type=float, default=1e9, help="the learning rate is down and training ends by then")
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--rate", type=float, default=3e-4)
    p.add_argument("--freeze", type=int, default=2, help="encoder blocks, and the convolutions before them, to leave as they are")
    p.add_argument("--no-speech", type=float, default=0.08, help="share of clips in which nobody speaks")
    p.add_argument("--every", type=int, default=100, help="steps between checkpoints")
    p.add_argument("--seed", type=int, default=1)
    return p.parse_args()


def vocabulary():
    """Many texts of both grammars, from a fixed seed: their tokens get rows of their own."""
    random.seed(0)
    return [calls.label(calls.gen()) for _ in range(20000)] + [phrases.gen() for _ in range(5000)]


def target(model, text, start, end):
    row = lambda t: model.index[net.FIRST_TIME + max(0, min(net.LAST_TIME - net.FIRST_TIME, round(t / 0.02)))]
    head, tail = [model.index[net.SOT]], [model.index[net.EOT]]
    if not text:
        # The engine does not let a text be empty. So that it is unsure of what it then writes, any word is as likely.
        word = [model.index[random.choice(model.words)]] if random.random() < 0.5 else []
        return head + [model.index[net.NO_SPEECH if random.random() < 0.1 else net.NO_TIMES]] + word + tail
    ids = [model.index[t] for t in model.file.encode(text)]
    if random.random() < WITH_TIMES:
        return head + [row(start)] + ids + [row(end)] + tail
    return head + [model.index[net.NO_TIMES]] + ids + tail


def batches(args, texts, queue):
    """Fills `queue` with batches of similar length, for ever."""
    torch.set_num_threads(1)
    random.seed(args.seed + 7)
    np.random.seed(args.seed + 7)
    torch.manual_seed(args.seed + 7)
    model = net.Whisper(ggml.Model(args.model), texts)
    source = clips.Source(args.shards, args.digits, args.prompts, args.noise, args.held)
    while True:
        source.refresh()
        pool = []
        while len(pool) < args.batch * POOL:
            clip, text = source.draw(args.no_speech)
            if all(t in model.index for t in model.file.encode(text)):
                pool.append((clip, text))
        pool.sort(key=lambda u: len(u[0]))
        parts = [pool[i * args.batch : (i + 1) * args.batch] for i in range(POOL)]
        random.shuffle(parts)
        for part in parts:
            made = [(*clips.line(clip, random.choice(pool)[0], faint=not text), text) for clip, text in part]
            rows = [target(model, text, start, end) for _, start, end, text in made]
            tokens = np.full((len(rows), max(map(len, rows))), -1)
            for i, row in enumerate(rows):
                tokens[i, : len(row)] = row
            mel = model.mel([clip for clip, *_ in made]).numpy()
            queue.put((mel, tokens))


def freeze(model, blocks):
    """Leaves the first encoder blocks as they are: they know the sounds, and a step costs a third less."""
    fixed = [model.encoder.conv1, model.encoder.conv2, *model.encoder.blocks[:blocks]] if blocks else []
    for layer in fixed:
        layer.requires_grad_(False)


def loss(model, mel, tokens):
    logits = model.decoder(tokens[:, :-1].clamp(min=0), model.encoder(mel))
    return F.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten(), ignore_index=-1)


def main():
    args = options()
    random.seed(args.seed)
    np.random.seed(args.seed)
    torch.manual_seed(args.seed)
    texts = vocabulary()
    queue = multiprocessing.Queue(12)
    multiprocessing.Process(target=batches, args=(args, texts, queue), daemon=True).start()
    model = net.Whisper(ggml.Model(args.model), texts)
    print(len(model.ids), "rows, new:", [model.file.tokens[t].decode() for t in model.added], flush=True)
    freeze(model, args.freeze)
    body = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(body, lr=args.rate, betas=(0.9, 0.98), weight_decay=0.01)
    average = {k: v.clone() for k, v in model.state_dict().items()}
    began, total = time.monotonic(), 0.0
    for step in range(1, args.steps + 1):
        minutes = (time.monotonic() - began) / 60
        done = min(1, max(step / args.steps, minutes / args.minutes))
        for group in optimizer.param_groups:
            group["lr"] = args.rate * min(1, step / WARM_UP) * (0.05 + 0.475 * (1 + math.cos(math.pi * done)))
        mel, tokens = map(torch.from_numpy, queue.get())
        error = loss(model, mel, tokens)
        optimizer.zero_grad()
        error.backward()
        torch.nn.utils.clip_grad_norm_(body, 1.0)
        optimizer.step()
        for k, v in model.state_dict().items():
            average[k].lerp_(v, 1 - min(AVERAGE, step / (step + 10)))
        total += error.item()
        last = done >= 1 or step == args.steps
        if step % 10 == 0:
            print(f"{step} loss {total / 10:.3f} minutes {minutes:.1f}", flush=True)
            total = 0.0
        if step % args.every == 0 or last:
            model.save(args.out + "-f16.bin.part", average, half=True)
            model.save(args.out + "-q8_0.bin.part", average)
            for kind in ("f16", "q8_0"):
                os.replace(f"{args.out}-{kind}.bin.part", f"{args.out}-{kind}.bin")
            print("checkpoint", step, flush=True)
        if last:
            break


if __name__ == "__main__":
    main()
