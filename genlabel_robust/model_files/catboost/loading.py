"""Loading a CatBoost classifier from the bytes of either of its two formats."""

from typing import Any

from genlabel_robust.core.files.scratch import scratch_folder

#: The first bytes of the binary format.
MAGIC = b"CBM1"


def loaded(content: bytes) -> Any:
    """Return the ``CatBoostClassifier`` in ``content``; the library's errors pass through."""
    from catboost import CatBoostClassifier

    model = CatBoostClassifier()
    if content.startswith(MAGIC):
        model.load_model(blob=content, format="cbm")
        return model
    # the library reads JSON from files only
    with scratch_folder() as folder:
        path = folder / "model.json"
        path.write_bytes(content)
        model.load_model(str(path), format="json")
    return model


def as_json(model: Any) -> bytes:
    """Return ``model`` in the library's JSON format; the library's errors pass through."""
    from genlabel_robust.core.files.opening import file_bytes

    with scratch_folder() as folder:
        path = folder / "model.json"
        model.save_model(str(path), format="json")
        return file_bytes(path)
