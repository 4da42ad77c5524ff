"""Models in JSON: the keys in the file show whether XGBoost or CatBoost wrote it."""

from pathlib import Path

from genlabel_robust.model_files.reading import Permission, Reading

#: A key that occurs only in files of the one library, and one that occurs only in the other's.
_OF_CATBOOST, _OF_XGBOOST = b'"features_info"', b'"learner"'


def read(path: Path, content: bytes, permission: Permission) -> Reading:
    """Return the classifier in a .json file; raises ``ConfigurationError`` like its reader."""
    if _OF_CATBOOST in content and _OF_XGBOOST not in content:
        from genlabel_robust.model_files.catboost import file as catboost_file

        return catboost_file.read(path, content, permission)
    from genlabel_robust.model_files.xgboost import file as xgboost_file

    return xgboost_file.read(path, content, permission)
