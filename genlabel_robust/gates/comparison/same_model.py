"""Whether two models are the same, to the last weight."""

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
    """Say whether two runs are of the same models of ``group``; False where it cannot be told."""
    runs = (candidate, baseline)
    # one output, read as a logit or as a probability, is of two models
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
    except GenlabelRobustError:  # no file of weights, or one that is not compared
        return _same_in_memory(candidate, baseline, group)
    return now == then


def weights_digest(path: Path) -> str:
    """Return a digest of the weights in ``path``, whatever else its file says of them.

    Safetensors: names, shapes, types and bytes of the tensors. Skops: what the estimator
    holds, for the file itself names addresses in memory, which no two files share. Raises
    ``GenlabelRobustError`` if that cannot be told.
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
    """Say whether two runs are of the same model that was in memory, without weights.

    By the digests that the runs recorded; the answers on every row must agree as well, up
    to another machine's rounding, for a digest does not see all of a model's code. False
    where it cannot be told.
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
