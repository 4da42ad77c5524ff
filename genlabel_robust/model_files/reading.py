"""Reading a model file of any known format; its ending selects the reader."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genlabel_robust.core import ConfigurationError, unknown_name
from genlabel_robust.core.files.opening import file_bytes
from genlabel_robust.core.parts.offers import not_named
from genlabel_robust.model_files import EXECUTED, READERS
from genlabel_robust.model_files.outside import why_executed
from genlabel_robust.model_files.unsupported import unread

#: The maximum size of a file, in bytes.
_LARGEST = 2 << 30


@dataclass(frozen=True)
class Permission:
    """What the user allows a reader to do, and the facts that a file can lack.

    ``architecture``: the registered architecture, for a file of weights only. ``trust``: whether
    to read formats whose loaders can execute code in the file. ``types``: names of types to allow
    in a skops file, besides those known to be harmless.
    """

    architecture: str | None = None
    trust: bool = False
    types: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Reading:
    """A model from a file: a torch module, a fitted estimator, a ``LibraryModel`` or a ``Model``.

    ``format`` and ``library``: for the report, such as "ONNX" and "onnxruntime 1.20.0".
    ``notes``: sentences that the reader of the results must know.
    """

    model: Any
    format: str
    library: str
    notes: tuple[str, ...] = ()


def model_bytes(path: Path, permission: Permission) -> bytes:
    """Return the content of the file at ``path``.

    Raises ``ConfigurationError`` if the file is missing, too large or of no known ending, or if
    its loader executes code and the file is not trusted. Such a file is not opened.
    """
    ending = path.suffix.lower()
    if ending not in READERS and (reason := unread(path)):
        raise ConfigurationError(reason)
    if ending not in READERS:
        raise not_named(READERS, ending) or unknown_name(
            "ending", ending, READERS, where=f"of a model file ({path.name!r})"
        )
    if _why_executed(ending) is not None:
        refuse_untrusted(path, permission)
    return file_bytes(path, most=_LARGEST, error=ConfigurationError)


def refuse_untrusted(path: Path, permission: Permission) -> None:
    """Raise ``ConfigurationError`` unless ``permission`` allows executing code in the file."""
    if not permission.trust:
        raise ConfigurationError(
            f"{path} is not read: {_why_executed(path.suffix.lower())}, so it could do anything "
            "that you can do on this machine; export it as ONNX, skops or safetensors, or, if you "
            f"trust whoever made it, give --trust{_two_lines(path)}"
        )


def _two_lines(path: Path) -> str:
    """Return advice to convert a pickled pipeline with two lines of code; empty for other files."""
    if path.suffix.lower() not in (".pkl", ".pickle", ".joblib"):
        return ""
    names = repr(path.name), repr(path.with_suffix(".skops").name)
    return (
        ": to convert a pipeline, run, where it was made, `import joblib, skops.io` and "
        f"`skops.io.dump(joblib.load({names[0]}), {names[1]})`"
    )


def _why_executed(ending: str) -> str | None:
    """Return why loading a file of ``ending`` executes code in it, or None if it does not."""
    part = READERS.outside(ending)
    return EXECUTED.get(ending) if part is None else why_executed(part.target)


def read_model_file(path: Path, content: bytes, permission: Permission) -> Reading:
    """Return the model in ``content``, read from ``path``, by the reader for its ending.

    No code in the file is executed unless ``permission`` trusts it. Raises
    ``ConfigurationError``, in one sentence, if the file is damaged, is not of the format that its
    ending promises, or needs a library that is not installed.
    """
    if not content:
        raise ConfigurationError(f"{path} is empty; it must contain a model")
    found: Reading = READERS.load(path.suffix.lower())(path, content, permission)
    return found
