"""The settings of attacks, which runs and audits share."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, ClassVar

from genlabel_robust.certify.effort import EFFORTS, PROOFS
from genlabel_robust.core import ConfigurationError, refuse_unknown
from genlabel_robust.core.files.writing import digest
from genlabel_robust.core.machine.devices import chosen_device
from genlabel_robust.runs.config.setting import OWN, PARALLEL, TESTS, TRAININGS, Identity, Setting
from genlabel_robust.runs.config.tables import TABLES
from genlabel_robust.threat import NORMS
from genlabel_robust.threat.norms import UNITS, of_norm


@dataclass(frozen=True)
class AttackConfig:
    """Everything that determines an audit except its files; ``docs/settings.md`` lists the fields.

    Each is declared by a ``Setting``, from which its option, its variable, its checks, its part
    in the identity and its row of the reference are made. ``tables``: the tables of ``settings``
    that are used here.
    """

    tables: ClassVar[tuple[str, ...]] = ("attack",)

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
        "Limits on how single features may change; `--threat` reads them from a file.",
        TESTS,
    ).field()
    whole_numbers: str = Setting(
        "whole",
        "text",
        "How an attacker changes columns of whole numbers: by whole numbers only, or also by "
        "fractions (continuous).",
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
        (),
        "names",
        "Run these attacks instead of the suite's: a name of `list attacks`, or module:Name for an "
        "attack of yours.",
        identity="always",
        option="attack",
    ).field()
    checks: str = Setting(
        "quick",
        "text",
        "How many checks to run. They tell whether you can believe the numbers.",
        identity="always",
        choices=("off", "quick", "full"),
        called="level of checks",
    ).field()
    early_stop: bool = Setting(
        False,
        "true or false",
        "Run the cheapest attack first, and the others only on rows that are not yet broken; the "
        "others then have no rate of their own.",
        identity="always",
    ).field()
    max_seconds: float | None = Setting(
        None,
        "seconds",
        "Time limit of one attack on one model. Rows that it does not reach are left out, and do "
        "not count as surviving it. With a limit, results depend on the machine.",
        default_text="no limit",
    ).field()
    certify: str = Setting(
        "auto",
        "text",
        "How hard to try to prove that rows cannot be broken. auto: decide linear models and "
        "trees, spend little on nets; exact: spend much on all models; bounds: only compute "
        "bounds; off: prove nothing.",
        choices=EFFORTS,
        called="effort to certify",
        before="off",
    ).field()
    proofs: str = Setting(
        "short",
        "text",
        "How --certify auto searches for proofs of nets: short gives up on a row that is far from "
        "proved, and spends more on rows that come close; full spends the same on every row.",
        identity="always",
        choices=PROOFS,
        called="search for proofs",
        before="full",
    ).field()
    certify_seconds: float | None = Setting(
        None,
        "seconds",
        "Time limit for the proofs of one model. Rows that are not decided by then stay open. With "
        "a limit, results depend on the machine.",
        default_text="no limit",
    ).field()
    seed: int = Setting(
        0,
        "whole number",
        "First seed for training and attacks.",
        identity="always",
        least=0,
        most=2**53,
    ).field()
    drop: tuple[str, ...] = Setting(
        (), "names", "Leave this column out.", (*TRAININGS, "audit"), "always", metavar="COLUMN"
    ).field()
    category: tuple[str, ...] = Setting(
        (),
        "names",
        "Read this column as text even if it looks like numbers.",
        TESTS,
        metavar="COLUMN",
    ).field()
    max_examples: int | None = Setting(
        None,
        "whole number",
        "Test on a stratified sample of this many rows.",
        identity="always",
        least=1,
        most=2**53,
    ).field()
    by: tuple[str, ...] = Setting(
        (),
        "names",
        "Compare groups of test rows: one for each value of this column, or bins of its numbers. "
        "The model does not have to see the column.",
        TESTS,
        "by the data",
        metavar="COLUMN",
    ).field()
    settings: Mapping[str, Mapping[str, Any]] = Setting(
        {}, "all tables", "The tables of settings.", identity="always"
    ).field()
    jobs: int | None = Setting(
        None,
        "whole number",
        "Number of processes, each with one thread.",
        PARALLEL,
        "never",
        default_text="one per core, or as many as the cluster has",
        least=1,
        most=4096,
    ).field()
    device: str = Setting(
        "cpu", "text", "Device on which torch runs a net.", ("audit", "audit()")
    ).field()
    cluster: str | None = Setting(
        None,
        "text",
        "Compute on the workers of the dask scheduler at tcp://HOST:PORT.",
        PARALLEL,
        "never",
        metavar="ADDRESS",
        default_text="this host",
    ).field()
    out: str | None = Setting(
        None,
        "text",
        "The run folder.",
        OWN,
        "never",
        metavar="FOLDER",
        default_text="runs/<hash>",
    ).field()
    title: str | None = Setting(
        None,
        "line",
        "What the run is called: the heading of its report, and its name in `compare`.",
        OWN,
        "never",
        metavar="TEXT",
    ).field()
    purpose: str | None = Setting(
        None,
        "line",
        "What the run is for: one line below the heading of its report.",
        OWN,
        "never",
        metavar="TEXT",
    ).field()

    def __post_init__(self) -> None:
        for name, setting in self.declared().items():
            object.__setattr__(self, name, setting.checked(name, getattr(self, name)))
        object.__setattr__(self, "constraints", of_norm(self.constraints, self.norm))
        object.__setattr__(self, "device", chosen_device(self.device))
        for table, content in self.settings.items():
            refuse_unknown("table of settings", table, self.tables)
            TABLES[table].checked(table, content)
        if self.out == "":
            raise ConfigurationError("out is empty; name a folder, or leave out the setting")

    @classmethod
    def declared(cls) -> dict[str, Setting]:
        """Return the settings by name, in the order of the options: those of training first."""
        inherited = {f.name: f.metadata["setting"] for f in fields(cls)}
        own = [name for name in cls.__annotations__ if name in inherited]
        return {name: inherited[name] for name in dict.fromkeys((*own, *inherited))}

    def as_dict(self) -> dict[str, Any]:
        """Return every setting as plain JSON values."""
        values = asdict(self)
        plain = {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}
        return {name: plain[name] for name in self.declared()}

    @property
    def identity(self) -> dict[str, Any]:
        """The settings that determine the results."""
        return self._of("if set")

    @property
    def named(self) -> dict[str, Any]:
        """The settings that name a run's folder by default: its identity and some more."""
        return self._of("if set", "by the data")

    def _of(self, *unless_default: Identity) -> dict[str, Any]:
        chosen = {
            name
            for name, setting in self.declared().items()
            if setting.identity == "always"
            or (setting.identity in unless_default and getattr(self, name) != setting.default)
        }
        return {name: value for name, value in self.as_dict().items() if name in chosen}

    @property
    def short_hash(self) -> str:
        """Ten hex digits that name this configuration."""
        return digest(self.named)[:10]

    def folder(self, short_hash: str) -> Path:
        """Return the folder of a run: ``out`` if it is set, otherwise one in ``runs``."""
        return Path(self.out or Path("runs") / short_hash)
