"""The manifest of a run: its configuration with sources, and its environment."""

import os
import platform
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from genlabel_robust.attacks.suite import suite_entries
from genlabel_robust.core.admitted import Part, admitted
from genlabel_robust.core.machine.devices import device_name
from genlabel_robust.core.machine.software import LIBRARIES, version_of
from genlabel_robust.core.version import __version__
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.plan.origin import manifest_of, record_of
from genlabel_robust.runs.plan.plan import Plan
from genlabel_robust.runs.results.schema import SCHEMA_VERSION
from genlabel_robust.strategies.build import default_settings
from genlabel_robust.threat.relations.stored_tables import tables_to_store

_PACKAGES = (*LIBRARIES, "joblib", "matplotlib")


def manifest(
    plan: Plan, sources: Mapping[str, str], times: Mapping[str, Any] = MappingProxyType({})
) -> dict[str, Any]:
    """Return the manifest; ``times``: when the run began and ended, as in ``Stopwatch``."""
    return {
        "schema_version": SCHEMA_VERSION,
        "identity": plan.identity,
        "config": {
            name: {"value": value, "source": sources.get(name, "default")}
            for name, value in plan.config.as_dict().items()
        },
        "threat": plan.threat.as_dict(),
        "suite": {
            "label": plan.suite,
            "file": plan.suite_file,
            "attacks": suite_entries(plan.attacks, plan.when),
        },
        "seeds": _seeds(plan),
        "cells": {cell.key: cell.label for cell in plan.cells},
        **_parts(plan),
        **manifest_of(plan.origin),
        **_encoding(plan),
        **_tables(plan),
        "environment": environment() | _device(plan.config.device),
        **times,
    }


def _parts(plan: Plan) -> dict[str, Any]:
    """Return the parts from outside that the run uses, if any, so that they can be named later."""
    cells = {(part.kind, part.name) for part in plan.parts}
    used = [
        part.record | _described(part)
        for part in admitted()
        if (part.kind, part.name) in cells or part.kind in ("checks", "sections")
    ]
    return {"parts": used} if used else {}


def _described(part: Part) -> dict[str, Any]:
    """Return the description of a strategy from outside for reports, which do not import it."""
    if part.kind != "strategies":
        return {}
    return {"about": part.about, "settings": default_settings(part.name)}


def _device(name: str) -> dict[str, str]:
    return {} if name == "cpu" else {"device": device_name(name)}


def _seeds(plan: Plan) -> dict[str, Any]:
    """Return the seeds of the trainings, and of the split if the run made one."""
    seeds: dict[str, Any] = {"training": sorted({cell.seed for cell in plan.cells})}
    match plan.config:
        case RunConfig(split_seed=split):
            seeds["split"] = split
    return seeds


def _encoding(plan: Plan) -> dict[str, Any]:
    """Return how the columns of an audit's table were encoded as features.

    For trained models, by data set, for those with an encoding.
    """
    if record_of(plan.origin) is None:
        encodings = {
            name: task.encoding.as_dict()
            for name, task in plan.tasks.items()
            if task.encoding is not None
        }
        return {"encodings": encodings} if encodings else {}
    (task,) = plan.tasks.values()
    return {"encoding": None if task.encoding is None else task.encoding.as_dict()}


def _tables(plan: Plan) -> dict[str, Any]:
    """Return the tables that relations look up, by data set, if any."""
    relations = plan.threat.constraints.relations
    tables = {name: tables_to_store(relations, task) for name, task in plan.tasks.items()}
    found = {name: own for name, own in tables.items() if own}
    return {"tables": found} if found else {}


def environment() -> dict[str, Any]:
    """Return versions and platform for the record; they are not part of any fingerprint."""
    return {
        "genlabel_robust": __version__,
        "python": sys.version.split()[0],
        # without the kernel, which nothing depends on and reports should not reveal
        "platform": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "packages": {name: version_of(name) for name in _PACKAGES},
    }
