"""Notices about the tested rows and columns, in sentences."""

from genlabel_robust.data.notices.class_order import classes_in_another_order
from genlabel_robust.data.notices.rows import (
    fixed,
    grouped,
    overrepresented,
    sampled,
    shared,
    still,
    still_columns,
    untested,
)

__all__ = [
    "classes_in_another_order",
    "fixed",
    "grouped",
    "overrepresented",
    "sampled",
    "shared",
    "still",
    "still_columns",
    "untested",
]
