"""The plan of attacks and threat model, the part that every run's plan has."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from genlabel_robust.attacks.attack import Attack
from genlabel_robust.attacks.choice import When
from genlabel_robust.attacks.suite import SuiteFile, attack_order, build_attack, find_suite
from genlabel_robust.certify.effort import Effort
from genlabel_robust.core import (
    ConfigurationError,
    PriceError,
    RelationError,
    UsageError,
    unknown_name,
)
from genlabel_robust.data import Task
from genlabel_robust.data.subgroups.grouping import groupings
from genlabel_robust.runs.cells.cell import Cell, Checks
from genlabel_robust.runs.config.attack_config import AttackConfig
from genlabel_robust.runs.plan.origin import Origin
from genlabel_robust.runs.plan.plan import Plan
from genlabel_robust.runs.plan.task_notices import noticed
from genlabel_robust.runs.plan.used_parts import used_parts
from genlabel_robust.threat import Constraints, Norm, ThreatModel, attack_space
from genlabel_robust.threat.norms import Unit
from genlabel_robust.threat.notices.broken_relations import broken_relations
from genlabel_robust.threat.notices.own_boxes import own_boxes
from genlabel_robust.threat.notices.steps import (
    every_feature,
    shares_of_zero,
    under_one_step,
    whole_steps,
)
from genlabel_robust.threat.reach import refuse_idle


@dataclass(frozen=True, eq=False)
class AttackPlan:
    """Threat, attacks and checks of a run, for any models; fields as in ``Plan``."""

    config: AttackConfig
    threat: ThreatModel
    suite: str
    suite_file: str
    attacks: tuple[Attack, ...]
    when: When

    def task(self, task: Task, *more: str, referred: bool = False) -> Task:
        """Return ``task`` with the notices that a reader needs under the threat, and ``more``.

        ``referred``: whether its ranges come from reference rows instead of training rows.
        Raises an error if the threat's constraints do not fit the data set, or if its columns
        cannot define groups.
        """
        try:
            space = attack_space(task, self.threat)
            refuse_idle(space, self.threat)
            groupings(task.by)
        except RelationError as error:
            raise RelationError(f"data set {task.name!r}: {error}", error.relation) from error
        except PriceError as error:
            raise PriceError(f"data set {task.name!r}: {error}", error.places) from error
        except UsageError as error:
            raise type(error)(f"data set {task.name!r}: {error}") from error
        notices = (
            *own_boxes(task, space, self.threat.constraints.bounds),
            *whole_steps(task, space),
            *under_one_step(task, space, self.threat),
            *shares_of_zero(task, space),
            *every_feature(space, self.threat),
            *broken_relations(task, space),
            *more,
        )
        known = replace(task, notices=(*task.notices, *notices))
        return noticed(known, self.threat, referred=referred)

    def cell(
        self,
        task: Task,
        strategy: str,
        architecture: str,
        settings: Mapping[str, Mapping[str, Any]],
        index: int = 0,
        device: str = "cpu",
        *,
        hidden: bool = True,
    ) -> Cell:
        """Return the cell of one model on ``task``, with the training number ``index``.

        ``device``: where torch trains and predicts. ``hidden``: whether the model may be a net with
        hidden layers; for other models, searches for proofs are never short.
        """
        config = self.config
        short = config.certify == "auto" and config.proofs == "short"
        light = config.checks == "quick" and index > 0
        return Cell(
            dataset=task.name,
            strategy=strategy,
            architecture=architecture,
            seed=config.seed + index,
            data=task.content_hash,
            threat=self.threat,
            attacks=self.attacks,
            settings=settings,
            device=device,
            checks="light" if light else cast("Checks", config.checks),
            early_stop=config.early_stop,
            max_seconds=config.max_seconds,
            when=self.when,
            certify="short" if hidden and short else cast("Effort", config.certify),
            certify_seconds=config.certify_seconds,
            parts=used_parts(strategy, architecture, [attack.name for attack in self.attacks]),
        )

    def plan(self, tasks: Mapping[str, Task], cells: tuple[Cell, ...], origin: Origin) -> Plan:
        """Return the plan of attacking the models of ``cells``, which come from ``origin``."""
        return Plan(
            config=self.config,
            threat=self.threat,
            suite=self.suite,
            suite_file=self.suite_file,
            attacks=self.attacks,
            tasks=tasks,
            cells=cells,
            when=self.when,
            origin=origin,
        )


def attack_plan(config: AttackConfig, constraints: Mapping[str, Any] | None = None) -> AttackPlan:
    """Return the threat and attacks in ``config``, or raise an error for a mistake in it.

    ``constraints``: used instead of the configuration's, if columns were encoded.
    """
    suite = find_suite(config.suite, config.norm)
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
        Constraints.of(config.constraints if constraints is None else constraints),
    )
    attacks, label = _attacks(config, suite, threat.norm)
    # attacks that the user named run wherever they can
    when = (
        {}
        if config.attacks
        else {a.name: suite.when[a.name] for a in attacks if a.name in suite.when}
    )
    return AttackPlan(config, threat, label, suite.label, attacks, when)


def _attacks(config: AttackConfig, suite: SuiteFile, norm: Norm) -> tuple[tuple[Attack, ...], str]:
    """Return the attacks of the run, and the suite's label, "custom" if it was changed."""
    listed, label = suite.listed(norm), suite.label
    names = attack_order(config.attacks) or tuple(listed)
    changes = config.settings.get("attack", {})
    for name in changes:
        if name not in names:
            raise unknown_name("attack", name, names, of="this run", where="to set")
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
