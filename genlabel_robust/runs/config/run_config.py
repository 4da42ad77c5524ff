"""The configuration of a run, frozen: each field declares a setting."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import prod
from typing import ClassVar

from genlabel_robust.core import ConfigurationError
from genlabel_robust.models import DEFAULT_ARCHITECTURES
from genlabel_robust.runs.config.attack_config import AttackConfig
from genlabel_robust.runs.config.setting import TRAININGS, Setting
from genlabel_robust.runs.config.tables import TABLES
from genlabel_robust.strategies import DEFAULT_STRATEGIES
from genlabel_robust.trainers.config import SEARCHES

_MOST_CELLS = 100_000


@dataclass(frozen=True)
class RunConfig(AttackConfig):
    """Everything that determines a run: how models are trained, and how they are attacked."""

    tables: ClassVar[tuple[str, ...]] = tuple(TABLES)

    datasets: tuple[str, ...] = Setting(
        ("iris", "wine", "breast-cancer"),
        "names",
        "A name of `list datasets`, openml:ID, or FILE.csv#TARGET.",
        TRAININGS,
        "always",
        option="dataset",
    ).field()
    strategies: tuple[str, ...] = Setting(
        DEFAULT_STRATEGIES,
        "names",
        "A name of `list strategies`, or module:Name for a strategy of yours.",
        TRAININGS,
        "always",
        option="strategy",
        default_text="the eight of the paper",
    ).field()
    architectures: tuple[str, ...] = Setting(
        DEFAULT_ARCHITECTURES,
        "names",
        "A name of `list models`, sklearn:NAME, or module:Name for an architecture of yours.",
        TRAININGS,
        "always",
        option="arch",
    ).field()
    transfer: bool = Setting(
        False,
        "true or false",
        "At the end, try each model's adversarial examples on the others; see transfer.json.",
        TRAININGS,
        "always",
    ).field()
    seeds: int = Setting(
        5,
        "whole number",
        "Number of trainings per strategy.",
        TRAININGS,
        "always",
        least=1,
        most=1000,
    ).field()
    split: str = Setting(
        "stratified",
        "text",
        "stratified, or paper (not stratified, seed 2021).",
        TRAININGS,
        "always",
        metavar="KIND",
    ).field()
    split_seed: int = Setting(
        0, "whole number", "Seed of the split.", TRAININGS, "always", least=0, most=2**32 - 1
    ).field()
    test_share: float = Setting(
        0.3, "number", "Share of rows to test on.", TRAININGS, "always"
    ).field()
    test_file: str | None = Setting(
        None,
        "text",
        "Test on the rows of this file; train on those of --dataset.",
        TRAININGS,
        "always",
        option="test",
        metavar="FILE",
    ).field()
    group: str | None = Setting(
        None,
        "text",
        "Keep rows with one value of this column on one side of the split.",
        TRAININGS,
        "always",
        metavar="COLUMN",
    ).field()
    keep: tuple[str, ...] = Setting(
        (),
        "names",
        "Keep this column as a feature even if it looks like an identifier.",
        TRAININGS,
        metavar="COLUMN",
    ).field()
    scaling: str = Setting(
        "range",
        "text",
        "range, standard, or paper (standard, fitted on all rows).",
        TRAININGS,
        "always",
        metavar="KIND",
    ).field()
    tune: bool = Setting(
        False,
        "true or false",
        "Choose learning rate, γ and density by cross-validation.",
        TRAININGS,
        "always",
    ).field()
    search: str = Setting(
        "short",
        "text",
        "How cross-validation of nets searches its grid: short trains only candidates that can "
        "still win, full trains all of them.",
        TRAININGS,
        "always",
        choices=SEARCHES,
        called="search",
        before="full",
    ).field()
    device: str = Setting(
        "cpu",
        "text",
        "Device on which torch trains, predicts and computes gradients: cpu, cuda, mps, or auto "
        "for the first of cuda and mps that works here. Proofs are always computed on the CPU.",
        (*TRAININGS, "audit", "audit()"),
        "always",
        metavar="NAME",
    ).field()

    def __post_init__(self) -> None:
        super().__post_init__()
        # a larger number is a mistake: its plan alone would fill the memory
        parts = {name: getattr(self, name) for name in ("datasets", "strategies", "architectures")}
        count = prod(map(len, parts.values())) * self.seeds
        if count > _MOST_CELLS:
            each = ", ".join(f"{len(entries)} {name}" for name, entries in parts.items())
            raise ConfigurationError(
                f"{each} and {self.seeds} seeds make {count:,} models; a run has at most "
                f"{_MOST_CELLS:,}: split it into several runs"
            )

    @property
    def of_attack(self) -> AttackConfig:
        """The settings of attacks, without those of training, as an audit uses them."""
        values = {f.name: getattr(self, f.name) for f in fields(AttackConfig)}
        tables = {k: v for k, v in self.settings.items() if k in AttackConfig.tables}
        return AttackConfig(**{**values, "settings": tables})


#: Every setting of a run by its name, in the order of the options.
SETTINGS: Mapping[str, Setting] = RunConfig.declared()
