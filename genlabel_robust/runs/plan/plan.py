"""From a configuration to the list of cells, every name and setting checked beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from genlabel_robust.attacks.attack import Attack
from genlabel_robust.attacks.choice import When
from genlabel_robust.attacks.suite import (
    SuiteFile,
    attack_order,
    build_attack,
    find_suite,
    suite_fingerprint,
)
from genlabel_robust.certify.effort import Effort
from genlabel_robust.core.errors import ConfigurationError, UsageError, unknown_name
from genlabel_robust.core.files.writing import digest
from genlabel_robust.data.load import load_task
from genlabel_robust.data.splits import SplitConfig, SplitKind
from genlabel_robust.data.task import Task
from genlabel_robust.runs.cells.cell import Cell, Checks
from genlabel_robust.runs.cells.model_record import ModelRecord
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.plan.audit_files import AuditFiles
from genlabel_robust.runs.plan.task_notices import noticed
from genlabel_robust.runs.plan.training import (
    check_training,
    knowledge_of,
    trained_alone,
    training_settings,
)
from genlabel_robust.threat.constraints import Constraints
from genlabel_robust.threat.space_of_task import attack_space
from genlabel_robust.threat.step_notices import under_one_step, whole_steps
from genlabel_robust.threat.threat_model import Knowledge, Norm, ThreatModel, Unit


@dataclass(frozen=True, eq=False)
class Plan:
    """Everything a run will do: tasks by the name they were asked for, and cells.

    ``suite``: what results call the attacks; ``suite_file``: where those come from, with its
    version.
    ``given``: a digest of the model, where it is given and not trained; ``record``: what
    results say of it; ``files``: what it was read from, and the data, with the ``digests``
    of the tables' files. ``when``: as of ``Cell``.
    """

    config: RunConfig
    threat: ThreatModel
    suite: str
    suite_file: str
    attacks: tuple[Attack, ...]
    tasks: Mapping[str, Task]
    cells: tuple[Cell, ...]
    given: str | None = None
    record: ModelRecord | None = None
    files: AuditFiles | None = None
    digests: Mapping[str, str] = field(default_factory=dict)
    when: When = field(default_factory=dict)

    @property
    def identity(self) -> dict[str, Any]:
        """What must agree for a run folder to be continued."""
        given = {} if self.given is None else {"given": self.given, **self._read_as}
        return (
            self.config.identity
            | given
            | {
                "fingerprints": {
                    "data": {name: task.content_hash for name, task in self.tasks.items()},
                    "suite": suite_fingerprint(self.attacks, self.when),
                }
            }
        )

    def asked(self, cell: Cell) -> Knowledge:
        """Return the most that an attacker can ask of the model of ``cell``."""
        if self.record is not None:
            return self.record.knowledge
        return knowledge_of(cell.architecture, cell.settings.get("architecture", {}))

    @property
    def short_hash(self) -> str:
        """Ten hex digits that name this run: those of the configuration, or with a model's."""
        if self.given is None:
            return self.config.short_hash
        return digest({**self.config.named, "given": self.given, **self._read_as})[:10]

    @property
    def _read_as(self) -> dict[str, str]:
        """What the model's one output was taken to be, if it gives one: it is another model."""
        output = None if self.record is None else self.record.output
        return {} if output is None else {"output": output}


def make_plan(config: RunConfig, tasks: Mapping[str, Task] | None = None) -> Plan:
    """Resolve ``config``; every mistake in it is raised here, before anything is computed.

    ``tasks``: in the place of the configuration's data sets, if they are at hand.
    """
    suite = find_suite(config.suite)
    norm = config.norm or suite.norms[0]
    if norm not in suite.norms:
        raise ConfigurationError(
            f"suite {suite.label!r} does not run under norm {norm!r}; it allows "
            f"{', '.join(suite.norms)}"
        )
    threat = ThreatModel(
        norm,
        config.eps,
        cast("Unit", config.unit or suite.unit or "range"),
        Constraints.of(config.constraints),
    )
    attacks, label = _attacks(config, suite, threat.norm)
    # what is asked for by name runs wherever it can
    when = (
        {}
        if config.attacks
        else {a.name: suite.when[a.name] for a in attacks if a.name in suite.when}
    )
    check_training(config)
    split = SplitConfig(
        test_share=config.test_share,
        kind=cast("SplitKind", config.split),
        seed=config.split_seed,
        group=config.group,
        test_file=config.test_file,
        max_examples=config.max_examples,
        drop=config.drop,
        category=config.category,
    )
    tasks = _fitting(threat, _tasks(config, split) if tasks is None else tasks, config)
    tasks = {name: noticed(task, threat) for name, task in tasks.items()}
    cells = tuple(
        Cell(
            dataset=task.name,
            strategy=strategy,
            architecture=architecture,
            seed=config.seed + index,
            data=task.content_hash,
            threat=threat,
            attacks=attacks,
            settings=training_settings(config, strategy, architecture),
            device=config.device,
            checks=_checks(config, index),
            early_stop=config.early_stop,
            max_seconds=config.max_seconds,
            when=when,
            certify=cast("Effort", config.certify),
            certify_seconds=config.certify_seconds,
        )
        for task in tasks.values()
        for architecture in config.architectures
        for strategy in config.strategies
        for index in range(config.seeds)
    )
    return Plan(config, threat, label, suite.label, attacks, tasks, cells, when=when)


def _checks(config: RunConfig, index: int) -> Checks:
    light = config.checks == "quick" and index > 0
    return "light" if light else cast("Checks", config.checks)


def _tasks(config: RunConfig, split: SplitConfig) -> dict[str, Task]:
    tasks: dict[str, Task] = {}
    for spec in config.datasets:
        whole = config.whole_numbers == "whole"
        task = load_task(spec, split, config.scaling, whole_numbers=whole)
        if task.name in tasks:
            raise ConfigurationError(
                f"two data sets are named {task.name!r}; results could not be told apart, so "
                "rename a file or run them apart"
            )
        tasks[task.name] = task
    return tasks


def _fitting(threat: ThreatModel, tasks: Mapping[str, Task], config: RunConfig) -> dict[str, Task]:
    """Return the tasks with what a reader must know of them under ``threat``.

    Raises what keeps the constraints of ``threat`` from being those of a data set.
    """
    fitting = {}
    for name, task in tasks.items():
        try:
            space = attack_space(task, threat)
        except UsageError as error:
            raise type(error)(f"data set {name!r}: {error}") from error
        told = [*whole_steps(task, space), *under_one_step(task, space, threat)]
        told += trained_alone(config)
        fitting[name] = replace(task, notices=(*task.notices, *told)) if told else task
    return fitting


def _attacks(config: RunConfig, suite: SuiteFile, norm: Norm) -> tuple[tuple[Attack, ...], str]:
    """Return the attacks of the run, and the suite's label, "custom" if it was changed."""
    listed, label = suite.listed(norm), suite.label
    names = attack_order(config.attacks) or tuple(listed)
    changes = config.settings.get("attack", {})
    for name in changes:
        if name not in names:
            raise unknown_name("attack in this run to set", name, names)
    attacks = tuple(
        build_attack(name, {**listed.get(name, {}), **changes.get(name, {})}, label)
        for name in names
    )
    for attack in attacks:
        if (refusal := attack.refusal(norm)) is not None:
            raise ConfigurationError(refusal)
    unconditional = bool(config.attacks) and not suite.when.keys().isdisjoint(names)
    changed = bool(changes) or names != tuple(listed) or unconditional
    return attacks, f"custom (from {label})" if changed else label
