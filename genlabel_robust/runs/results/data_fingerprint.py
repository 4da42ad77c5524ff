"""What two runs must share on a data set before their numbers may be compared."""

import numpy as np

from genlabel_robust.core import BoolArray, FloatArray, IntArray
from genlabel_robust.core.files.writing import digest, sha256
from genlabel_robust.data import Task
from genlabel_robust.threat import AttackSpace

#: Significant digits of ranges and deviations: their last bits differ between machines.
_DIGITS = 10


def data_fingerprint(task: Task, space: AttackSpace) -> dict[str, str]:
    """Return digests of what is tested and of the attacker's units, each by its name.

    The training rows have a say only through ``attack_space``: what ε is in raw units for
    each feature, and the box. So a model trained on other rows can be compared if both
    are measured by the same ranges.
    """
    numbers = np.concatenate([space.offset, space.scale, space.low, space.high])
    threat = [f"{value:.{_DIGITS}g}" for value in numbers.tolist()]
    # rows with categories are numbers that mean what the encoding says
    encoding = {} if task.encoding is None else {"encoding": digest(task.encoding.as_dict())}
    return encoding | {
        "features": digest(list(task.feature_names)),
        "classes": digest(list(task.classes)),
        "test_ids": _of_array(task.test_ids),
        "test_features": _of_array(task.x_test),
        "test_labels": _of_array(task.y_test),
        "attack_space": digest([*threat, *space.mutable.tolist()]),
    }


def _of_array(array: FloatArray | IntArray | BoolArray) -> str:
    return sha256(repr(array.shape).encode() + np.ascontiguousarray(array).tobytes())
