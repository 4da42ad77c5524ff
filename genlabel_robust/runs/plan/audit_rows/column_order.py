"""Tables with columns in two orders: whether the order matters, and which is the model's."""

from typing import Any

import pandas as pd

from genlabel_robust.core import ConfigurationError, unknown_name
from genlabel_robust.data.columns.cells import is_frame
from genlabel_robust.models.supplied.kinds import supplied_as
from genlabel_robust.runs.config.attack_config import AttackConfig
from genlabel_robust.runs.plan.audit_rows.answers import alike, answer_for, encoded_rows

#: The tables whose order of columns can be the model's.
ORDERS = ("data", "reference")
#: The most misplaced columns that a message names.
_PLACES = 3


def in_chosen_order(
    x: Any, reference: Any, called: tuple[str, str], chosen: str | None
) -> tuple[Any, list[str]]:
    """Return ``x`` with its columns in the ``chosen`` order, and a notice if the orders differ.

    ``called``: the names of ``x`` and ``reference``. Raises ``UnknownNameError`` or
    ``ConfigurationError`` for an invalid choice.
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
    """Raise ``ConfigurationError`` if the user must say which of two orders is the model's.

    A model that finds its columns by name needs no choice.
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
    """Return a phrase on misplaced columns of two frames; "" if none, or if the names differ."""
    if not (is_frame(x) and is_frame(reference)):
        return ""
    own, other = ([str(name) for name in frame.columns] for frame in (x, reference))
    if own == other or sorted(own) != sorted(other):  # the encoding refuses different names
        return ""
    places = [i for i, pair in enumerate(zip(own, other, strict=True)) if pair[0] != pair[1]]
    differences = [
        f"column {i} is {own[i]!r} in {called[0]} and {other[i]!r} in {called[1]}"
        for i in places[:_PLACES]
    ]
    more = [f"{len(places) - _PLACES} more differ"] if len(places) > _PLACES else []
    return "; ".join([*differences, *more])


def _turned(x: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    labels = {str(label): label for label in x.columns}
    return x[[labels[str(name)] for name in reference.columns]]


def _by_position(
    model: Any, x: pd.DataFrame, reference: pd.DataFrame, config: AttackConfig, what: str
) -> bool:
    """Say whether the order of the columns of ``x`` matters to ``model``.

    A model that takes a frame but knows no names is queried with both orders.
    """
    view = supplied_as(model).view(encoded_rows(x, None, config, (what, "")))
    if view is None or view.named or view.form == "matrix":
        return view is None or not view.named
    turned = _turned(x, reference)
    return not alike(answer_for(model, x, config, what), answer_for(model, turned, config, what))
