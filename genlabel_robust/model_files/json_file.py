"""Models in JSON: XGBoost's or CatBoost's, told by what they hold."""

from pathlib import Path

from genlabel_robust.model_files.reading import Permission, Reading

#: What stands in a file of each, and never in one of the other.
_OF_CATBOOST, _OF_XGBOOST = b'"features_info"', b'"learner"'


def read(path: Path, content: bytes, permission: Permission) -> Reading:
    """Return the classifier in a .json; raises ``ConfigurationError`` as its reader does."""
    if _OF_CATBOOST in content and _OF_XGBOOST not in content:
        from genlabel_robust.model_files.catboost import file as catboost_file

        return catboost_file.read(path, content, permission)
    from genlabel_robust.model_files.xgboost import file as xgboost_file

    return xgboost_file.read(path, content, permission)
