"""The rows of an audit, in columns of the kind and in the order that the model takes them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from genlabel_robust.core.constraints import Constraints
from genlabel_robust.core.errors import GenlabelRobustError
from genlabel_robust.data.arrays import Rows, rows_of
from genlabel_robust.data.cells import is_frame
from genlabel_robust.data.encoding import freed, kept_whole
from genlabel_robust.data.text_numbers import (
    Reading,
    as_numbers,
    checked,
    replaced,
)
from genlabel_robust.data.whole import whole_by_schema, whole_columns
from genlabel_robust.data.wording import quoted
from genlabel_robust.evaluation.config import RunConfig
from genlabel_robust.models.given.first_answer import first_answer

if TYPE_CHECKING:
    import pandas as pd


_NOTHING: Mapping[str, Reading] = {}


@dataclass(frozen=True, eq=False)
class Tables:
    """Rows to test, ``x``, and to refer to, arrays or frames, and what errors call the two.

    ``whole``: of either, the columns that the file it was read from has as whole numbers.
    """

    x: Any
    reference: Any = None
    called: tuple[str, str] = ("x", "the reference")
    whole: tuple[Collection[str], Collection[str]] = ((), ())


def given_rows(model: Any, tables: Tables, config: RunConfig) -> Rows:
    """Return the rows in ``tables`` as they are to be attacked, see ``rows_of``.

    Columns of ``config.category`` become text. A column of which most cells, and not all, read
    as numbers raises ``DataError``; where all of a column of text do, ``model`` is asked: if it
    answers alike for the numbers, the column is one of numbers, and a notice says so.
    """
    whole = tuple(
        {*names, *_whole(rows)}
        for rows, names in zip((tables.x, tables.reference), tables.whole, strict=True)
    )
    x, own = checked(tables.x, config.category, tables.called[0])
    reference, other = tables.reference, _NOTHING
    if reference is not None:
        reference, other = checked(reference, config.category, tables.called[1])
    plain = [name for name, reading in own.items() if reading.plain]
    taken, notices = _asked(model, x, plain, config, tables.called[0])
    x = _numbered(x, taken)
    if is_frame(x) and is_frame(reference):
        # what x holds as numbers, the reference may hold as text
        same = [n for n, r in other.items() if r.plain and n not in own and n in map(str, x)]
        reference = _numbered(reference, [*taken, *same])
    rows = _encoded(x, reference, config, tables.called, (whole[0], whole[1]))
    return replace(rows, notices=(*notices, *rows.notices))


def _whole(rows: Any) -> frozenset[str]:
    """Return the columns of whole numbers of a frame as it was given, before text becomes numbers.

    Those of an array have no names: their type tells.
    """
    if not is_frame(rows):
        return frozenset()
    if hasattr(rows, "to_pandas"):
        return whole_by_schema(rows) | whole_columns(rows.to_pandas())
    return whole_columns(rows)


def _encoded(
    x: Any,
    reference: Any,
    config: RunConfig,
    called: tuple[str, str],
    whole: tuple[Collection[str], Collection[str]] = ((), ()),
) -> Rows:
    limits = Constraints.of(config.constraints)
    continuous = None if config.whole_numbers == "continuous" else limits.continuous
    return rows_of(
        x, reference, freed(limits), kept_whole(limits),
        continuous=continuous, in_source=whole, called=called,
    )  # fmt: skip


def _numbered(rows: Any, names: Sequence[str]) -> Any:
    if not is_frame(rows):
        return rows
    changed = {label: as_numbers(rows[label]) for label in rows.columns if str(label) in names}
    return replaced(rows, changed)


def _asked(
    model: Any, x: Any, plain: Sequence[str], config: RunConfig, what: str
) -> tuple[list[str], list[str]]:
    """Return those of the ``plain`` columns that the model takes as numbers, and notices."""
    if not plain:
        return [], []

    def answer(names: Sequence[str]) -> Any:
        return _answer(model, _numbered(x, names), config, what)

    chosen = list(plain)
    if not _alike(answer(chosen), answer([])):
        # each by itself, the others as the model takes them
        for name in plain:
            fewer = [one for one in chosen if one != name]
            text = answer(fewer)
            if text is not None and not _alike(answer(chosen), text):
                chosen = fewer
    return chosen, [*_said(plain, chosen, what)]


def _answer(model: Any, x: pd.DataFrame, config: RunConfig, what: str) -> Any:
    try:
        return np.asarray(first_answer(model, _encoded(x, None, config, (what, ""))))
    except GenlabelRobustError:  # it does not take such rows
        return None


def _alike(first: Any, second: Any) -> bool:
    """Say whether two answers, of labels or scores, are the same but for rounding."""
    if first is None or second is None or first.shape != second.shape:
        return False
    if first.ndim == 1 and first.dtype.kind != "f":
        return bool((first == second).all())
    same = first.ndim == 1 or (first.argmax(axis=1) == second.argmax(axis=1)).all()
    return bool(same and np.allclose(first, second, rtol=1e-5, atol=1e-7))


def _said(plain: Sequence[str], chosen: Sequence[str], what: str) -> list[str]:
    others = [name for name in plain if name not in chosen]
    told = []
    if chosen:
        told.append(
            f"In {what}, {quoted(chosen)} {_hold(chosen)} text that reads as numbers in every "
            "cell, and the model takes the numbers: the attacker changes them as numbers; "
            f"--category {chosen[0]!r} would make {chosen[0]!r} a column of text."
        )
    if others:
        told.append(
            f"In {what}, {quoted(others)} {_hold(others)} text that reads as numbers in every "
            "cell, and the model answers otherwise for the numbers: they are taken as categories."
        )
    return told


def _hold(names: Sequence[str]) -> str:
    return "holds" if len(names) == 1 else "hold"
