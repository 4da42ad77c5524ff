"""The settings that differ between runs, by part of a run, such as the attacker or the data."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from genlabel_robust.core.parts.recorded import kind_word, with_source
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.runs.plan.origin import ModelFile
from genlabel_robust.side_by_side.comparison import Part, Setting

_PARTS: tuple[Part, ...] = ("attacker", "attacks", "data", "model", "software")
#: Settings of the configuration by part; those not named here belong to the model.
_OF_ATTACKS = (
    "attacks",
    "checks",
    "early_stop",
    "max_seconds",
    "certify",
    "proofs",
    "certify_seconds",
)
_OF_DATA = (
    "datasets",
    "test_file",
    "test_share",
    "split",
    "split_seed",
    "group",
    "max_examples",
    "drop",
    "keep",
    "category",
    "by",
)
#: Settings that do not affect what a run measures, and those that are reported elsewhere.
_LEFT_OUT = (
    *("out", "jobs", "cluster", "transfer", "norm", "eps", "unit", "constraints", "suite"),
    *("title", "purpose"),
)
#: Name in a data fingerprint -> its meaning; and how many characters of a digest to show.
_DIGESTS = {
    "test_features": "test rows",
    "test_labels": "test labels",
    "features": "names of the features",
    "classes": "names of the classes",
    "encoding": "levels of categories",
    "attack_space": "ranges that ε refers to",
}
_SHOWN = 12
#: Prefixes of names whose absence has a known meaning.
_LIMITS, _ATTACK, _SET, _OUTSIDE = "constraints.", "attack.", "set: ", "from outside: "
#: Kind of a part of another package -> the part of a run; all other kinds belong to the model.
_OF_PARTS: Mapping[str, Part] = {
    "attacks": "attacks",
    "certifiers": "attacks",
    "checks": "attacks",
    "sections": "software",
}


def differing_settings(runs: Mapping[str, StoredRun], data: Sequence[str]) -> tuple[Setting, ...]:
    """Return the settings that differ between ``runs``, those of the attacker first.

    ``runs``: letter -> run. ``data``: the data sets compared, whose digests are included. A value
    that a run does not record is None, which alone is not a difference.
    """
    stated = {letter: dict(_stated(run, data)) for letter, run in runs.items()}
    names = dict.fromkeys(name for one in stated.values() for name in one)
    found = []
    for part, name in sorted(names, key=lambda key: _PARTS.index(key[0])):
        values = {
            letter: one.get((part, name), _where_absent(name)) for letter, one in stated.items()
        }
        known = [value for value in values.values() if value is not None]
        if any(value != known[0] for value in known[1:]):
            found.append(Setting(part, name, values))
    return tuple(found)


def _stated(run: StoredRun, data: Sequence[str]) -> Iterator[tuple[tuple[Part, str], Any]]:
    """Yield ((part, name), value) for all settings that a run records."""
    threat = run.results.threat.as_dict()
    for name in ("norm", "unit", "eps"):
        yield ("attacker", name), threat[name]
    limits = threat.get("constraints", {})
    for name in limits:
        yield ("attacker", f"{_LIMITS}{name}"), limits[name]
    yield ("attacks", "suite"), run.results.suite
    for attack in run.manifest["suite"]["attacks"]:
        yield ("attacks", f"{_ATTACK}{attack['name']}"), _settings_of(attack)
    yield from _configured(run.manifest["config"])
    yield from _of_data(run, data)
    yield from _of_model(run)
    yield from _from_outside(run.manifest.get("parts", ()))
    environment = run.manifest.get("environment", {})
    for name in ("genlabel_robust", "python", "platform"):
        if name in environment:
            yield ("software", name), environment[name]
    for name, version in environment.get("packages", {}).items():
        yield ("software", name), version


def _configured(config: Mapping[str, Any]) -> Iterator[tuple[tuple[Part, str], Any]]:
    for name, one in config.items():
        value = one.get("value")
        if name in _LEFT_OUT:
            continue
        if name == "settings":
            yield from ((("model", f"{_SET}{key}"), one) for key, one in _flat(value or {}))
        elif name == "whole_numbers":
            yield ("attacker", name), value
        elif name in _OF_ATTACKS:
            yield ("attacks", name), value
        else:
            yield ("data" if name in _OF_DATA else "model", name), value


def _of_data(run: StoredRun, data: Sequence[str]) -> Iterator[tuple[tuple[Part, str], Any]]:
    for name in data:
        about = run.results.datasets.get(name)
        if about is None:
            continue
        yield ("data", f"{name}: rows trained on"), about.n_train
        yield ("data", f"{name}: rows tested"), about.n_test
        yield ("data", f"{name}: scaling"), about.scaling
        for part, words in _DIGESTS.items():
            if part in about.fingerprint:
                kind: Part = "attacker" if part == "attack_space" else "data"
                yield (kind, f"{name}: {words} (digest)"), about.fingerprint[part][:_SHOWN]


def _of_model(run: StoredRun) -> Iterator[tuple[tuple[Part, str], Any]]:
    record = run.results.model
    if record is None:
        yield ("model", "trained by the run"), True
        return
    yield ("model", "trained by the run"), False
    yield ("model", "model"), record.name
    yield ("model", "format"), record.format
    yield ("model", "asked for"), record.knowledge
    yield ("model", "output"), record.output
    if record.sha256 is not None:
        yield ("model", "model (SHA-256)"), record.sha256[:_SHOWN]
    match run.origin:
        case ModelFile(files=files) if files is not None:
            yield ("data", "reference"), files.reference
            yield ("data", "data"), files.data


def _from_outside(
    parts: Sequence[Mapping[str, Any]],
) -> Iterator[tuple[tuple[Part, str], Any]]:
    """Yield the parts of other packages that a run used, with their source at that time."""
    for record in parts:
        of = _OF_PARTS.get(str(record.get("kind")), "model")
        yield (of, f"{_OUTSIDE}{kind_word(record)} {record.get('name')}"), with_source(record)


def _flat(table: Mapping[str, Any], begin: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values in nested tables, with keys such as "train.epochs"."""
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{begin}{name}.")
        else:
            yield f"{begin}{name}", value


def _where_absent(name: str) -> str | None:
    """Return the meaning of a setting's absence, None if it was just not recorded."""
    meant = {_LIMITS: "none", _ATTACK: "not run", _SET: "default", _OUTSIDE: "not used"}
    return next((words for begin, words in meant.items() if name.startswith(begin)), None)


def _settings_of(attack: Mapping[str, Any]) -> str:
    said = [f"{name} = {value}" for name, value in attack.items() if name != "name"]
    return ", ".join(said) or "as it is"
