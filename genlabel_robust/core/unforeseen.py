"""Unexpected errors in one line: the error, and whose code raised it."""

import os
import sysconfig
import traceback
from pathlib import Path

#: If set, the traceback of any error that ends a command is printed.
DEBUG = "GENLABEL_ROBUST_DEBUG"

_OURS = str(Path(__file__).resolve().parents[1]) + os.sep
_LIBRARIES = tuple(
    str(Path(path).resolve()) + os.sep
    for path in {sysconfig.get_paths()[kind] for kind in ("stdlib", "purelib", "platlib")}
)
#: File names of code from a script, a notebook or another process.
_TYPED = ("<dynamic-code>", "<stdin>", "<ipython")


def one_line(error: BaseException) -> str:
    """Return "NameError: name 'bug' is not defined, in your code: noise.py, line 28, in _soften".

    "In your code" is said only of user code that the package called, such as a part from outside or
    a model's function. Any other error is reported as internal, with the package's own line.
    """
    said = f"{type(error).__name__}: {error}".rstrip(": ")
    frames = traceback.extract_tb(error.__traceback__)
    theirs = in_code_of_the_user(error)
    if theirs is not None:
        return f"{said}, in your code: {_place(theirs)}"
    ours = [frame for frame in frames if _file(frame).startswith(_OURS)]
    at = f", in {_place(ours[-1])}" if ours else ""
    return (
        f"internal error ({said}{at}); please report it, with the traceback that {DEBUG}=1 prints"
    )


def in_code_of_the_user(error: BaseException) -> traceback.FrameSummary | None:
    """Return the last frame of user code that we called and that ``error`` came from, or None."""
    called = False
    found = None
    for frame in traceback.extract_tb(error.__traceback__):
        file = _file(frame)
        if file.startswith(_OURS):
            called = True
        elif called and (file.startswith(_TYPED) or not file.startswith((*_LIBRARIES, "<"))):
            found = frame
    return found


def with_traceback(error: BaseException, of: BaseException) -> None:
    """Add the traceback of ``of`` to ``error`` as a note, if the user asked for tracebacks."""
    if os.environ.get(DEBUG):
        error.add_note("".join(traceback.format_exception(of)))


def _file(frame: traceback.FrameSummary) -> str:
    return frame.filename if frame.filename.startswith("<") else str(Path(frame.filename).resolve())


def _place(frame: traceback.FrameSummary) -> str:
    file = "" if frame.filename.startswith("<") else f"{Path(frame.filename).name}, "
    return f"{file}line {frame.lineno}, in {frame.name}"
