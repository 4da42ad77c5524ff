"""A model file of any known format, read by the reader that its ending names."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genlabel_robust.core import ConfigurationError, unknown_name
from genlabel_robust.core.files.opening import file_bytes
from genlabel_robust.core.parts.offers import not_named
from genlabel_robust.model_files import EXECUTED, READERS
from genlabel_robust.model_files.outside import why_executed
from genlabel_robust.model_files.unsupported import unread

#: The largest file that is read, in bytes.
_LARGEST = 2 << 30


@dataclass(frozen=True)
class Permission:
    """What a reader may do, and what it needs to be told.

    ``architecture``: of ``models``, for a file that holds weights only. ``trust``: whether
    formats may be read whose loader can execute what the file says. ``types``: names of
    types that a skops file may hold besides those known to be harmless.
    """

    architecture: str | None = None
    trust: bool = False
    types: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Reading:
    """A model from a file: a torch module, a fitted estimator, a ``LibraryModel`` or a ``Model``.

    ``format`` and ``library``: for the report, such as "ONNX" and "onnxruntime 1.20.0".
    ``notes``: whole sentences that a reader of the results must know.
    """

    model: Any
    format: str
    library: str
    notes: tuple[str, ...] = ()


def model_bytes(path: Path, permission: Permission) -> bytes:
    """Return the content of ``path``, where it may be read at all.

    Raises ``ConfigurationError`` for a file that is not there, of no known ending, too
    large, or of a format that is executed and not trusted: of that not a byte is read.
    """
    ending = path.suffix.lower()
    if ending not in READERS and (told := unread(path)):
        raise ConfigurationError(told)
    if ending not in READERS:
        raise not_named(READERS, ending) or unknown_name(
            "ending", ending, READERS, where=f"of a model file ({path.name!r})"
        )
    if _why_executed(ending) is not None:
        refuse_untrusted(path, permission)
    return file_bytes(path, most=_LARGEST, error=ConfigurationError)


def refuse_untrusted(path: Path, permission: Permission) -> None:
    """Raise ``ConfigurationError`` unless the file at ``path`` may execute what it says."""
    if not permission.trust:
        raise ConfigurationError(
            f"{path} is not read: {_why_executed(path.suffix.lower())}, so it could do anything "
            "that you can do on this machine; export it as ONNX, skops or safetensors, or, if you "
            f"trust whoever made it, give --trust{_two_lines(path)}"
        )


def _two_lines(path: Path) -> str:
    """Return the two lines that turn a pickled pipeline into a file that executes nothing."""
    if path.suffix.lower() not in (".pkl", ".pickle", ".joblib"):
        return ""
    names = repr(path.name), repr(path.with_suffix(".skops").name)
    return (
        ": to convert a pipeline, run, where it was made, `import joblib, skops.io` and "
        f"`skops.io.dump(joblib.load({names[0]}), {names[1]})`"
    )


def _why_executed(ending: str) -> str | None:
    """Return why what files of ``ending`` say is executed, None if it is not."""
    part = READERS.outside(ending)
    return EXECUTED.get(ending) if part is None else why_executed(part.target)


def read_model_file(path: Path, content: bytes, permission: Permission) -> Reading:
    """Return the model in ``content``, that of ``path``, by the reader of its ending.

    Nothing in it is executed unless ``permission`` trusts it. Raises ``ConfigurationError``,
    in one sentence, for a file that is not what its ending says, is damaged, or needs what
    is not installed.
    """
    if not content:
        raise ConfigurationError(f"{path} is empty; it must contain a model")
    found: Reading = READERS.load(path.suffix.lower())(path, content, permission)
    return found
