"""The proofs in a row of the results."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from genlabel_robust.core.files.json_values import json_fields
from genlabel_robust.runs.cells.panel import Panel


@dataclass(frozen=True)
class Certification:
    """The structure of the models, and the number of answers with each outcome.

    ``kind``, ``about``, ``reason``, ``cut``, ``rounding``: as in ``Inside``.
    ``measured_rounding``: its ``measured``. ``outcomes``: how many answers, over all seeds, are
    "misclassified", "broken", "certified" and "open"; None if nothing is proved.
    """

    kind: str | None
    about: str | None
    reason: str | None
    cut: bool | None = None
    rounding: float | None = None
    measured_rounding: float | None = None
    outcomes: Mapping[str, int] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as in ``results.json``."""
        optional = ("cut", "rounding", "measured_rounding", "outcomes")
        return json_fields(self, where_set=optional)


def certification(panel: Panel, eps: float) -> Certification:
    """Return the structure behind the proofs, and the outcomes at ``eps`` over all seeds."""
    certified = panel.certified(eps)
    if certified is None:
        # the model of another seed may have no known structure
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
