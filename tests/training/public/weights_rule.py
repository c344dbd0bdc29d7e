"""Deterministic weights for a network, from the keys, shapes and dtypes of its state_dict alone.

    entries = [(key, shape, dtype), ...]          # in state_dict order, e.g. from NAME.keys.tsv
    arrays  = build(entries, seed=1)              # {key: numpy array}, float32 or int64

Needs numpy only. The rule is stated in words in README.md; this file is the reference.
"""

import csv
import re
import zlib

import numpy as np

ROUNDS = 3  # power iterations for spectral norm's u and v (few on purpose: u, v are not the exact singular vectors)
FIXED = {
    "mean": (0.485, 0.456, 0.406),
    "std": (0.229, 0.224, 0.225),
}  # whole keys, shape (1, 3, 1, 1)
UNIT = re.compile(
    r"(query_feat|query_embed|level_embed)\.weight$"
)  # tables: unit variance, no fan-in
GAINS = (  # (pattern, factor on the He bound); first match wins, otherwise 1
    (re.compile(r"^model_out\.0\.weight$|^model\.model\.3\.weight$"), 0.3),
    (re.compile(r"^model8\.6\.weight$|^model_out\.weight$"), 4.0),
    (
        re.compile(
            r"in_proj_weight$|out_proj\.weight$|linear2\.weight$|color_embed\.layers\.2\.weight$"
        ),
        0.7,
    ),
)


def uniform(key, count, seed):
    """count float64 values in [0, 1): the top 24 bits of numpy's Philox raw words, key crc32("seed:key")."""
    words = np.random.Philox(key=zlib.crc32(f"{seed}:{key}".encode())).random_raw(count)
    return (words >> np.uint64(40)).astype(np.float64) / 2.0**24


def tensor(key, shape, dtype, keys, seed):
    """One array, without the spectral-norm vectors (see build)."""
    if "int" in dtype:
        return np.full(shape, 1000, np.int64)
    if key in FIXED:
        return np.asarray(FIXED[key], np.float32).reshape(shape)
    u = uniform(key, int(np.prod(shape)), seed).reshape(shape)
    head, _, last = key.rpartition(".")
    parent, _, module = head.rpartition(".")
    if last == "running_mean":
        x = 0.2 * (2 * u - 1)
    elif last == "running_var":
        x = (0.5 + u) * (0.4 if parent + ".0.weight_orig" in keys else 1.0)
    elif last == "weight_g":
        x = np.sqrt(2.0) * (0.75 + 0.5 * u)
    elif last == "gamma":
        x = 0.5 + 0.5 * u if u.size == 1 else 0.1 + 0.2 * u
    elif last.endswith("bias"):
        x = 0.1 * (2 * u - 1)
    elif len(shape) == 1:  # weight of a norm
        closing = module == "bn3" or (module == "bn2" and parent + ".bn3.weight" not in keys)
        before_attention = parent + ".3.query.weight_orig" in keys
        x = (0.75 + 0.5 * u) * (0.3 if closing else 0.2 if before_attention else 1.0)
    elif UNIT.search(key):
        x = np.sqrt(3.0) * (2 * u - 1)
    else:
        gain = next((g for p, g in GAINS if p.search(key)), 1.0)
        x = gain * np.sqrt(6.0 / np.prod(shape[1:])) * (2 * u - 1)
    return x.astype(np.float32)


def spectral_vectors(key, weight, seed):
    """u, v for W = weight as a (first axis, rest) matrix; key is the key of weight_u."""
    w = weight.reshape(weight.shape[0], -1).astype(np.float64)
    u = 2 * uniform(key, w.shape[0], seed) - 1
    u /= np.sqrt((u * u).sum())
    for _ in range(ROUNDS):
        v = w.T @ u
        v /= np.sqrt((v * v).sum())
        u = w @ v
        u /= np.sqrt((u * u).sum())
    return u.astype(np.float32), v.astype(np.float32)


def build(entries, seed=1):
    keys = {k for k, _, _ in entries}
    out = {}
    for key, shape, dtype in entries:
        head = key.rpartition(".")[0]
        if key.endswith(".weight_u") or (
            key.endswith(".weight_v") and head + ".weight_orig" in keys
        ):
            out[key] = None
        else:
            out[key] = tensor(key, tuple(shape), dtype, keys, seed)
    for key in [k for k in out if k.endswith(".weight_u")]:
        head = key.rpartition(".")[0]
        out[key], out[head + ".weight_v"] = spectral_vectors(key, out[head + ".weight_orig"], seed)
    return out


def read_keys(path):
    """entries of a NAME.keys.tsv"""
    with open(path, newline="") as f:
        rows = list(csv.reader(f, delimiter="\t"))[1:]
    return [(k, tuple(int(n) for n in s.split("x")) if s else (), d) for k, s, d in rows]
