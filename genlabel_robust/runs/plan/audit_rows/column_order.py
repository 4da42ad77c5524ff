"""Columns in two orders: whether it matters to the model, and whose order is its own."""

from typing import Any

import pandas as pd

from genlabel_robust.core import ConfigurationError, unknown_name
from genlabel_robust.data.columns.cells import is_frame
from genlabel_robust.models.supplied.kinds import supplied_as
from genlabel_robust.runs.config.attack_config import AttackConfig
from genlabel_robust.runs.plan.audit_rows.answers import alike, answer_for, encoded_rows

#: Whose order of columns can be the model's.
ORDERS = ("data", "reference")
#: So many columns that stand elsewhere are named.
_PLACES = 3


def in_chosen_order(
    x: Any, reference: Any, called: tuple[str, str], chosen: str | None
) -> tuple[Any, list[str]]:
    """Return ``x`` with its columns in the ``chosen`` order, and a notice if the two differ.

    ``called``: what ``x`` and ``reference`` are called. Raises ``UnknownNameError`` and
    ``ConfigurationError`` for an order that there is not.
    """
    if chosen not in (None, *ORDERS):
        raise unknown_name("column order", str(chosen), ORDERS)
    if chosen == "reference" and reference is None:
        raise ConfigurationError(
            "column_order names the order of the reference, but there is no reference; give "
            "reference rows, or leave out column_order"
        )
    differing = _differing(x, reference, called)
    if chosen is None or not differing:
        return x, []
    whose = called[ORDERS.index(chosen)]
    notice = (
        f"The columns of {called[0]} and {called[1]} stand in different orders ({differing}); a "
        f"model that knows no names of columns gets them in the order of {whose}, as column_order "
        "says."
    )
    return (_turned(x, reference) if chosen == "reference" else x), [notice]


def refuse_two_orders(
    model: Any, x: Any, reference: Any, config: AttackConfig, called: tuple[str, str]
) -> None:
    """Raise ``ConfigurationError`` where nobody said which of two orders is the model's.

    It is the model's own affair where it finds its columns by their names.
    """
    differing = _differing(x, reference, called)
    if differing and _by_position(model, x, reference, config, called[0]):
        raise ConfigurationError(
            f"the columns of {called[0]} and {called[1]} stand in different orders ({differing}), "
            "and the model has no names of columns, so it takes them by position; say which order "
            "is the model's: --column-order data or --column-order reference (in Python: "
            "column_order='data' or 'reference')"
        )


def _differing(x: Any, reference: Any, called: tuple[str, str]) -> str:
    """Say which columns of two frames stand elsewhere; nothing if none do, or they are others."""
    if not (is_frame(x) and is_frame(reference)):
        return ""
    own, other = ([str(name) for name in frame.columns] for frame in (x, reference))
    if own == other or sorted(own) != sorted(other):  # others are refused by who encodes them
        return ""
    places = [i for i, pair in enumerate(zip(own, other, strict=True)) if pair[0] != pair[1]]
    told = [
        f"column {i} is {own[i]!r} in {called[0]} and {other[i]!r} in {called[1]}"
        for i in places[:_PLACES]
    ]
    more = [f"{len(places) - _PLACES} more differ"] if len(places) > _PLACES else []
    return "; ".join([*told, *more])


def _turned(x: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    labels = {str(label): label for label in x.columns}
    return x[[labels[str(name)] for name in reference.columns]]


def _by_position(
    model: Any, x: pd.DataFrame, reference: pd.DataFrame, config: AttackConfig, what: str
) -> bool:
    """Say whether it matters to ``model`` that the columns of ``x`` stand as they do.

    A model that is shown a frame, and says nothing of names, is asked about both orders.
    """
    view = supplied_as(model).view(encoded_rows(x, None, config, (what, "")))
    if view is None or view.named or view.form == "matrix":
        return view is None or not view.named
    turned = _turned(x, reference)
    return not alike(answer_for(model, x, config, what), answer_for(model, turned, config, what))
