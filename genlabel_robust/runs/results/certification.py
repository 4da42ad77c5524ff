"""What a row of the results says of proofs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from genlabel_robust.core.files.json_values import json_fields
from genlabel_robust.runs.cells.panel import Panel


@dataclass(frozen=True)
class Certification:
    """What is known of the inside of the models, and how many answers are decided how.

    ``kind``, ``about``, ``reason``, ``cut``, ``rounding``: as of ``Inside``.
    ``measured_rounding``: its ``measured``. ``outcomes``: how many answers, over all seeds, are
    "misclassified", "broken", "certified" and "open"; None where nothing is proved.
    """

    kind: str | None
    about: str | None
    reason: str | None
    cut: bool | None = None
    rounding: float | None = None
    measured_rounding: float | None = None
    outcomes: Mapping[str, int] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it as ``results.json`` has it."""
        optional = ("cut", "rounding", "measured_rounding", "outcomes")
        return json_fields(self, where_set=optional)


def certification(panel: Panel, eps: float) -> Certification:
    """Return what is proved at ``eps``, and how many examples are decided, over all seeds."""
    certified = panel.certified(eps)
    if certified is None:
        # another seed's model may be none that is known
        return Certification(None, None, panel.unproved)
    undecided = int(panel.undecided(eps).sum())
    insides = [result.inside for result in panel.results]
    return Certification(
        insides[0].kind,
        insides[0].about,
        insides[0].reason,
        any(inside.cut for inside in insides),
        _largest(inside.rounding for inside in insides),
        _largest(inside.measured for inside in insides),
        {
            "misclassified": int((~panel.clean).sum()),
            "broken": int(panel.clean.sum() - certified.sum()) - undecided,
            "certified": int(certified.sum()),
            "open": undecided,
        },
    )


def _largest(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)
