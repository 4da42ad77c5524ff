"""The complete plan of a run, and its identity."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genlabel_robust.attacks.attack import Attack
from genlabel_robust.attacks.choice import When
from genlabel_robust.attacks.suite import suite_fingerprint
from genlabel_robust.core.admitted import Part
from genlabel_robust.core.files.writing import digest
from genlabel_robust.data import Task
from genlabel_robust.runs.cells.cell import Cell
from genlabel_robust.runs.config.attack_config import AttackConfig
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.plan.origin import InMemory, ModelFile, Origin, identity_of
from genlabel_robust.runs.plan.recipe_training import knowledge_of
from genlabel_robust.threat import Knowledge, ThreatModel


@dataclass(frozen=True, eq=False)
class Plan:
    """The complete plan of a run: tasks by their requested names, and cells.

    ``suite``: the name of the attacks in the results; ``suite_file``: their source, with its
    version. ``when``: as in ``Cell``. ``origin``: of the models.
    """

    config: AttackConfig
    threat: ThreatModel
    suite: str
    suite_file: str
    attacks: tuple[Attack, ...]
    tasks: Mapping[str, Task]
    cells: tuple[Cell, ...]
    when: When
    origin: Origin

    @property
    def identity(self) -> dict[str, Any]:
        """Everything that must agree for a run folder to be resumed."""
        fingerprints = {
            "data": {name: task.content_hash for name, task in self.tasks.items()},
            "suite": suite_fingerprint(self.attacks, self.when),
        }
        identity = self.config.identity | identity_of(self.origin)
        return identity | self._outside | {"fingerprints": fingerprints}

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts from outside the package that can affect a cell, each once."""
        found = {(part.kind, part.name): part for cell in self.cells for part in cell.parts}
        return tuple(found.values())

    @property
    def _outside(self) -> dict[str, Any]:
        return {"parts": [part.record for part in self.parts]} if self.parts else {}

    def knowledge(self, cell: Cell) -> Knowledge:
        """Return the most that the model of ``cell`` offers to an attacker."""
        match self.origin:
            case ModelFile(record=record) | InMemory(record=record):
                return record.knowledge
        return knowledge_of(cell.architecture, cell.settings.get("architecture", {}))

    @property
    def short_hash(self) -> str:
        """Ten hex digits that name this run, from its configuration, and its model in an audit."""
        named = {"datasets": [*self.tasks]} | self.config.named
        return digest(named | identity_of(self.origin) | self._outside)[:10]

    @property
    def folder(self) -> Path:
        """The run's folder: ``out`` if it is set, otherwise one in ``runs``."""
        return self.config.folder(self.short_hash)

    @property
    def transfers(self) -> bool:
        """Whether each model's adversarial examples are tried on the others."""
        return isinstance(self.config, RunConfig) and self.config.transfer
