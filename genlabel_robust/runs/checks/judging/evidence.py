"""What checks judge: the results of one row, and all that was measured besides."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.core import BoolArray, FloatArray
from genlabel_robust.runs.cells.canary_record import CanaryRecord
from genlabel_robust.runs.cells.panel import Panel


@dataclass(frozen=True, eq=False)
class Evidence:
    """The ``panel`` of one row of the results, looked at where the budget is ``eps``.

    ``nearest`` (S, n): the worst case, over attacks and the witnesses of proofs; ``sweep``: every
    ε of the run; ``canaries``: the records of ``run_canaries`` by name, None where none was run.
    """

    panel: Panel
    nearest: FloatArray
    eps: float
    sweep: tuple[float, ...]
    canaries: Mapping[str, CanaryRecord] | None = None

    @cached_property
    def robust(self) -> BoolArray:
        """Correct on the untouched row and not broken within ``eps``, (S, n)."""
        return self.panel.robust(self.nearest, self.eps)

    @cached_property
    def all_decided(self) -> bool:
        """Whether every answer is misclassified, broken or proved."""
        return self.panel.exact_at(self.eps)

    def recorded(self, key: str) -> float:
        """Return what the attacks put on record under ``key``, summed over attacks and seeds."""
        results = self.panel.results
        return float(sum(by.get(key, 0.0) for r in results for by in r.evidence.values()))

    @property
    def claimed(self) -> float:
        """How many adversarial points attacks claimed, confirmed or not."""
        confirmed = (self.panel.outcomes == Outcome.BROKEN).sum()
        return self.recorded("unconfirmed") + float(confirmed)

    def probed(self, probe: str, key: str) -> float:
        """Return a count of ``probe``, summed over seeds; 0 where it was not made."""
        return float(sum(r.probes.get(probe, {}).get(key, 0.0) for r in self.panel.results))

    def probed_rows(self, probe: str) -> int:
        """Return the number of test rows, over the seeds for which ``probe`` was made."""
        return sum(len(r.labels) for r in self.panel.results if probe in r.probes)

    def probed_in_time(self, probe: str) -> bool:
        """Say whether ``probe`` was made, and had the time for one of the rows that it was for."""
        if self.probed(probe, "rows") and not self.probed(probe, "constant"):
            return bool(self.probed(probe, "sampled"))
        return bool(self.probed_rows(probe))
