"""Reproduction of parts of the paper in one run folder."""

import time
from collections.abc import Callable, Mapping, Sequence
from inspect import signature
from pathlib import Path
from typing import Any

from genlabel_robust.core import ConfigurationError, unknown_name
from genlabel_robust.core.files.parsing import parsed_json
from genlabel_robust.core.files.writing import json_text, write_checksums, write_text
from genlabel_robust.core.machine.stopwatch import Stopwatch
from genlabel_robust.paper import PARTS
from genlabel_robust.paper.folder import make_folder, read_folder
from genlabel_robust.paper.part import Part, results_row
from genlabel_robust.paper.protocol import OnProgress
from genlabel_robust.runs.folder.manifest import environment
from genlabel_robust.runs.results.schema import SCHEMA_VERSION

PAPER = "GenLabel: Mixup Relabeling using Generative Models, ICML 2022, arXiv 2201.02354"

#: Settings that affect the execution, but not the results.
_EXECUTION = ("jobs",)
#: The arguments of every part besides its settings.
_GIVEN = ("out", "seed", "on_progress")


def reproduce(
    out: Path,
    parts: Sequence[str] = (),
    *,
    seed: int = 0,
    on_progress: Callable[[str, str, int, int], None] | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Run ``parts`` (all if empty) and return the content of ``results.json``.

    ``settings``: passed to every part that has them, such as ``trials``, ``datasets``, ``jobs``,
    ``alpha``. ``on_progress``: called with the part, the name of the finished work, the number
    finished and the total. Writes ``results.json``, ``report.md``, ``manifest.json``, figures and
    ``SHA256SUMS`` into ``out``. Parts that ``out`` already has, with the same settings, are not
    measured again, unless they found no data at all. Raises ``UnknownNameError`` for an unknown
    part or setting, ``ConfigurationError`` for an invalid setting, ``OutputError`` if ``out``
    contains anything else.
    """
    names = tuple(dict.fromkeys(parts or PARTS))
    for name in names:
        PARTS.describe(name)
    _check(names, settings, seed)
    identity = _identity(settings, seed)
    results, seconds = read_folder(out, identity)
    results = results or {
        "schema_version": SCHEMA_VERSION,
        "paper": PAPER,
        "rows": [],
        "parts": {},
    }
    make_folder(out)
    watch = Stopwatch.start()

    def write_manifest(*, ended: bool) -> None:
        about = {"schema_version": SCHEMA_VERSION, "identity": identity, "seconds_of": seconds}
        about |= {"environment": environment(), **watch.times(ended=ended)}
        write_text(out / "manifest.json", json_text(about))

    wanted = [name for name in names if not _is_measured(results, name)]
    if wanted:
        # written before any result, to mark the folder as this reproduction's
        write_manifest(ended=False)
        (out / "SHA256SUMS").unlink(missing_ok=True)
    for name in wanted:
        begun = time.perf_counter()
        found = _run(name, out, seed, _telling(name, on_progress), settings)
        seconds[name] = round(time.perf_counter() - begun, 1)
        _add(results, name, found)
        write_text(out / "results.json", json_text(results))
        write_manifest(ended=True)
    # written even without new parts, as an earlier call may have been killed before this
    write_text(out / "report.md", report(results))
    write_checksums(out)
    return results


def report(results: Mapping[str, Any]) -> str:
    """Return the text of ``report.md``, with a section for each part that was run."""
    head = ["# The paper, measured again", "", f"{results['paper']}.", ""]
    sections = [
        _part(name).markdown(part_of(results, name)) for name in PARTS if name in results["parts"]
    ]
    return "\n".join([*head, *(section.rstrip("\n") + "\n" for section in sections)])


def part_of(results: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the results of the part ``name`` as its ``run`` returned them."""
    rows = [row for row in results["rows"] if row["part"] == name]
    return {"rows": rows, **results["parts"][name]}


def _add(results: dict[str, Any], name: str, found: Mapping[str, Any]) -> None:
    rest = dict(found)
    if _part(name).rows_are_results:
        rows = [row for row in results["rows"] if row["part"] != name]
        rows += [{"part": name} | results_row(row) for row in rest.pop("rows")]
        # in the order of ``PARTS``, regardless of the order in which they were run
        results["rows"] = sorted(rows, key=lambda row: list(PARTS).index(row["part"]))
    results["parts"][name] = rest


def _is_measured(results: Mapping[str, Any], name: str) -> bool:
    """Return whether the part ``name`` was run and has rows."""
    return name in results["parts"] and bool(part_of(results, name)["rows"])


def _run(
    name: str, out: Path, seed: int, on_progress: OnProgress, settings: Mapping[str, Any]
) -> dict[str, Any]:
    run = _part(name).run
    own = {key: settings[key] for key in _defaults(run) if key in settings}
    return run(out, seed, on_progress, **own)


def _part(name: str) -> Part:
    part: Part = PARTS.load(name)
    return part


def _telling(name: str, on_progress: Callable[[str, str, int, int], None] | None) -> OnProgress:
    def tell(label: str, done: int, total: int) -> None:
        if on_progress is not None:
            on_progress(name, label, done, total)

    return tell


def _defaults(run: Callable[..., Any]) -> dict[str, Any]:
    """Return setting of ``run`` -> its default."""
    known = signature(run).parameters.items()
    return {name: parameter.default for name, parameter in known if name not in _GIVEN}


def _identity(settings: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Return what identifies a reproduction: the seed and the settings other than defaults."""
    defaults = {k: v for name in PARTS for k, v in _defaults(_part(name).run).items()}
    changed = {
        name: value
        for name, value in settings.items()
        if name not in _EXECUTION and _plain(value) != _plain(defaults[name])
    }
    identity: dict[str, Any] = parsed_json(
        json_text({"seed": seed} | changed).encode(), "the settings"
    )
    return identity


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _check(names: Sequence[str], settings: Mapping[str, Any], seed: int) -> None:
    """Raise an error if ``settings`` or ``seed`` are invalid, before anything is measured."""
    known = {setting for name in PARTS for setting in _defaults(_part(name).run)}
    for setting, value in settings.items():
        if setting not in known:
            raise unknown_name("setting", setting, sorted(known), of="a reproduction")
        if setting in ("trials", "jobs") and value is not None and value < 1:
            raise ConfigurationError(
                f"{setting} is {value}; it must be a whole number of at least 1"
            )
    if seed < 0:
        raise ConfigurationError(f"seed is {seed}; it must be a whole number of at least 0")
    for name in names:
        check = _part(name).check
        if check is not None:
            check(**{k: settings[k] for k in signature(check).parameters if k in settings})
