"""Draft of a commented threat file, as the data suggest it."""

import re
from collections.abc import Collection, Iterator, Sequence

import numpy as np

from genlabel_robust.core import FloatArray, plural, quoted
from genlabel_robust.data import Table
from genlabel_robust.data.columns.choose_encoding import MOST_LEVELS
from genlabel_robust.data.columns.feature_kinds import one_hot_groups, whole_numbers
from genlabel_robust.data.columns.number_or_category import Category, Number, missing_name
from genlabel_robust.data.rows import Rows, rows_of
from genlabel_robust.data.scaling import constant
from genlabel_robust.threat.constraints.constraints import KINDS
from genlabel_robust.threat.threat_file.proposed_relations import Values, proposed_lines
from genlabel_robust.threat.threat_model import TOLERANCE

#: The budget in a draft.
EPS = 0.1
#: The commands for which a draft can be made.
EVALUATE, AUDIT = "evaluate --dataset DATA", "audit MODEL --data DATA --target COLUMN"

_HEAD = """\
# A threat model: what an attacker may change, and by how much.
# {about}
#
#   {command} --threat FILE
#
# What the data suggest is set. What only you can know is in comments. Look at each feature:
# can an attacker change it at all, by how much, and in which directions?

norm = "linf"      # or "l2", "l1"; "l0": eps is then how many features may change
eps = {eps:g}          # the budget of each feature without one of its own; or a list
unit = "range"     # what eps counts: "range" of the {ranges}, "std", "raw", "global-range"
# [budget]         # instead of norm and eps: what an attacker may spend (see cost)
# cost = 100

"""
_GROUPS = """\
# Groups of 0/1 columns: exactly one column of a group is 1. A switch of the category moves two
# columns by 1 each. To allow it in L∞, give these columns an eps of 1 in raw units.
"""
_FEATURES = "\n# What you can set for a feature:\n" + "".join(
    "#   {:<26}{}\n".format(*kind.draft) for kind in KINDS.values() if kind.draft is not None
)

_SWITCHED = """\
# Does not change unless you give it a budget. A change moves two 0/1 columns by 1 raw unit each:
# eps = 1          # in L∞ and L0; L2 needs 1.5 (√2), L1 needs 2
# unit = "raw"
"""
_HIDDEN = """\
# Does not change unless you give it a budget. Then the attacker may remove values, or fill
# in missing ones:
# eps = 1
# unit = "raw"
"""


def threat_draft(table: Table, *, relations: bool = False) -> str:
    """Return the text of a threat file for ``table``: groups, integers, constants, ranges.

    ``relations``: whether to include relations that hold on all rows.
    """
    if table.encoding is not None:
        rows = rows_of(table.frame)
        return audit_draft(table.name, rows, EVALUATE, "training part", relations=relations)
    names, (n, d) = table.feature_names, table.x.shape
    groups, members = _groups(table.x, names)
    about = f"{table.name}: {n} rows, {d} features."
    text = _head(about, EVALUATE, "training part") + groups
    if relations:
        columns = zip(names, table.x.T, strict=True)
        text += proposed_lines({n: Values(x) for n, x in columns if n not in members})
    text += _FEATURES
    for name, values in zip(names, table.x.T, strict=True):
        text += "".join(_number(name, values, members))
    return text


def audit_draft(
    name: str,
    rows: Rows,
    command: str = AUDIT,
    ranges: str = "reference rows",
    *,
    relations: bool = False,
) -> str:
    """Return the text of a threat file for an audit on ``rows``, from the table ``name``.

    ``command``: the command for which it is made; ``ranges``: the name of the rows that define
    ranges.

    Its features are the table's own columns. Categories and missing values do not change unless the
    user activates a line that is commented out. ``relations``: as for ``threat_draft``.
    """
    parts, encoding = rows.encoding.parts, rows.encoding
    column = dict(zip(rows.names, rows.x.T, strict=True))
    plain = [part.name for part in parts if isinstance(part, Number) and part.fill is None]
    groups, members = "", set[str]()
    if plain:
        groups, members = _groups(np.column_stack([column[n] for n in plain]), plain)
    n_rows, n_columns = len(rows.x), len(encoding.columns)
    about = f"{name}: {n_rows} rows, {n_columns} features; the sizes below are of these rows."
    text = _head(about, command, ranges) + groups
    text += (proposed_lines(_columns(rows)) if relations else "") + _FEATURES
    for part in parts:
        if isinstance(part, Category):
            text += _category(part)
        elif part.fill is None:
            text += "".join(_number(part.name, column[part.name], members))
        else:
            gone = column[missing_name(part.name)] == 1
            if not gone.all():
                text += "".join(_number(part.name, column[part.name][~gone], ()))
            text += f"\n[features.{_key(missing_name(part.name))}]\n"
            text += f"# 1 in {plural(int(gone.sum()), 'row')}, else 0\n{_HIDDEN}"
    return text


def _columns(rows: Rows) -> dict[str, Values]:
    """Return the values of the table's own columns, by name."""
    found = {}
    for part, block in rows.encoding.blocks(rows.x):
        if isinstance(part, Number):
            found[part.name] = Values(part.number(block))
        else:
            codes = part.codes(block).astype(np.float64)
            codes[codes >= len(part.levels)] = np.nan
            found[part.name] = Values(codes, category=True)
    return found


def _head(about: str, command: str, ranges: str) -> str:
    about = " ".join(about.split()).translate(_NO_CONTROLS)
    return _HEAD.format(eps=EPS, about=about, command=command, ranges=ranges)


def _groups(x: FloatArray, names: Sequence[str]) -> tuple[str, set[str]]:
    """Return the text about the one-hot groups of ``x`` (n, d), and the members of the groups."""
    groups = [[names[i] for i in group] for group in one_hot_groups(x, names)]
    if not groups:
        return "", set()
    named = ",\n".join(f"    [{', '.join(_quoted(n) for n in group)}]" for group in groups)
    return f"{_GROUPS}one_hot = [\n{named},\n]\n", {n for group in groups for n in group}


def _number(name: str, values: FloatArray, members: Collection[str]) -> Iterator[str]:
    column = values[:, None]
    low, high = f"{values.min():.6g}", f"{values.max():.6g}"
    yield f"\n[features.{_key(name)}]\n"
    if constant(column)[0]:
        yield f"immutable = true     # always {low}\n"
    elif name in members:
        yield '# a category, see one_hot\n# eps = 1\n# unit = "raw"\n'
    else:
        yield f"# {low} to {high}, mean {values.mean():.4g}, standard deviation "
        yield f"{np.std(values):.4g}\n"
        if whole_numbers(column)[0]:
            yield f"integer = true     # {_steps(float(np.ptp(values)))}\n"
        yield f"# low = {low}\n# high = {high}\n"


def _steps(extent: float) -> str:
    """Return a comment about the draft's ε for integers with a range of ``extent``."""
    budget = EPS * extent
    steps = np.floor(budget * (1 + TOLERANCE))
    if not steps:
        return f"at eps = {EPS:g} no change: {budget:.4g} is under one step"
    return f"at eps = {EPS:g} by {steps:.10g} at most"


def _category(part: Category) -> str:
    names = [
        str(level) if len(str(level)) <= 40 else f"{str(level)[:40]}…" for level in part.levels
    ]
    levels = f"{quoted(names)}{'' if part.missing is None else ' or missing'}"
    text = f"\n[features.{_key(part.name)}]\n"
    count = len(part.level_names)
    if count < 2:
        return f"{text}immutable = true     # always {levels}\n"
    text += f"# a category of {plural(count, 'level')}: {levels}\n"
    if count > MOST_LEVELS:
        return f"{text}immutable = true     # too many levels to be changed\n"
    return text + _SWITCHED


#: Control characters, which TOML forbids in comments and allows in names only as escapes, and
#: characters that reverse the direction of text: a reader must see what an attacker may change.
_CONTROLS = (
    *range(32),
    127,
    0x200E,
    0x200F,
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
)
_NO_CONTROLS = dict.fromkeys(_CONTROLS, " ")
_ESCAPES = {code: f"\\u{code:04x}" for code in _CONTROLS} | {ord('"'): '\\"', ord("\\"): "\\\\"}


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)


def _quoted(name: str) -> str:
    return f'"{name.translate(_ESCAPES)}"'
