"""Everything that a run will do, and what names it."""

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
    """Everything a run will do: tasks by the name they were asked for, and cells.

    ``suite``: what results call the attacks; ``suite_file``: where those come from, with its
    version. ``when``: as of ``Cell``. ``origin``: what the run is of.
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
        """What must agree for a run folder to be continued."""
        fingerprints = {
            "data": {name: task.content_hash for name, task in self.tasks.items()},
            "suite": suite_fingerprint(self.attacks, self.when),
        }
        identity = self.config.identity | identity_of(self.origin)
        return identity | self._outside | {"fingerprints": fingerprints}

    @property
    def parts(self) -> tuple[Part, ...]:
        """What comes from outside the package and has a say in a cell, each once."""
        found = {(part.kind, part.name): part for cell in self.cells for part in cell.parts}
        return tuple(found.values())

    @property
    def _outside(self) -> dict[str, Any]:
        return {"parts": [part.record for part in self.parts]} if self.parts else {}

    def asked(self, cell: Cell) -> Knowledge:
        """Return the most that an attacker can ask of the model of ``cell``."""
        match self.origin:
            case ModelFile(record=record) | InMemory(record=record):
                return record.knowledge
        return knowledge_of(cell.architecture, cell.settings.get("architecture", {}))

    @property
    def short_hash(self) -> str:
        """Ten hex digits that name this run: those of the configuration, or with a model's."""
        named = {"datasets": [*self.tasks]} | self.config.named
        return digest(named | identity_of(self.origin) | self._outside)[:10]

    @property
    def folder(self) -> Path:
        """The run's folder: the one that was named, or one of this run's own name in ``runs``."""
        return self.config.folder(self.short_hash)

    @property
    def transfers(self) -> bool:
        """Whether each model's adversarial examples are tried on the others."""
        return isinstance(self.config, RunConfig) and self.config.transfer
