"""Whether two runs have identical models."""

from pathlib import Path

import numpy as np

from genlabel_robust.core import GenlabelRobustError, OutputError
from genlabel_robust.core.files.opening import file_bytes
from genlabel_robust.core.files.writing import digest, sha256
from genlabel_robust.model_files.skops.loading import load_skops
from genlabel_robust.models.digest import model_digest
from genlabel_robust.runs.folder.stored_run import Group, StoredRun
from genlabel_robust.runs.plan.origin import sha256_of


def same_model(candidate: StoredRun, baseline: StoredRun, group: Group) -> bool:
    """Return whether two runs have identical models of ``group``; False if this is unknown."""
    runs = (candidate, baseline)
    # reading the same output as a logit or as a probability gives different models
    outputs = [None if run.results.model is None else run.results.model.output for run in runs]
    if outputs[0] != outputs[1]:
        return False
    try:
        now, then = (
            [
                (weights_digest(run.weights(cell)), cell.settings.get("architecture"))
                for cell in run.cells[group]
            ]
            for run in runs
        )
    except GenlabelRobustError:  # no weight file, or one that cannot be compared
        return _same_in_memory(candidate, baseline, group)
    return now == then


def weights_digest(path: Path) -> str:
    """Return a digest of the weights in ``path`` that does not depend on the file's metadata.

    For safetensors it covers names, shapes, types and bytes of the tensors. For skops it covers
    the content of the estimator, as the file itself contains memory addresses. Raises
    ``GenlabelRobustError`` if the weights cannot be compared.
    """
    if path.suffix == ".skops":
        return _estimator_digest(path)
    if path.suffix != ".safetensors":
        raise GenlabelRobustError(f"{path}: what its model holds cannot be compared")
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        tensors = load(file_bytes(path))
    except (SafetensorError, KeyError, ValueError, OverflowError) as error:
        raise OutputError(f"{path} is not a complete safetensors file: {error}") from error
    return digest(
        {
            name: [str(tensor.dtype), list(tensor.shape), sha256(tensor.tobytes())]
            for name, tensor in tensors.items()
        }
    )


def _same_in_memory(now: StoredRun, then: StoredRun, group: Group) -> bool:
    """Return whether two runs have the same model, for models in memory without stored weights.

    The stored digests must be equal, and the predictions on every row too, up to another
    machine's rounding, as a digest does not cover all of a model's code. False if unknown.
    """
    digests = [sha256_of(run.origin) for run in (now, then)]
    if digests[0] is None or digests[0] != digests[1]:
        return False
    pairs = zip(now.panels[group].results, then.panels[group].results, strict=True)
    return all(
        np.array_equal(a.predictions, b.predictions)
        and np.allclose(a.logit_margin, b.logit_margin, rtol=1e-4, atol=1e-5)
        for a, b in pairs
    )


def _estimator_digest(path: Path) -> str:
    found = model_digest(load_skops(path, file_bytes(path)))
    if found is None:
        raise GenlabelRobustError(f"{path}: what its estimator holds cannot be compared")
    return found
