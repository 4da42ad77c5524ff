"""Model formats that are not supported: what they are, and what to do instead."""

from pathlib import Path

_TO_ONNX = "export the model as ONNX, with"
_KERAS = f"{_TO_ONNX} tf2onnx or Keras' model.export('model.onnx', format='onnx')"
_PICKLE = "load it and save it again: a scikit-learn model with skops.io.dump, a net as ONNX"
_WEIGHTS = "save the weights of a net with safetensors, and name the net with --arch"
_PACKED = "unpack it, and give the model file inside"
_XGBOOST = "save it as JSON: booster.save_model('model.json')"

#: File ending -> what the format is, and what to do instead.
UNREAD: dict[str, tuple[str, str]] = {
    ".bst": ("XGBoost's old binary format", _XGBOOST),
    ".xgb": ("XGBoost's old binary format", _XGBOOST),
    ".model": ("usually XGBoost's old binary format", _XGBOOST),
    ".lgb": ("usually LightGBM's text format", "rename it to .txt"),
    ".h5": ("Keras or another HDF5 format", _KERAS),
    ".hdf5": ("Keras or another HDF5 format", _KERAS),
    ".keras": ("Keras' own format", _KERAS),
    ".pb": ("a TensorFlow graph", f"{_TO_ONNX} tf2onnx"),
    ".tflite": ("TensorFlow Lite's format", f"{_TO_ONNX} tf2onnx --tflite"),
    ".mlmodel": ("Core ML's format", "export the model from which it was made as ONNX"),
    ".mlpackage": ("Core ML's format", "export the model from which it was made as ONNX"),
    ".ort": ("onnxruntime's own format", "give the .onnx file from which it was made"),
    ".engine": ("TensorRT's format", "give the .onnx file from which it was made"),
    ".pmml": ("PMML", "export the model from which it was made as ONNX or skops"),
    ".pdmodel": ("PaddlePaddle's format", f"{_TO_ONNX} paddle2onnx"),
    ".mojo": ("H2O's format", "wrap the model in a Python function, and use genlabel_robust.audit"),
    ".rds": (
        "R's format",
        "export the model as ONNX, or wrap it in a Python function, and use genlabel_robust.audit",
    ),
    ".ckpt": ("a training checkpoint", f"{_TO_ONNX} torch.onnx.export or tf2onnx"),
    ".bin": (
        "weights, or a library's own binary format",
        "save a net as ONNX, an XGBoost model as .json and a LightGBM model as .txt",
    ),
    ".msgpack": ("weights without their net", "export the net as ONNX"),
    ".npy": ("a file of arrays", _WEIGHTS),
    ".npz": ("a file of arrays", _WEIGHTS),
    ".sav": ("usually a pickle", _PICKLE),
    ".pck": ("usually a pickle", _PICKLE),
    ".p": ("usually a pickle", _PICKLE),
    ".dill": ("a pickle", _PICKLE),
    ".cloudpickle": ("a pickle", _PICKLE),
    ".gz": ("a compressed file", _PACKED),
    ".bz2": ("a compressed file", _PACKED),
    ".xz": ("a compressed file", _PACKED),
    ".zst": ("a compressed file", _PACKED),
    ".lzma": ("a compressed file", _PACKED),
    ".zip": ("an archive", _PACKED),
    ".tar": ("an archive", _PACKED),
    ".tgz": ("an archive", _PACKED),
    ".csv": ("a table", "give the model first, and the table with --data"),
    ".parquet": ("a table", "give the model first, and the table with --data"),
    ".py": (
        "a program",
        "call genlabel_robust.audit in the notebook or script, or export its model as ONNX",
    ),
    ".ipynb": (
        "a notebook",
        "call genlabel_robust.audit in the notebook or script, or export its model as ONNX",
    ),
}


def unread(path: Path) -> str | None:
    """Return why the file at ``path`` is not read and what to do, or None if its ending is unknown.

    The text is a sentence without a full stop.
    """
    known = UNREAD.get(path.suffix.lower())
    if known is None:
        return None
    what, advice = known
    return f"{path} is not read: {path.suffix.lower()} is {what}; {advice}"
