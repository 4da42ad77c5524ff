"""Pickled estimators and modules, which need ``--trust``."""

import io
from pathlib import Path

from torch import nn

from genlabel_robust.core import ConfigurationError
from genlabel_robust.model_files.classifier import check_classifier, library_of
from genlabel_robust.model_files.executed.torch_file import refuse_state_dict
from genlabel_robust.model_files.notes import EXECUTED_NOTE, noted_warnings, one_line
from genlabel_robust.model_files.object_graph import make_calm
from genlabel_robust.model_files.reading import Permission, Reading, refuse_untrusted


def read(path: Path, content: bytes, permission: Permission) -> Reading:
    """Return the estimator or module in a .pkl, .pickle or .joblib file, which is executed.

    Raises ``ConfigurationError`` if the file is not trusted (before anything is executed), if it
    cannot be unpickled here, or if it contains no classifier.
    """
    refuse_untrusted(path, permission)
    notes = [EXECUTED_NOTE]
    try:
        with noted_warnings(notes):
            import joblib

            # joblib reads plain pickles too, and many joblib files end in .pkl
            model = joblib.load(io.BytesIO(content))
            if not isinstance(model, nn.Module):
                make_calm(model)  # batches are small: worker processes would only cost time
    except Exception as error:  # a damaged pickle, or code in it, can raise anything
        raise ConfigurationError(
            f"{path} cannot be unpickled here: {type(error).__name__}: {one_line(error)}"
        ) from error
    refuse_state_dict(path, model)
    if not isinstance(model, nn.Module):
        check_classifier(path, model)
    return Reading(model, "pickle", library_of(model), tuple(notes))
