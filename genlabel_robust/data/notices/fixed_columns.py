"""Notices about columns that the attacker cannot change, with the reasons."""

from collections.abc import Collection, Iterator

from genlabel_robust.core import plural, quoted
from genlabel_robust.data.columns.number_or_category import Category, Number, missing_name
from genlabel_robust.data.scaling import constant
from genlabel_robust.data.task import Task

_FREED = (
    ". To let it change a column, give the column a budget in a threat file, such as eps = 1, "
    'unit = "raw"'
)


def fixed_columns(task: Task, immutable: Collection[str]) -> list[str]:
    """Return a notice for each reason; constant columns have a notice of their own.

    ``immutable``: the names of the features that the threat model fixes.
    """
    still = {
        name
        for name, is_constant in zip(task.feature_names, constant(task.x_train), strict=True)
        if is_constant
    }
    parts = () if task.encoding is None else task.encoding.parts
    fixed = [part for part in parts if isinstance(part, Category) and _kept(task, part, immutable)]
    own = {name for part in fixed for name in part.names}
    own |= {missing_name(part.name) for part in parts}
    gone = [
        part.name
        for part in parts
        if isinstance(part, Number)
        and part.fill is not None
        and missing_name(part.name) in immutable
    ]
    reasons = (
        (
            [
                p.name
                for p in fixed
                if p.kind in ("text", "coded") and not still.issuperset(p.names)
            ],
            "category",
            "categories",
            _FREED,
        ),
        (
            [p.name for p in fixed if p.kind == "truth" and not still.issuperset(p.names)],
            "column of true and false",
            "columns of true and false",
            _FREED,
        ),
        (
            [n for n in task.feature_names if n in immutable and n not in own | still],
            "feature",
            "features",
            ", which the threat model makes immutable",
        ),
    )
    return [*_sentences(reasons), *_missing(gone)]


def _kept(task: Task, part: Category, immutable: Collection[str]) -> bool:
    """Return whether a category is fixed because it has no budget."""
    if not part.free:
        return True
    return task.limited == "columns" and set(part.names) <= set(immutable)


def _sentences(reasons: Collection[tuple[list[str], str, str, str]]) -> Iterator[str]:
    for names, one, several, why in reasons:
        if names:
            count = plural(len(names), one) if len(names) == 1 else f"{len(names)} {several}"
            yield f"The attacker does not change {count}: {quoted(names)}{why}."


def _missing(names: list[str]) -> list[str]:
    if not names:
        return []
    several, first = len(names) > 1, repr(missing_name(names[0]))
    columns = f"{len(names)} columns of numbers" if several else "1 column of numbers"
    budget = f"features such as {first} a budget" if several else f"{first} a budget"
    return [
        f"Values are missing in {columns}: {quoted(names)}. The attacker neither fills in missing "
        f"values nor removes others, unless a threat file gives {budget}."
    ]
