"""A CatBoost model's first answers, in a process of its own: a damaged file may end that."""

import json
import sys

import numpy as np

from genlabel_robust.model_files.own_process import limit_this_process


def main() -> None:
    """Read a model from stdin, ask it, and say on stdout how that ended."""
    content = sys.stdin.buffer.read()
    from genlabel_robust.model_files.catboost.loading import as_json, loaded

    try:
        import catboost  # noqa: F401  before memory is limited
    except ImportError:
        print("answered")
        return
    limit_this_process(json.loads(sys.argv[2]))
    try:
        model = loaded(content)
        as_json(model)
        width = len(model.feature_names_)
        if not len(model.get_cat_feature_indices()):
            model.predict(np.zeros((8, width)), prediction_type="RawFormulaVal", thread_count=1)
    except MemoryError:
        print("memory")
    except Exception:  # the caller has words for it, for it meets it, too
        print("answered")
    else:
        print("answered")
