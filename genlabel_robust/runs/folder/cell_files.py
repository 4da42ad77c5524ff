"""The files of a cell: its model's weights, its arrays, and the JSON that marks it as finished."""

import io
from collections.abc import Mapping
from typing import Any

from genlabel_robust.certify.certificate import Certificate
from genlabel_robust.core.files.npz_writing import save_npz
from genlabel_robust.core.files.writing import json_text, sha256
from genlabel_robust.runs.cells.cell import CellResult, Inside
from genlabel_robust.runs.cells.few_features import few_arrays, few_of, stored_counts

_ARRAYS = (
    "ids",
    "labels",
    "predictions",
    "logit_margin",
    "distances",
    "outcomes",
    "queries",
    "adversarial",
)


#: The fields of a certificate; their arrays are stored as "certified_NAME".
_CERTIFIED = ("lower", "upper", "witness", "work")

#: The reason for missing certificates in a cell that an older version wrote.
OLDER = "it was made by a version that proved nothing"


def cell_files(
    key: str,
    about: Mapping[str, Any],
    result: CellResult,
    weights: tuple[str, bytes] | None,
) -> dict[str, bytes]:
    """Return the files of a cell by their names in the run folder, the one that finishes it last.

    ``weights``: the suffix and the content of the model's file, None if it has none.
    """
    files = {} if weights is None else {f"models/{key}{weights[0]}": weights[1]}
    buffer = io.BytesIO()
    save_npz(buffer, stored_arrays(result))
    files[f"cells/{key}.npz"] = buffer.getvalue()
    stored = stored_about(about, result, sha256(buffer.getvalue()))
    files[f"cells/{key}.json"] = json_text(stored).encode()
    return files


def stored_arrays(result: CellResult) -> dict[str, Any]:
    """Return the arrays of a cell by the names under which they are stored."""
    arrays = {name: getattr(result, name) for name in _ARRAYS}
    optional = {"exact": result.exact, "tried": result.tried}
    arrays |= {name: array for name, array in optional.items() if array is not None}
    if result.certificate is not None:
        arrays |= {f"certified_{name}": getattr(result.certificate, name) for name in _CERTIFIED}
    if result.few is not None:
        arrays |= few_arrays(result.few)
    return arrays


def stored_about(about: Mapping[str, Any], result: CellResult, digest: str) -> dict[str, Any]:
    """Return the content of a cell's JSON file; ``digest``: of the file of its arrays."""
    few = {} if result.few is None else {"few_features": stored_counts(result.few)}
    return {
        "cell": dict(about),
        "attacks": list(result.attacks),
        "needs": list(result.needs),
        "evidence": {k: dict(v) for k, v in result.evidence.items()},
        "probes": {k: dict(v) for k, v in result.probes.items()},
        "hyper_parameters": dict(result.hyper_parameters),
        "seconds": dict(result.seconds),
        "not_applicable": result.not_applicable,
        "not_chosen": list(result.not_chosen),
        "inside": result.inside.as_dict(),
        **few,
        "arrays_sha256": digest,
    }


def stored_result(about: Mapping[str, Any], arrays: Mapping[str, Any]) -> CellResult:
    """Return the result of a cell from its JSON content ``about`` and its ``arrays``."""
    return CellResult(
        **{name: arrays[name] for name in _ARRAYS},
        exact=arrays.get("exact"),
        tried=arrays.get("tried"),
        attacks=tuple(about["attacks"]),
        needs=tuple(about["needs"]),
        evidence=about["evidence"],
        probes=about["probes"],
        hyper_parameters=about["hyper_parameters"],
        seconds=about["seconds"],
        not_applicable=about["not_applicable"],
        # absent in runs that are older than suites with conditions
        not_chosen=tuple(about.get("not_chosen", ())),
        certificate=_certificate(arrays),
        inside=Inside(**about["inside"]) if "inside" in about else Inside(reason=OLDER),
        few=few_of(arrays, about.get("few_features", {})),
    )


def _certificate(arrays: Mapping[str, Any]) -> Certificate | None:
    if "certified_lower" not in arrays:
        return None
    return Certificate(**{name: arrays[f"certified_{name}"] for name in _CERTIFIED})
