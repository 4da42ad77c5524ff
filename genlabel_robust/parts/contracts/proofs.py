"""The contracts of structure readers and certifiers."""

from dataclasses import replace
from typing import Any

import numpy as np

from genlabel_robust.certify.question import Question
from genlabel_robust.core import FloatArray
from genlabel_robust.core.admitted import admitting
from genlabel_robust.core.parts.naming import part_of
from genlabel_robust.data.rows import rows_of
from genlabel_robust.models.as_model import as_model
from genlabel_robust.models.structures.checked import checked_structure
from genlabel_robust.parts.contracts.promise import promise
from genlabel_robust.structure import NoStructure
from genlabel_robust.structure.readers import READERS, reader_name
from genlabel_robust.threat import AttackSpace, Norm


def check_structure_reader(read: Any, inside: Any, x: FloatArray) -> None:
    """Check that the structure that ``read`` returns for ``inside`` has the same scores.

    ``inside``: a model that ``audit`` accepts. ``x`` (n, d): rows of numbers for it. Raises
    ``ConfigurationError`` if the scores differ.
    """
    part = part_of(READERS, read, name=reader_name(inside))
    model = as_model(inside, rows_of(x), tuple(range(inside.n_classes)))
    d = x.shape[1]
    space = AttackSpace(
        offset=np.zeros(d),
        scale=np.ones(d),
        low=x.min(axis=0),
        high=x.max(axis=0),
        mutable=np.ones(d, dtype=bool),
    )
    with admitting([part]):
        found = checked_structure(model, space, x)
    reason = found.reason if isinstance(found, NoStructure) else ""
    promise(not reason, f"a structure scores as its model does: {reason}")


def check_certifier(certify: Any, question: Question) -> None:
    """Check the bounds and witnesses that ``certify`` returns for the examples of ``question``.

    Raises ``ConfigurationError`` if they break the contract.
    """
    found = certify(question, "auto", lambda: False, lambda rows: None)
    n = len(question.raw)
    promise(found.lower.shape == found.upper.shape == (n,), "bounds are one for each example")
    promise((found.lower <= found.upper * (1 + 1e-9)).all(), "lower bounds lie below upper ones")
    broken = np.isfinite(found.upper)
    if broken.any():
        witness, y = found.witness[broken], question.y[broken]
        wrong = question.model.predict(witness) != y
        promise(wrong.all(), "the model mislabels every witness")
        norm: Norm = question.norm
        far = question.space.distance(question.raw[broken], witness, norm)
        promise(np.allclose(far, found.upper[broken], rtol=1e-6), "a witness lies where it is said")
    for row in (0, n - 1):
        one = slice(row, row + 1)
        alone = certify(
            replace(question, raw=question.raw[one], y=question.y[one], names=question.names[one]),
            "auto",
            lambda: False,
            lambda rows: None,
        )
        same = np.allclose(alone.lower[0], found.lower[row], rtol=1e-9)
        promise(same, "what is proved of an example does not depend on the others")
