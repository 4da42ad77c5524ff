"""Random numbers per example, independent of the other examples in a batch."""

import hashlib

import numpy as np

from genlabel_robust.core import IntArray, integer_seed
from genlabel_robust.targets.target import AttackTarget


def streams(
    target: AttackTarget, rows: IntArray, seed: int, *purpose: str | int
) -> list[np.random.Generator]:
    """Return one independent generator for each of the examples ``rows``.

    Its key is the example's features and label, ``seed`` and ``purpose``, never its place in a
    batch. So the same example draws the same numbers in any batch.
    """
    base = integer_seed(seed, *purpose).to_bytes(4, "little")
    generators = []
    for row in rows:
        content = target.raw[row].tobytes() + int(target.y[row]).to_bytes(8, "little", signed=True)
        key = hashlib.blake2b(content, digest_size=16, key=base).digest()
        bits = np.random.Philox(key=np.frombuffer(key, dtype=np.uint64))
        generators.append(np.random.Generator(bits))
    return generators
