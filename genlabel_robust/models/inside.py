"""Access to the model inside its adapters, with notes on how it was understood."""

import numpy as np

from genlabel_robust.core import FloatArray, probable
from genlabel_robust.core.files.large_arrays import in_parts
from genlabel_robust.models.adapters.affine_gradients import AffineGradients
from genlabel_robust.models.adapters.library import LibraryAdapter
from genlabel_robust.models.adapters.log_probabilities import LogProbabilities
from genlabel_robust.models.adapters.one_output import OneOutput
from genlabel_robust.models.model import Model


def unwrapped(model: Model) -> Model:
    """Return the model that computes the answers, without wrappers that convert them.

    The wrappers are those for logarithms, for a single output, and for gradients.
    """
    while isinstance(model, LogProbabilities | OneOutput | AffineGradients):
        model = model.model
    return model


def single_of(model: Model) -> OneOutput | None:
    """Return the ``OneOutput`` that ``model`` is or takes logarithms of, otherwise None."""
    within = model.model if isinstance(model, LogProbabilities) else model
    return within if isinstance(within, OneOutput) else None


def gives_probabilities(model: Model, raw: FloatArray) -> bool:
    """Return whether the model's scores on rows (n, d) are probabilities or their logarithms."""
    if isinstance(model, LogProbabilities):
        return True
    scores = in_parts(model.scores, raw)
    return model.knowledge != "decisions" and bool(np.all(probable(scores)))


def notes_of(model: Model) -> tuple[str, ...]:
    """Return the sentences on how ``model`` was understood."""
    if isinstance(model, LogProbabilities | AffineGradients):
        return notes_of(model.model)
    if isinstance(model, OneOutput):
        return (*notes_of(model.model), *model.notes)
    return model.notes if isinstance(model, LibraryAdapter) else ()


def whole_of(model: Model) -> tuple[str, ...]:
    """Return the data's numeric columns that ``model`` takes only as integers."""
    inner = unwrapped(model)
    return inner.whole if isinstance(inner, LibraryAdapter) else ()


def coded_of(model: Model) -> tuple[str, ...]:
    """Return the data's numeric columns that ``model`` declares to be codes."""
    inner = unwrapped(model)
    return inner.coded if isinstance(inner, LibraryAdapter) else ()
