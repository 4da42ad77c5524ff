"""The one frozen description of a run: each field declares a setting."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from math import prod
from typing import Any

from genlabel_robust.certify.effort import EFFORTS
from genlabel_robust.core import ConfigurationError, refuse_unknown
from genlabel_robust.core.files.writing import digest
from genlabel_robust.models import DEFAULT_ARCHITECTURES
from genlabel_robust.runs.config.setting import TESTS, TRAININGS, Identity, Setting
from genlabel_robust.runs.config.tables import TABLES
from genlabel_robust.strategies import DEFAULT_STRATEGIES
from genlabel_robust.threat import NORMS
from genlabel_robust.threat.threat_model import UNITS

_MOST_CELLS = 100_000


@dataclass(frozen=True)
class RunConfig:
    """Everything that determines a run; ``docs/settings.md`` lists the fields.

    Each is declared by a ``Setting``, from which its option, its variable, its checks, its part
    in the identity and its row of the reference are made.
    """

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
        "A name of `list strategies`.",
        TRAININGS,
        "always",
        option="strategy",
        default_text="the eight of the paper",
    ).field()
    architectures: tuple[str, ...] = Setting(
        DEFAULT_ARCHITECTURES,
        "names",
        "A name of `list models`, or sklearn:NAME.",
        TRAININGS,
        "always",
        option="arch",
    ).field()
    eps: tuple[float, ...] = Setting(
        (0.1,), "budgets", "Budget of the attacker, in --unit; or FROM:TO:COUNT.", TESTS, "always"
    ).field()
    norm: str | None = Setting(
        None,
        "text",
        "Norm of the budget.",
        TESTS,
        "always",
        default_text="the suite's first, linf",
        choices=NORMS,
    ).field()
    unit: str | None = Setting(
        None,
        "text",
        "Unit of --eps: each feature's training range, the one range over all scaled features, "
        "each feature's standard deviation, or raw.",
        TESTS,
        "always",
        default_text="range",
        choices=UNITS,
        called="unit of ε",
    ).field()
    constraints: Mapping[str, Any] = Setting(
        {},
        "limits",
        "What may be changed of single features; `--threat` reads it from a file.",
        TESTS,
    ).field()
    whole_numbers: str = Setting(
        "whole",
        "text",
        "Whether an attacker changes columns of whole numbers by whole numbers only, or by "
        "fractions, too.",
        TESTS,
        "by the data",
        choices=("whole", "continuous"),
        called="way to change whole numbers",
        before="continuous",
    ).field()
    suite: str = Setting(
        "standard",
        "text",
        "A name of `list suites`, or a TOML file.",
        TESTS,
        "always",
        metavar="NAME",
    ).field()
    attacks: tuple[str, ...] = Setting(
        (), "names", "Run these attacks instead of the suite's.", identity="always", option="attack"
    ).field()
    checks: str = Setting(
        "quick",
        "text",
        "How much else is measured to see whether the numbers may be believed.",
        identity="always",
        choices=("off", "quick", "full"),
        called="level of checks",
    ).field()
    early_stop: bool = Setting(
        False,
        "true or false",
        "Cheapest attack first; the others leave out what is broken, and have no rate of their "
        "own.",
        identity="always",
    ).field()
    max_seconds: float | None = Setting(
        None,
        "seconds",
        "Time of one attack on one model; what it has not begun by then is left out, and is no "
        "survival. Results then depend on the machine.",
        default_text="no limit",
    ).field()
    certify: str = Setting(
        "auto",
        "text",
        "How hard to try to prove that rows cannot be broken. auto: decide linear models and "
        "trees, spend little on nets; exact: spend much on all; bounds: compute bounds, and "
        "search no further; off: prove nothing.",
        choices=EFFORTS,
        called="effort to certify",
        before="off",
    ).field()
    certify_seconds: float | None = Setting(
        None,
        "seconds",
        "Time for the proofs of one model; rows not decided by then are left open. Results then "
        "depend on the machine.",
        default_text="no limit",
    ).field()
    transfer: bool = Setting(
        False,
        "true or false",
        "At the end try each model's adversarial examples on the others; stored apart.",
        TRAININGS,
        "always",
    ).field()
    seeds: int = Setting(
        5, "whole number", "Trainings per strategy.", TRAININGS, "always", least=1, most=1000
    ).field()
    seed: int = Setting(
        0, "whole number", "The first training seed.", identity="always", least=0, most=2**53
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
        "Test on this file; --dataset trains.",
        TRAININGS,
        "always",
        option="test",
        metavar="FILE",
    ).field()
    group: str | None = Setting(
        None,
        "text",
        "Rows of one group stay on one side of the split.",
        TRAININGS,
        "always",
        metavar="COLUMN",
    ).field()
    drop: tuple[str, ...] = Setting(
        (), "names", "Leave a column out.", (*TRAININGS, "audit"), "always", metavar="COLUMN"
    ).field()
    category: tuple[str, ...] = Setting(
        (),
        "names",
        "A column that holds text even if it looks like numbers.",
        TESTS,
        metavar="COLUMN",
    ).field()
    max_examples: int | None = Setting(
        None,
        "whole number",
        "Test on a stratified sample of so many rows.",
        identity="always",
        least=1,
        most=2**53,
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
    settings: Mapping[str, Mapping[str, Any]] = Setting(
        {}, "all tables", "The tables of settings.", identity="always"
    ).field()
    device: str = Setting(
        "cpu", "text", "Where torch trains and predicts.", TRAININGS, "always", metavar="NAME"
    ).field()
    jobs: int | None = Setting(
        None,
        "whole number",
        "Processes, one thread each.",
        (*TRAININGS, "reproduce"),
        "never",
        default_text="one per core",
        least=1,
        most=4096,
    ).field()
    out: str | None = Setting(
        None,
        "text",
        "The run folder.",
        ("evaluate", "audit", "audit()"),
        "never",
        metavar="FOLDER",
        default_text="runs/<hash>",
    ).field()

    def __post_init__(self) -> None:
        for name, setting in SETTINGS.items():
            object.__setattr__(self, name, setting.checked(name, getattr(self, name)))
        for table, content in self.settings.items():
            refuse_unknown("table of settings", table, TABLES)
            TABLES[table].checked(table, content)
        if self.out == "":
            raise ConfigurationError("out is empty; name a folder, or do not give it")
        # more is a slip of the hand: a plan of them alone fills the memory
        parts = {name: getattr(self, name) for name in ("datasets", "strategies", "architectures")}
        count = prod(map(len, parts.values())) * self.seeds
        if count > _MOST_CELLS:
            each = ", ".join(f"{len(entries)} {name}" for name, entries in parts.items())
            raise ConfigurationError(
                f"{each} and {self.seeds} seeds are {count:,} models; a run has at most "
                f"{_MOST_CELLS:,}: make several"
            )

    def as_dict(self) -> dict[str, Any]:
        """Return every setting as plain JSON values."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    @property
    def identity(self) -> dict[str, Any]:
        """The settings that determine the results."""
        return self._of("if set")

    @property
    def named(self) -> dict[str, Any]:
        """What a run's folder is named after, unless it is given: its identity and more."""
        return self._of("if set", "by the data")

    def _of(self, *unless_default: Identity) -> dict[str, Any]:
        chosen = {
            name
            for name, setting in SETTINGS.items()
            if setting.identity == "always"
            or (setting.identity in unless_default and getattr(self, name) != setting.default)
        }
        return {name: value for name, value in self.as_dict().items() if name in chosen}

    @property
    def short_hash(self) -> str:
        """Ten hex digits that name this configuration."""
        return digest(self.named)[:10]


#: Every setting of a run by its name, in the order of the options.
SETTINGS: Mapping[str, Setting] = {f.name: f.metadata["setting"] for f in fields(RunConfig)}
