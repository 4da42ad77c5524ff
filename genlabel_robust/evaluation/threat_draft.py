"""A commented threat file to start from, as the data suggest it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from genlabel_robust.data.feature_kinds import one_hot_groups, whole_numbers
from genlabel_robust.data.scaling import constant
from genlabel_robust.data.table import Table

_HEAD = """\
# A threat model: what an attacker may change, and by how much.
# {about}
#
#   evaluate --dataset DATA --threat FILE
#
# What the data suggest is set, and what only you know stands behind a #. Look at each feature:
# can an attacker change it at all, by how much, and back again?

norm = "linf"      # or "l2", "l1"
eps = 0.1          # the budget of each feature without one of its own; or a list
unit = "range"     # what eps counts: "range" of the training part, "std", "raw", "global-range"

"""
_GROUPS = """\
# Groups of 0/1 columns of which exactly one is 1. To switch the category moves two columns by 1
# each: in L∞ that takes an eps of 1 in raw units for these columns, which they need to be given.
"""
_FEATURES = """
# Of a feature:
#   eps = 2, unit = "raw"     a budget of its own, in "raw" units, "std" or shares of the "range"
#   low = 0, high = 10        its box in raw units, in the place of the training range
#   integer = true            changed by whole numbers
#   immutable = true          never changed
#   only = "up"               or "down": changed one way only
"""


def threat_draft(table: Table) -> str:
    """Return the text of a threat file for ``table``: groups, whole numbers, constants, ranges."""
    groups = one_hot_groups(table.x, table.feature_names)
    named = ",\n".join(
        f"    [{', '.join(_quoted(table.feature_names[i]) for i in group)}]" for group in groups
    )
    n, d = table.x.shape
    about = " ".join(f"{table.name}: {n} rows, {d} features.".split())
    text = _HEAD.format(about=about.translate(_NO_CONTROLS))
    if groups:
        text += f"{_GROUPS}one_hot = [\n{named},\n]\n"
    members = {i for group in groups for i in group}
    return text + _FEATURES + "".join(_features(table, members))


def _features(table: Table, members: set[int]) -> Iterator[str]:
    fixed, whole = constant(table.x), whole_numbers(table.x)
    for i, name in enumerate(table.feature_names):
        column = table.x[:, i]
        low, high = f"{column.min():.6g}", f"{column.max():.6g}"
        yield f"\n[features.{_key(name)}]\n"
        if fixed[i]:
            yield f"immutable = true     # always {low}\n"
        elif i in members:
            yield '# a category, see one_hot\n# eps = 1\n# unit = "raw"\n'
        else:
            yield f"# {low} to {high}, mean {column.mean():.4g}, standard deviation "
            yield f"{np.std(column):.4g}\n"
            if whole[i]:
                yield "integer = true\n"
            yield f"# low = {low}\n# high = {high}\n"


#: Control characters: TOML has none in a comment, and in a name only as escapes.
_CONTROLS = (*range(32), 127)
_NO_CONTROLS = dict.fromkeys(_CONTROLS, " ")
_ESCAPES = {code: f"\\u{code:04x}" for code in _CONTROLS} | {ord('"'): '\\"', ord("\\"): "\\\\"}


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)


def _quoted(name: str) -> str:
    return f'"{name.translate(_ESCAPES)}"'
