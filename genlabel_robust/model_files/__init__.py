"""Readers of other libraries' model files, registered by file ending."""

from genlabel_robust.core.registry import Registry

_HERE = "genlabel_robust.model_files"

#: File ending -> reader ``(path, content, permission) -> Reading``.
READERS = Registry(
    "ending of a model file",
    {
        ".onnx": (f"{_HERE}.onnx.file:read", "ONNX, run by onnxruntime"),
        ".skops": (f"{_HERE}.skops.file:read", "scikit-learn, stored with skops, without code"),
        ".json": (f"{_HERE}.json_file:read", "the JSON of XGBoost or CatBoost"),
        ".cbm": (f"{_HERE}.catboost.file:read", "CatBoost's binary format"),
        ".ubj": (f"{_HERE}.xgboost.file:read", "XGBoost's binary JSON"),
        ".txt": (f"{_HERE}.lightgbm.file:read", "LightGBM's text format"),
        ".safetensors": (
            f"{_HERE}.safetensors.file:read",
            "weights of an architecture of this package, which you name with --arch",
        ),
        ".pt2": (f"{_HERE}.executed.exported_file:read", "torch.export; with --trust only"),
        ".pt": (
            f"{_HERE}.executed.torch_file:read",
            "TorchScript, or a pickled module; with --trust only",
        ),
        ".pth": (f"{_HERE}.executed.torch_file:read", "as .pt"),
        ".pkl": (f"{_HERE}.executed.pickle_file:read", "any pickled estimator; with --trust only"),
        ".pickle": (f"{_HERE}.executed.pickle_file:read", "as .pkl"),
        ".joblib": (f"{_HERE}.executed.pickle_file:read", "as .pkl"),
    },
    group="formats",
    fits=f"{_HERE}.outside:fit_reader",
)

#: Endings of formats whose loaders execute code in the file -> the reason, as users read it.
EXECUTED = {
    ".pt2": "its loader can fall back to unpickling",
    ".pt": "it contains a program, and may contain a pickle",
    ".pth": "it contains a program, and may contain a pickle",
    ".pkl": "unpickling executes whatever the file says",
    ".pickle": "unpickling executes whatever the file says",
    ".joblib": "it is a pickle, which executes whatever the file says",
}

__all__ = ["EXECUTED", "READERS"]
