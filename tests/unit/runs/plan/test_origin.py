from __future__ import annotations

import json
from typing import Any

import pytest

from genlabel_robust.core.errors import OutputError
from genlabel_robust.core.files.writing import json_text
from genlabel_robust.runs.cells.model_record import ModelRecord
from genlabel_robust.runs.plan.audit_files import AuditFiles
from genlabel_robust.runs.plan.origin import (
    InMemory,
    ModelFile,
    Origin,
    Recipes,
    RecipeWeights,
    identity_of,
    manifest_of,
    record_of,
    stored_origin,
    stored_source,
)

DIGEST = "0" * 64
FILES = AuditFiles("m.onnx", "rows.csv", "y", classes=("a", "b"), column_order="data")
NET = ModelRecord("m.onnx", "ONNX", DIGEST, "gradients", True, "logit", notes=("So.",), library="1")
OBJECT = ModelRecord("Net", "mine.Net", None, "scores", varies="chance", in_memory=True)
ORIGINS: dict[str, tuple[Origin, Any]] = {
    "recipes": (Recipes(), Recipes()),
    "weights": (RecipeWeights(DIGEST), RecipeWeights(DIGEST)),
    "a file": (ModelFile(NET, FILES, {"data": DIGEST}), FILES),
    "a file, rows in memory": (ModelFile(NET), None),
    "in memory": (InMemory(OBJECT), None),
}


def stored(origin: Origin) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return manifest and record as they are after reading from disk."""
    record = record_of(origin)
    about = {"identity": identity_of(origin), **manifest_of(origin)}
    manifest, read = json.loads(json_text([about, None if record is None else record.as_dict()]))
    return manifest, read


@pytest.mark.parametrize("name", ORIGINS)
def test_what_a_run_is_of_is_read_back_from_its_folder(name: str) -> None:
    origin, source = ORIGINS[name]
    manifest, record = stored(origin)
    assert stored_origin(manifest, record) == origin
    assert stored_source(manifest) == source


def test_what_earlier_runs_do_not_say_is_told_from_their_files() -> None:
    for origin, kind in ((ModelFile(NET, FILES), ModelFile), (ModelFile(NET), InMemory)):
        manifest, record = stored(origin)
        assert record is not None
        for younger in ("in_memory", "varies", "output"):
            del record[younger]
        assert isinstance(stored_origin(manifest, record), kind)


def test_a_mere_function_adds_nothing_to_the_identity_and_a_reading_of_one_output_does() -> None:
    assert identity_of(InMemory(OBJECT)) == {}
    assert identity_of(ModelFile(NET)) == {"given": DIGEST, "output": "logit"}
    assert identity_of(Recipes()) == {}


def test_a_manifest_of_other_files_is_refused() -> None:
    manifest, record = stored(ModelFile(NET, FILES))
    manifest["audit"]["shape"] = 3
    with pytest.raises(OutputError, match="does not name its files"):
        stored_origin(manifest, record)
