"""A trial prediction with a CatBoost model, in a process that a damaged file may crash."""

import json
import sys

import numpy as np

from genlabel_robust.model_files.own_process import limit_this_process, tell_how_it_ends


def main() -> None:
    """Read a model from stdin, predict with it, and print the outcome on stdout."""
    content = sys.stdin.buffer.read()
    from genlabel_robust.model_files.catboost.loading import as_json, loaded

    def ask() -> None:
        model = loaded(content)
        as_json(model)
        if not len(model.get_cat_feature_indices()):
            rows = np.zeros((8, len(model.feature_names_)))
            model.predict(rows, prediction_type="RawFormulaVal", thread_count=1)

    try:
        import catboost  # noqa: F401  imported before memory is limited
    except ImportError:
        tell_how_it_ends(lambda: None)
        return
    limit_this_process(json.loads(sys.argv[2]))
    tell_how_it_ends(ask)
