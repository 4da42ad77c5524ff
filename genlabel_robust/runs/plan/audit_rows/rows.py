"""The rows of an audit, with columns of the types and in the order that the model takes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from genlabel_robust.data.columns.cells import is_frame
from genlabel_robust.data.columns.text_numbers import Reading, checked
from genlabel_robust.data.columns.whole_numbers import whole_by_schema, whole_columns
from genlabel_robust.data.rows import Rows
from genlabel_robust.data.subgroups.column import GroupColumn
from genlabel_robust.runs.config.attack_config import AttackConfig
from genlabel_robust.runs.plan.audit_rows.answers import encoded_rows
from genlabel_robust.runs.plan.audit_rows.column_order import in_chosen_order, refuse_two_orders
from genlabel_robust.runs.plan.audit_rows.group_columns import without_groups
from genlabel_robust.runs.plan.audit_rows.number_columns import numbered, taken_as_numbers

_NOTHING: Mapping[str, Reading] = {}


@dataclass(frozen=True, eq=False)
class Tables:
    """The rows to test, ``x``, and the reference rows, arrays or frames, with names for errors.

    ``whole``: for each of the two, the columns that its file stores as whole numbers.
    ``order``: "data" or "reference", whichever has the model's order of columns if the two
    differ; None if unknown. ``by``: columns that define groups of ``x``, which it may contain.
    """

    x: Any
    reference: Any = None
    called: tuple[str, str] = ("x", "the reference")
    whole: tuple[Collection[str], Collection[str]] = ((), ())
    order: str | None = None
    by: tuple[GroupColumn, ...] = ()


def audited_rows(model: Any, tables: Tables, config: AttackConfig) -> Rows:
    """Return the rows in ``tables`` in the form to be attacked, see ``rows_of``.

    Columns of ``config.category`` become text. A column in which most but not all cells read as
    numbers raises ``DataError``. If all cells of a text column do, ``model`` decides: if its
    answers for the numbers are the same, the column is numeric, and a notice says so. If the two
    tables have different orders of columns, a model that takes columns by position raises
    ``ConfigurationError`` unless ``tables.order`` says which order is the model's. Columns of
    ``tables.by`` that the model does not take are left out.
    """
    taken, referred, left_out = without_groups(
        model, tables.x, tables.reference, tables.by, tables.called[0]
    )
    tables = replace(tables, x=taken, reference=referred)
    whole = tuple(
        {*names, *_whole(rows)}
        for rows, names in zip((tables.x, tables.reference), tables.whole, strict=True)
    )
    x, own = checked(tables.x, config.category, tables.called[0])
    reference, other = tables.reference, _NOTHING
    if reference is not None:
        reference, other = checked(reference, config.category, tables.called[1])
    x, moved = in_chosen_order(x, reference, tables.called, tables.order)
    plain = [name for name, reading in own.items() if reading.plain]
    numeric, notices = taken_as_numbers(model, x, plain, config, tables.called[0])
    x = numbered(x, numeric)
    if is_frame(x) and is_frame(reference):
        # columns that are numbers in x may be text in the reference
        same = [n for n, r in other.items() if r.plain and n not in own and n in map(str, x)]
        reference = numbered(reference, [*numeric, *same])
    if tables.order is None:
        refuse_two_orders(model, x, reference, config, tables.called)
    rows = encoded_rows(x, reference, config, tables.called, (whole[0], whole[1]))
    return replace(
        rows,
        notices=(*left_out, *moved, *notices, *rows.notices),
        by=tables.by,
        column_order=tables.order if moved else None,
    )


def _whole(rows: Any) -> frozenset[str]:
    """Return the whole-number columns of a frame as given, before text becomes numbers.

    Empty for an array, whose type says enough.
    """
    if not is_frame(rows):
        return frozenset()
    if hasattr(rows, "to_pandas"):
        return whole_by_schema(rows) | whole_columns(rows.to_pandas())
    return whole_columns(rows)
