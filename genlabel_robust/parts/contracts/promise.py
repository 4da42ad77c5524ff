"""Checking a single promise of a contract."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from genlabel_robust.core import ConfigurationError, UsageError


def promise(kept: Any, sentence: str | None) -> None:
    """Raise ``ConfigurationError`` with ``sentence`` unless the promise is ``kept``."""
    if not kept:
        raise ConfigurationError(f"the contract is broken: {sentence}")


def refuses(work: Callable[[], Any], sentence: str, error: type[UsageError]) -> None:
    """Raise ``ConfigurationError`` unless ``work`` raises ``error``."""
    try:
        work()
    except error:
        return
    except Exception as other:
        raise ConfigurationError(
            f"the contract is broken: {sentence}; it raises {type(other).__name__}: {other}"
        ) from other
    promise(False, sentence)


@contextmanager
def nothing_global_moves(subject: str) -> Iterator[None]:
    """Check that the block does not change numpy's and torch's global random states."""
    before = torch.random.get_rng_state(), np.random.get_state()  # noqa: NPY002
    yield
    after = torch.random.get_rng_state(), np.random.get_state()  # noqa: NPY002
    promise(torch.equal(before[0], after[0]), f"{subject} moves torch's global random state")
    same = all(np.array_equal(one, other) for one, other in zip(before[1], after[1], strict=True))
    promise(same, f"{subject} moves numpy's global random state")
