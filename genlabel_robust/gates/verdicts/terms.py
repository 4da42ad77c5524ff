"""The terms of a gate: what it decides, and how much may change."""

from dataclasses import dataclass

from genlabel_robust.core import ConfigurationError, unknown_name
from genlabel_robust.gates.verdicts.figures import MODES
from genlabel_robust.gates.verdicts.verdict import POLICIES, Policy


@dataclass(frozen=True)
class Terms:
    """The requirements on the candidate.

    ``endpoints``: in the form of ``parse_endpoint``; empty for the baseline's. ``mode``: None for
    the one that fits the numbers of seeds. ``max_drop``: the largest drop allowed, a fraction.
    ``min_robust``: a floor for every robust accuracy, a fraction. ``inconclusive``: how an
    undecided endpoint counts. Raises ``ConfigurationError`` for invalid values.
    """

    endpoints: tuple[str, ...] = ()
    mode: str | None = None
    max_drop: float = 0.02
    min_robust: float | None = None
    inconclusive: Policy = "fail"

    def __post_init__(self) -> None:
        if not 0 < self.max_drop < 1:
            raise ConfigurationError(
                f"max_drop is {self.max_drop}; it must lie between 0 and 1: two points are 0.02"
            )
        if self.min_robust is not None and not 0 <= self.min_robust <= 1:
            raise ConfigurationError(
                f"min_robust is {self.min_robust}; it must lie in [0, 1]: 40 % are 0.4"
            )
        if self.mode not in (None, *MODES):
            raise unknown_name("mode", str(self.mode), MODES, of="the gate")
        if self.inconclusive not in POLICIES:
            raise unknown_name(
                "answer", self.inconclusive, POLICIES, where="to what is inconclusive"
            )
