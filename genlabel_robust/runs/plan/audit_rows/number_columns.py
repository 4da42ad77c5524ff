"""Text columns that read as numbers: whether the model takes them as numbers."""

from collections.abc import Sequence
from typing import Any

from genlabel_robust.core import quoted
from genlabel_robust.data.columns.cells import is_frame
from genlabel_robust.data.columns.text_numbers import as_numbers, replaced
from genlabel_robust.runs.config.attack_config import AttackConfig
from genlabel_robust.runs.plan.audit_rows.answers import alike, answer_for


def numbered(rows: Any, names: Sequence[str]) -> Any:
    """Return ``rows`` with the columns ``names`` of a frame, all plain numbers, as floats."""
    if not is_frame(rows):
        return rows
    changed = {label: as_numbers(rows[label]) for label in rows.columns if str(label) in names}
    return replaced(rows, changed)


def taken_as_numbers(
    model: Any, x: Any, plain: Sequence[str], config: AttackConfig, what: str
) -> tuple[list[str], list[str]]:
    """Return those of the ``plain`` columns that the model takes as numbers, and notices."""
    if not plain:
        return [], []

    def answer(names: Sequence[str]) -> Any:
        return answer_for(model, numbered(x, names), config, what)

    chosen = list(plain)
    if not alike(answer(chosen), answer([])):
        # test each column alone, with the others as the model takes them
        for name in plain:
            fewer = [one for one in chosen if one != name]
            text = answer(fewer)
            if text is not None and not alike(answer(chosen), text):
                chosen = fewer
    return chosen, [*_said(plain, chosen, what)]


def _said(plain: Sequence[str], chosen: Sequence[str], what: str) -> list[str]:
    others = [name for name in plain if name not in chosen]
    notices = []
    if chosen:
        notices.append(
            f"In {what}, {quoted(chosen)} {_hold(chosen)} text that reads as numbers in every "
            "cell, and the model takes the numbers: the attacker changes them as numbers; "
            f"--category {chosen[0]!r} would make {chosen[0]!r} a column of text."
        )
    if others:
        notices.append(
            f"In {what}, {quoted(others)} {_hold(others)} text that reads as numbers in every "
            "cell, but the model gives other answers for the numbers than for the text, so the "
            "attacker takes the text as categories."
        )
    return notices


def _hold(names: Sequence[str]) -> str:
    return "holds" if len(names) == 1 else "hold"
