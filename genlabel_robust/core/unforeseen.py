"""An error that nothing foresaw, in one line: what it is, and whose code raised it."""

import os
import sysconfig
import traceback
from pathlib import Path

#: Set it to anything for the traceback of whatever ends a command.
DEBUG = "GENLABEL_ROBUST_DEBUG"

_OURS = str(Path(__file__).resolve().parents[1]) + os.sep
_LIBRARIES = tuple(
    str(Path(path).resolve()) + os.sep
    for path in {sysconfig.get_paths()[kind] for kind in ("stdlib", "purelib", "platlib")}
)
#: What stands for the file of code that came from a script, a notebook or another process.
_TYPED = ("<dynamic-code>", "<stdin>", "<ipython")


def one_line(error: BaseException) -> str:
    """Return "NameError: name 'bug' is not defined, in your code: noise.py, line 28, in _soften".

    Only what we call of a user's own is named so: a part from outside, a model's function. Of
    any other error the line of ours is named, as an internal error.
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
    """Return the last line of a user's own that we called and ``error`` came out of, or None."""
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
    """Add the traceback of ``of`` to ``error`` as a note, if the user asked for it."""
    if os.environ.get(DEBUG):
        error.add_note("".join(traceback.format_exception(of)))


def _file(frame: traceback.FrameSummary) -> str:
    return frame.filename if frame.filename.startswith("<") else str(Path(frame.filename).resolve())


def _place(frame: traceback.FrameSummary) -> str:
    file = "" if frame.filename.startswith("<") else f"{Path(frame.filename).name}, "
    return f"{file}line {frame.lineno}, in {frame.name}"
