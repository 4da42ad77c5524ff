"""Independent random streams, each derived from a seed and a purpose."""

import hashlib

import numpy as np


def generator(seed: int, *purpose: str | int) -> np.random.Generator:
    """Return the random generator of ``purpose`` under ``seed``.

    The same seed and purpose give the same stream on every platform; streams of
    different purposes are independent. ``purpose``: any words and numbers, such
    as ``("mixing", 3)``.
    """
    return np.random.default_rng(np.random.SeedSequence([seed, *_digest(purpose)]))


def integer_seed(seed: int, *purpose: str | int) -> int:
    """Return a seed below 2**32 for libraries that accept only an integer."""
    return int(generator(seed, *purpose).integers(2**32))


def _digest(purpose: tuple[str | int, ...]) -> list[int]:
    digest = hashlib.sha256(repr(purpose).encode()).digest()
    return [int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4)]
