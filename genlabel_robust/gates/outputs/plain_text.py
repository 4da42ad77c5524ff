"""A gate's verdicts for a terminal."""

from collections.abc import Iterator

from genlabel_robust.core import plain
from genlabel_robust.gates.verdicts.verdict import GateResult


def text(result: GateResult) -> str:
    """Return a sentence per endpoint, what else must be known, and the verdict on all."""
    return "".join(f"{plain(line)}\n" for line in _lines(result))


def _lines(result: GateResult) -> Iterator[str]:
    yield from (verdict.sentence for verdict in result.verdicts)
    for row in result.described:
        yield f"described {row}"
    for note in result.notes:
        yield f"note: {note}"
    if result.command:
        yield f"again: {result.command}"
    tolerated = result.status == "inconclusive" and result.policy != "fail"
    yield f"gate: {result.status}" + (f" ({result.policy})" if tolerated else "")
