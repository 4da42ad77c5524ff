"""Attack suites: named, versioned TOML files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genlabel_robust.attacks import ATTACKS
from genlabel_robust.attacks.choice import When, read_cases
from genlabel_robust.core import ConfigurationError, refuse_unknown, unknown_name
from genlabel_robust.core.files.parsing import read_toml
from genlabel_robust.core.files.writing import digest
from genlabel_robust.threat import NORMS, Norm
from genlabel_robust.threat.norms import UNITS, Unit

if TYPE_CHECKING:
    from genlabel_robust.attacks.attack import Attack
from genlabel_robust.core import GenlabelRobustError

_KEYS = {"name", "version", "description", "norms", "unit", "attack"}
_PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class SuiteFile:
    """A suite as stated in its file.

    ``attacks``: (name, settings, norms under which it runs), not built yet; ``when``: the cases of
    those attacks that do not run on every model.
    """

    name: str
    version: int
    description: str
    norms: tuple[Norm, ...]
    unit: Unit | None
    attacks: tuple[tuple[str, Mapping[str, Any], tuple[Norm, ...]], ...]
    origin: str
    when: When = field(default_factory=dict)

    def listed(self, norm: Norm) -> dict[str, Mapping[str, Any]]:
        """Return the attacks that run under ``norm``, with their settings, in order."""
        return {name: settings for name, settings, norms in self.attacks if norm in norms}

    @property
    def label(self) -> str:
        """The name with the version."""
        return f"{self.name}-{self.version}"


def shipped_suites() -> Iterator[SuiteFile]:
    """Yield every suite that comes with the package, by name and version."""
    for path in sorted(suites_folder().glob("*.toml")):
        yield read_suite(path)


def find_suite(spec: str, norm: str | None = None) -> SuiteFile:
    """Return the suite ``spec``: a name, name-version, or a TOML file.

    A name means its newest version that runs under ``norm``. Without ``norm`` it means the newest
    version that runs under L∞, or the newest of all if none does. Raises ``ConfigurationError`` if
    no version runs under ``norm``.
    """
    if spec.endswith(".toml"):
        return read_suite(Path(spec))
    suites = list(shipped_suites())
    matching = [s for s in suites if spec in (s.name, s.label)]
    if not matching:
        raise unknown_name("suite", spec, {name for s in suites for name in (s.name, s.label)})
    able = [s for s in matching if (norm or NORMS[0]) in s.norms]
    if norm is not None and not able and spec == matching[0].name:
        allowed = ", ".join(n for n in NORMS if any(n in s.norms for s in matching))
        others = sorted({s.name for s in suites if norm in s.norms})
        raise ConfigurationError(
            f"suite {spec!r} does not run under norm {norm!r}; it allows {allowed}; suites that "
            f"run under {norm}: {', '.join(others)}"
        )
    return max(able or matching, key=lambda s: s.version)


def read_suite(path: Path) -> SuiteFile:
    """Read and check one suite file; raise a ``ConfigurationError`` that names the file."""
    content = read_toml(path, name=f"suite file {path}", error=ConfigurationError)
    for key in content:
        if key not in _KEYS:
            raise unknown_name("key", key, _KEYS, of=f"suite file {path.name}")
    name, version = content.get("name"), content.get("version")
    if f"{name}-{version}" != path.stem or not isinstance(version, int):
        raise ConfigurationError(
            f"suite file {path.name}: name {name!r} and version {version!r} must make up the "
            "file's name, as in standard-1.toml"
        )
    norms, entries = (content.get(key, []) for key in ("norms", "attack"))
    if not isinstance(norms, list) or not isinstance(entries, list):
        raise ConfigurationError(
            f"suite file {path.name}: 'norms' must be a list, and each attack an [[attack]] table"
        )
    for norm in _norms_named(norms, entries):
        refuse_unknown("norm", norm, NORMS, where=f"(suite {name!r})")
    unit = content.get("unit")
    if unit is not None:
        refuse_unknown("unit of ε", unit, UNITS, where=f"(suite {name!r})")
    if not norms or not entries or not all(isinstance(e, dict) and "name" in e for e in entries):
        raise ConfigurationError(
            f"suite file {path.name}: needs 'norms' and at least one [[attack]] with a name"
        )
    attacks = [
        (
            str(e["name"]),
            {k: v for k, v in e.items() if k not in ("name", "norms", "when")},
            tuple(e.get("norms", norms)),
        )
        for e in entries
    ]
    if len({attack for attack, *_ in attacks}) < len(attacks):
        raise ConfigurationError(f"suite file {path.name}: an attack is listed twice")
    return SuiteFile(
        str(name),
        version,
        str(content.get("description", "")),
        tuple(norms),
        unit,
        tuple(attacks),
        path.name,
        {
            str(e["name"]): read_cases(e["when"], str(e["name"]), path.name)
            for e in entries
            if "when" in e
        },
    )


def _norms_named(norms: list[Any], entries: list[Any]) -> Iterator[Any]:
    """Yield every norm in the file, of the suite or of one of its attacks."""
    yield from norms
    for entry in entries:
        own = entry.get("norms", []) if isinstance(entry, dict) else []
        yield from own if isinstance(own, list) else [own]


def build_attack(name: str, settings: Mapping[str, Any], origin: str = "") -> Attack:
    """Return the attack ``name`` with ``settings``; raise an error that suggests similar names."""
    factory = ATTACKS.load(name)
    known = [field.name for field in fields(factory)]
    for setting in settings:
        if setting not in known:
            where = f"({origin})" if origin else ""
            raise unknown_name("setting", setting, known, of=f"attack {name!r}", where=where)
    attack: Attack = factory(**settings)
    return attack


def attack_settings(attack: Attack) -> dict[str, Any]:
    """Return every setting of an attack with its resolved value."""
    return {field.name: getattr(attack, field.name) for field in fields(attack)}


def suite_entries(attacks: tuple[Attack, ...], when: When) -> list[dict[str, Any]]:
    """Return each attack's name, its resolved settings, and its cases "when", if any."""
    return [
        {"name": attack.name, **attack_settings(attack)}
        | ({"when": list(when[attack.name])} if attack.name in when else {})
        for attack in attacks
    ]


def suite_fingerprint(attacks: tuple[Attack, ...], when: When | None = None) -> str:
    """Return the digest of all resolved settings: equal digests mean that the same attacks ran."""
    cases = when or {}
    return digest(
        [
            [
                attack.name,
                attack_settings(attack),
                *([list(cases[attack.name])] if attack.name in cases else []),
            ]
            for attack in attacks
        ]
    )


def attack_order(names: tuple[str, ...]) -> tuple[str, ...]:
    """Check ``names`` against the registry, and return them without repetition."""
    for name in names:
        ATTACKS.describe(name)
    return tuple(dict.fromkeys(names))


def suites_folder() -> Path:
    """Return the folder of the suites that come with the package.

    It is inside the package in an installed wheel, and beside pyproject.toml in a checkout. The
    current directory is never searched.
    """
    checkout = _PACKAGE.parent if (_PACKAGE.parent / "pyproject.toml").is_file() else None
    for home in (_PACKAGE / "_shipped", checkout):
        if home is not None and (home / "attacks").is_dir():
            return home / "attacks"
    raise GenlabelRobustError(
        "the folder 'attacks' that belongs to the package is missing; install it again"
    )
