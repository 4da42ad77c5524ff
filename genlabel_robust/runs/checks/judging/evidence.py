"""The evidence that checks judge: the results of one row, and additional measurements."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from genlabel_robust.attacks.attack import Outcome
from genlabel_robust.core import BoolArray, FloatArray
from genlabel_robust.runs.cells.canary_record import CanaryRecord
from genlabel_robust.runs.cells.panel import Panel


@dataclass(frozen=True, eq=False)
class Evidence:
    """The evidence for one row of the results: its ``panel`` at the budget ``eps``.

    ``nearest`` (S, n): the smallest distances over attacks and witnesses of proofs. ``sweep``:
    every ε of the run. ``canaries``: name -> record of ``run_canaries``, None if there are none.
    """

    panel: Panel
    nearest: FloatArray
    eps: float
    sweep: tuple[float, ...]
    canaries: Mapping[str, CanaryRecord] | None = None

    @cached_property
    def robust(self) -> BoolArray:
        """The rows (S, n) that are correct and not broken within ``eps``."""
        return self.panel.robust(self.nearest, self.eps)

    @cached_property
    def all_decided(self) -> bool:
        """Whether every row is misclassified, broken or proved."""
        return self.panel.exact_at(self.eps)

    def recorded(self, key: str) -> float:
        """Return the sum of the attacks' records under ``key``, over attacks and seeds."""
        results = self.panel.results
        return float(sum(by.get(key, 0.0) for r in results for by in r.evidence.values()))

    @property
    def claimed(self) -> float:
        """The number of adversarial points that attacks claimed, confirmed or not."""
        confirmed = (self.panel.outcomes == Outcome.BROKEN).sum()
        return self.recorded("unconfirmed") + float(confirmed)

    def probed(self, probe: str, key: str) -> float:
        """Return a count of ``probe``, summed over seeds; 0 if the probe did not run."""
        return float(sum(r.probes.get(probe, {}).get(key, 0.0) for r in self.panel.results))

    def probed_rows(self, probe: str) -> int:
        """Return the number of test rows, over the seeds for which ``probe`` ran."""
        return sum(len(r.labels) for r in self.panel.results if probe in r.probes)

    def probed_in_time(self, probe: str) -> bool:
        """Return whether ``probe`` ran, and had time for at least one of its rows."""
        if self.probed(probe, "rows") and not self.probed(probe, "constant"):
            return bool(self.probed(probe, "sampled"))
        return bool(self.probed_rows(probe))
