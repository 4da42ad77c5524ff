"""Pipelines of scikit-learn: the front before the last step, and the reader of that step."""

from typing import Any

from genlabel_robust.models.structures.inside import read_inside
from genlabel_robust.models.structures.sklearn.columns import behind
from genlabel_robust.structure import Front, NoStructure, Structure


def read(pipeline: Any, front: Front) -> Structure | NoStructure:
    """Return the structure of the classifier at the end of a fitted ``Pipeline``."""
    for _, step in pipeline.steps[:-1]:
        if step is not None and step != "passthrough":
            front = behind(front, step)
    return read_inside(pipeline.steps[-1][1], front)
