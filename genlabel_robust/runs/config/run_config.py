"""The one frozen description of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from math import prod
from typing import Any

from genlabel_robust.certify.effort import EFFORTS
from genlabel_robust.core.errors import ConfigurationError, unknown_name
from genlabel_robust.core.files.writing import digest
from genlabel_robust.core.plain_text import shown
from genlabel_robust.runs.config.settings_table import (
    CHECKS,
    PLURAL,
    SINGULAR,
    TABLES,
    WHOLE_NUMBERS,
    check_table,
    plural_entries,
    single_value,
)
from genlabel_robust.strategies import DEFAULT_STRATEGIES
from genlabel_robust.threat.constraints import Constraints

_LEAST = {"seeds": 1, "seed": 0, "split_seed": 0, "max_examples": 1, "jobs": 1}
#: More is a slip of the hand: a plan of them alone fills the memory.
_MOST = {"seeds": 1000, "seed": 2**53, "split_seed": 2**32 - 1, "max_examples": 2**53, "jobs": 4096}
_MOST_CELLS = 100_000

#: Settings that say how a run is executed, not what comes out of it.
EXECUTION = ("jobs", "out")

#: Settings that say how models are trained, and on what: an audit trains none.
NOT_OF_AUDITS = (
    "datasets",
    "strategies",
    "architectures",
    "transfer",
    "seeds",
    "split",
    "test_share",
    "split_seed",
    "test_file",
    "group",
    "scaling",
    "tune",
    "device",
)

#: Settings younger than run folders: at their default they leave a run's identity as it was.
_YOUNGER = ("constraints", "max_seconds", "category", "certify", "certify_seconds")


@dataclass(frozen=True)
class RunConfig:
    """Everything that determines a run; each field is an option of ``evaluate``.

    ``norm`` and ``unit``: None takes the suite's. ``attacks``: names that replace the
    suite's list. ``settings``: tables of settings, ``train`` (flat), and ``strategy``,
    ``architecture`` and ``attack`` (by name). ``constraints``: limits on single features by
    name, the fields of ``Constraints``. ``whole_numbers``: "whole", or "continuous" if an
    attacker changes columns of whole numbers by fractions, too. ``checks``: "off", "quick" or
    "full". ``category``: columns that hold text, whatever it looks like. ``early_stop``: leave
    out what a cheaper attack broke. ``max_seconds``: of one attack in one cell; what it has not
    begun by then is left out. ``certify``: how much is tried to prove, of ``EFFORTS``;
    ``certify_seconds``: for one cell; what is not decided by then is open. ``transfer``:
    at the end, try every model's adversarial examples on the others. ``jobs``: None is one per
    core.
    """

    datasets: tuple[str, ...] = ("iris", "wine", "breast-cancer")
    strategies: tuple[str, ...] = DEFAULT_STRATEGIES
    architectures: tuple[str, ...] = ("mlp",)
    eps: tuple[float, ...] = (0.1,)
    norm: str | None = None
    unit: str | None = None
    constraints: Mapping[str, Any] = field(default_factory=dict)
    whole_numbers: str = "whole"
    suite: str = "standard"
    attacks: tuple[str, ...] = ()
    checks: str = "quick"
    early_stop: bool = False
    max_seconds: float | None = None
    certify: str = "auto"
    certify_seconds: float | None = None
    transfer: bool = False
    seeds: int = 5
    seed: int = 0
    split: str = "stratified"
    split_seed: int = 0
    test_share: float = 0.3
    test_file: str | None = None
    group: str | None = None
    drop: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    max_examples: int | None = None
    scaling: str = "range"
    tune: bool = False
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    device: str = "cpu"
    jobs: int | None = None
    out: str | None = None

    def __post_init__(self) -> None:
        for name in PLURAL:
            entries = plural_entries(name, getattr(self, name))
            if not entries and name not in ("attacks", "drop", "category"):
                raise ConfigurationError(f"{name} is empty; name at least one")
            object.__setattr__(self, name, entries)
        for name, (kind, optional) in SINGULAR.items():
            value = getattr(self, name)
            if value is not None or not optional:
                object.__setattr__(self, name, single_value(name, value, kind))
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if value is not None and value < least:
                raise ConfigurationError(
                    f"{name} is {shown(value)}; it must be a whole number of at least {least}"
                )
            if value is not None and value > _MOST[name]:
                raise ConfigurationError(
                    f"{name} is {shown(value)}; it must be a whole number of at most {_MOST[name]}"
                )
        self._refuse_too_many()
        for name in ("max_seconds", "certify_seconds"):
            seconds = getattr(self, name)
            if seconds is not None and not 0 < seconds < float("inf"):
                raise ConfigurationError(
                    f"{name} is {seconds!r}; it must be a number of seconds above 0, or not be "
                    "given"
                )
        if self.certify not in EFFORTS:
            raise unknown_name("effort to certify", self.certify, EFFORTS)
        object.__setattr__(self, "constraints", Constraints.of(self.constraints).as_dict())
        if self.checks not in CHECKS:
            raise unknown_name("level of checks", self.checks, CHECKS)
        if self.whole_numbers not in WHOLE_NUMBERS:
            raise unknown_name("way to change whole numbers", self.whole_numbers, WHOLE_NUMBERS)
        if self.out == "":
            raise ConfigurationError("out is empty; name a folder, or do not give it")
        if not isinstance(self.settings, Mapping):
            raise ConfigurationError(f"settings is {shown(self.settings)}; it must be a table")
        for table, content in self.settings.items():
            if table not in TABLES:
                raise unknown_name("table of settings", table, TABLES)
            check_table(table, content)

    def _refuse_too_many(self) -> None:
        parts = {name: getattr(self, name) for name in ("datasets", "strategies", "architectures")}
        count = prod(map(len, parts.values())) * self.seeds
        if count > _MOST_CELLS:
            told = ", ".join(f"{len(entries)} {name}" for name, entries in parts.items())
            raise ConfigurationError(
                f"{told} and {self.seeds} seeds are {count:,} models; a run has at most "
                f"{_MOST_CELLS:,}: make several"
            )

    def as_dict(self) -> dict[str, Any]:
        """Return every setting as plain JSON values."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    @property
    def identity(self) -> dict[str, Any]:
        """The settings that determine the results.

        Not how whole numbers are changed: the data's hash tells, where there are any.
        """
        unset = {k for k in _YOUNGER if getattr(self, k) in ({}, None, (), "auto")}
        unset.add("whole_numbers")
        return {k: v for k, v in self.as_dict().items() if k not in {*EXECUTION, *unset}}

    @property
    def named(self) -> dict[str, Any]:
        """What a run's folder is named after, unless it is given: its identity and more."""
        other = self.whole_numbers != "whole"
        return self.identity | ({"whole_numbers": self.whole_numbers} if other else {})

    @property
    def short_hash(self) -> str:
        """Ten hex digits that name this configuration."""
        return digest(self.named)[:10]


SETTINGS: tuple[str, ...] = tuple(f.name for f in fields(RunConfig))
