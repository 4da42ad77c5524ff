"""Measure parts of the paper again, into one run folder."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from inspect import signature
from pathlib import Path
from typing import Any

from genlabel_robust.core.errors import ConfigurationError, OutputError
from genlabel_robust.core.files import json_text, sweep, write_checksums, write_text
from genlabel_robust.evaluation.manifest import environment, times
from genlabel_robust.evaluation.schema import SCHEMA_VERSION
from genlabel_robust.paper import PARTS
from genlabel_robust.paper.part import Part
from genlabel_robust.paper.protocol import TRIALS, OnProgress
from genlabel_robust.paper.results_rows import results_row

PAPER = "GenLabel: Mixup Relabeling using Generative Models, ICML 2022, arXiv 2201.02354"

#: Settings that say how the work is executed, not what comes out of it.
_EXECUTION = ("jobs",)


def reproduce(
    out: Path,
    parts: Sequence[str] = (),
    *,
    seed: int = 0,
    on_progress: Callable[[str, str, int, int], None] | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Run ``parts`` (all, if none is named) and return the content of ``results.json``.

    ``settings`` go to every part that knows them, such as ``trials``, ``datasets``, ``jobs``,
    ``alpha``. ``on_progress`` is told the part, what of it has ended, how much, of how much.
    The folder ``out`` gets ``results.json``, ``report.md``, ``manifest.json``, figures and
    ``SHA256SUMS``; parts that it already holds, made with the same settings, stay.
    Raises ``UnknownNameError`` for an unknown part, ``ConfigurationError`` for a setting that
    cannot be used, ``OutputError`` if ``out`` holds anything else.
    """
    names = tuple(dict.fromkeys(parts or PARTS))
    for name in names:
        PARTS.describe(name)
    _check(settings, seed)
    identity = json.loads(
        json_text({"seed": seed} | {k: v for k, v in settings.items() if k not in _EXECUTION})
    )
    results, seconds = _open(out, identity)
    started = time.time()
    for name in names:
        if name in results["parts"]:
            continue
        begun = time.perf_counter()
        found = _run(name, out, seed, _telling(name, on_progress), settings)
        seconds[name] = round(time.perf_counter() - begun, 1)
        _add(results, name, found)
        write_text(out / "results.json", json_text(results))
        write_text(out / "report.md", report(results))
        about = {"schema_version": SCHEMA_VERSION, "identity": identity, "seconds_of": seconds}
        about |= {"environment": environment(), **times(started, time.time())}
        write_text(out / "manifest.json", json_text(about))
    write_checksums(out)
    return results


def report(results: Mapping[str, Any]) -> str:
    """Return the text of ``report.md``: the sections of the parts that were run."""
    head = ["# The paper, measured again", "", f"{results['paper']}.", ""]
    sections = [
        _part(name).markdown(part_of(results, name)) for name in PARTS if name in results["parts"]
    ]
    return "\n".join([*head, *(section.rstrip("\n") + "\n" for section in sections)])


def part_of(results: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return what the part ``name`` found, as its ``run`` returned it."""
    rows = [row for row in results["rows"] if row["part"] == name]
    return {"rows": rows, **results["parts"][name]}


def _add(results: dict[str, Any], name: str, found: Mapping[str, Any]) -> None:
    rest = dict(found)
    if _part(name).rows_are_results:
        results["rows"] += [{"part": name} | results_row(row) for row in rest.pop("rows")]
    results["parts"][name] = rest


def _run(
    name: str, out: Path, seed: int, on_progress: OnProgress, settings: Mapping[str, Any]
) -> dict[str, Any]:
    run = _part(name).run
    own = {key: value for key, value in settings.items() if key in signature(run).parameters}
    return run(out, seed, on_progress, **own)


def _part(name: str) -> Part:
    part: Part = PARTS.load(name)
    return part


def _telling(name: str, on_progress: Callable[[str, str, int, int], None] | None) -> OnProgress:
    def tell(label: str, done: int, total: int) -> None:
        if on_progress is not None:
            on_progress(name, label, done, total)

    return tell


def _check(settings: Mapping[str, Any], seed: int) -> None:
    for name, value in {"trials": TRIALS, "jobs": 1, **settings}.items():
        if name in ("trials", "jobs") and value is not None and value < 1:
            raise ConfigurationError(f"{name} is {value}; it must be a whole number of at least 1")
    if seed < 0:
        raise ConfigurationError(f"seed is {seed}; it must be a whole number of at least 0")


def _open(out: Path, identity: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, float]]:
    """Make ``out``, or read what it holds; ``OutputError`` if that has other settings."""
    empty: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION, "paper": PAPER, "rows": [], "parts": {},
    }  # fmt: skip
    try:
        out.mkdir(parents=True, exist_ok=True)
        for folder in (out, out / "figures"):
            sweep(folder)
        held = [entry.name for entry in out.iterdir() if entry.name != "figures"]
    except OSError as error:
        raise OutputError(
            f"cannot write to {out}: {error.strerror}; choose another folder with --out"
        ) from error
    if not held:
        return empty, {}
    try:
        manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
        results = json.loads((out / "results.json").read_text(encoding="utf-8"))
        known, seconds = manifest["identity"], manifest["seconds_of"]
        parts = results["parts"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutputError(
            f"{out} is not empty and holds no reproduction; choose another folder with --out"
        ) from error
    if known != identity:
        fields = sorted(k for k in {*known, *identity} if known.get(k) != identity.get(k))
        raise OutputError(
            f"{out} holds a reproduction made with other settings (it differs in "
            f"{', '.join(fields)}); choose another folder with --out, or remove that one"
        )
    # a kill between two writes leaves a part without its seconds: it is measured again
    for name in [name for name in parts if name not in seconds]:
        del parts[name]
        results["rows"] = [row for row in results["rows"] if row["part"] != name]
    return results, seconds
