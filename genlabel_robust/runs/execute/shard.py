"""Shards: parts of a run that several hosts compute in a shared folder."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from genlabel_robust.core import ConfigurationError, shown
from genlabel_robust.core.machine.stopwatch import Stopwatch
from genlabel_robust.core.parallel import on_cluster
from genlabel_robust.runs.cells.cell import Cell
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.execute.schedule import Progress, execute
from genlabel_robust.runs.folder.manifest import manifest
from genlabel_robust.runs.folder.store import RunFolder
from genlabel_robust.runs.plan.plan import Plan
from genlabel_robust.runs.plan.recipe_plan import make_plan
from genlabel_robust.runs.plan.workable import refuse_unworkable

_TEXT = re.compile(r"([0-9]{1,9})/([0-9]{1,9})", re.ASCII)


@dataclass(frozen=True)
class Shard:
    """The part ``number``, from 1, of ``count``."""

    number: int
    count: int

    @classmethod
    def of(cls, text: str) -> "Shard":
        """Return the shard that ``text`` names, such as "7/200"; raises ``ConfigurationError``."""
        match = _TEXT.fullmatch(text)
        if match is not None and 1 <= int(match[1]) <= int(match[2]):
            return cls(int(match[1]), int(match[2]))
        raise ConfigurationError(
            f"shard is {shown(text)}; it must be K/N, the part K of N with K from 1 to N, such as "
            "7/200"
        )

    def cells(self, plan: Plan) -> list[Cell]:
        """Return its cells of ``plan``: every count-th one in the order of keys."""
        return sorted(plan.cells, key=lambda cell: cell.key)[self.number - 1 :: self.count]


@dataclass(frozen=True)
class ShardEnd:
    """The end of a shard: the number of its ``cells``, now in the folder ``path``.

    ``finished``: the number of finished cells of the run, of ``total``.
    """

    path: Path
    cells: int
    finished: int
    total: int


def evaluate_shard(
    config: RunConfig,
    shard: Shard,
    *,
    sources: Mapping[str, str] | None = None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> ShardEnd:
    """Compute the cells of ``shard`` in the run's folder, beside the other shards.

    Afterwards ``evaluate`` with the same configuration combines the results. Raises the errors of
    ``evaluate``, and ``OutputError`` if the folder was begun with other library versions.
    """
    plan = make_plan(config)
    refuse_unworkable(plan)
    folder = RunFolder(plan.folder)
    own = shard.cells(plan)
    with on_cluster(config.cluster):
        folder.join(manifest(plan, sources or {}, Stopwatch.start().times(ended=False)))
        execute(plan, folder, on_progress, own)
    finished = sum(folder.holds(cell.key) for cell in plan.cells)
    return ShardEnd(folder.path, len(own), finished, len(plan.cells))
