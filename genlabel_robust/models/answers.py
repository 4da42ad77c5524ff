"""Checks of a model's output: one score per class, or known labels."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from genlabel_robust.core import (
    BoolArray,
    ConfigurationError,
    DataError,
    FloatArray,
    GenlabelRobustError,
    IntArray,
    plural,
)
from genlabel_robust.data.classes import Classes

#: The end of the error about a model that predicts unchanged rows but not changed ones.
FOR_CHANGED = (
    "; it could predict the unchanged rows, so if the model accepts only certain values of a "
    "column, make the column whole, bounded or immutable in the threat model"
)


def check_scores(scores: Any, n: int, k: int) -> None:
    """Raise an error unless ``scores`` are (n, k) finite numbers."""
    if scores.shape != (n, k) and k == 1:
        raise ConfigurationError(
            f"the model gives scores of shape {scores.shape} for {plural(n, 'row')}, and gave one "
            f"output before, ({n},) or ({n}, 1)"
        )
    if scores.shape != (n, k):
        raise ConfigurationError(
            f"the model gives scores of shape {scores.shape} for {plural(n, 'row')} and {k} "
            f"classes; it must give one score per class, ({n}, {k})"
        )
    refuse_not_finite(scores)


def refuse_not_finite(scores: Any) -> None:
    """Raise ``DataError`` if a row of ``scores`` (n, k) is not finite."""
    bad: BoolArray = np.asarray(~np.isfinite(scores.astype(np.float64)).all(axis=1))
    if bad.any():
        raise DataError(
            f"the model's scores are not finite (NaN or infinite) for {int(bad.sum())} of "
            f"{plural(len(bad), 'row')}, so it makes no decision there"
        )


def coded(found: Any, classes: Classes) -> IntArray:
    """Return the codes of the labels ``found`` (n,); ``ConfigurationError`` if one is unknown."""
    answered = found.tolist()
    codes = [classes.code(label) for label in answered]
    if -1 in codes:
        raise ConfigurationError(
            f"the model predicts {answered[codes.index(-1)]!r}, which is not one of the labels "
            f"{list(classes.labels[:10])}; if it is a class without rows, name all classes: "
            "classes=[...]"
        )
    return np.array(codes, dtype=np.int64)


def flat(found: Any) -> Any:
    """Return labels (n, 1), as some libraries return them, as (n,); other shapes stay the same."""
    return found[:, 0] if found.ndim == 2 and found.shape[1] == 1 else found


def one_hot(codes: IntArray, k: int) -> FloatArray:
    """Return scores (n, k): 1 for the predicted class, otherwise 0."""
    return np.asarray(np.eye(k)[codes])


@contextmanager
def answering(model: Any, n: int, width: int, advice: str = "") -> Iterator[None]:
    """Turn any exception of ``model`` inside the context into ``ConfigurationError``.

    ``n`` rows of ``width`` columns are passed to it; ``advice``: the end of the message.
    """
    try:
        yield
    except GenlabelRobustError:
        raise
    except Exception as error:  # a model that was made for other rows may raise anything
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ConfigurationError(
            f"the model ({type(model).__name__}) cannot predict {plural(n, 'row')} of "
            f"{plural(width, 'feature')}: {reason}{advice}"
        ) from error
