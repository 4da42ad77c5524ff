"""Check that a model reads rows in the audit's form like the original rows."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

from genlabel_robust.core import ConfigurationError, plural, quoted
from genlabel_robust.data.columns.cells import is_frame
from genlabel_robust.data.rows import Rows
from genlabel_robust.models.inputs.view import View


def refuse_misread(ask: Callable[[Any], Any], view: View, rows: Rows, answer: Any) -> None:
    """Raise ``ConfigurationError`` if ``ask`` predicts other labels for the original rows.

    ``ask``: a function that queries the model on rows in the form of ``view`` and returns labels
    (n,) or scores (n, k); ``answer``: its result for ``rows``. The model is queried again only if
    types differ.
    """
    if rows.source is None:
        return
    source = _in_order(view, rows.source)
    converted = view(rows.x)
    difference = _framed(source, converted) if is_frame(source) else _unframed(source)
    if not difference:
        return
    wanted = None
    with suppress(Exception):  # it does not accept them at all, so it cannot misread them
        wanted = _decided(ask(source))
    found = _decided(answer)
    if wanted is None or len(wanted) != len(found):
        return
    count = sum(one != other for one, other in zip(wanted, found, strict=True))
    # a model that contradicts itself has other causes
    if count and _decided(ask(converted)) == found:
        raise ConfigurationError(
            f"the model makes other decisions for {count} of {plural(len(found), 'row')} when the "
            f"same rows are passed to it as an audit passes them: {difference}"
        )


def _in_order(view: View, source: Any) -> Any:
    """Return the original rows in the form and the column order of ``view``."""
    order = list(view.order)
    if view.form == "matrix":
        # a copy: the model may change its input
        return np.array(source.iloc[:, order] if is_frame(source) else source[:, order])
    if is_frame(source):
        return source.iloc[:, order].set_axis(list(view.names), axis=1)
    return pd.DataFrame(source[:, order], columns=list(view.names))


def _framed(source: Any, converted: Any) -> str:
    """Describe in which columns, and how, ``converted`` differs from ``source``; "" if in none."""
    whole, others = [], []
    for name in converted:
        own, other = source[name].reset_index(drop=True), converted[name]
        if own.equals(other):
            continue
        if types.is_integer_dtype(own.dtype) and types.is_float_dtype(other.dtype):
            whole.append(name)
        else:
            others.append(f"{name!r} is {own.dtype} and reaches it as {other.dtype}")
    if whole:
        return (
            f"the whole numbers in {quoted(whole)} reach it as floats (1000.0 for 1000); give "
            "integer = true for them in a threat file, or store them as text or as floats, as in "
            "training"
        )
    if not others:
        return ""
    return (
        f"column {', '.join(others[:10])}; store the data in the types that reach it, or let the "
        "model convert its input"
    )


def _unframed(source: Any) -> str:
    """Describe how the array ``source`` (n, c) is not one of floats; "" if it is."""
    if source.dtype.kind not in "biu":
        return ""
    written = "1.0 for True" if source.dtype.kind == "b" else "1000.0 for 1000"
    return (
        f"these are of the type {source.dtype} as an array, and reach it as floats ({written}); "
        "let the model convert its input, or train it on floats"
    )


def _decided(answer: Any) -> list[Any]:
    """Return the labels (n,) in an ``answer``, or the positions of its largest scores."""
    answer = np.asarray(answer)
    decided = answer.argmax(axis=1) if answer.ndim == 2 else answer
    return list(decided.tolist())
