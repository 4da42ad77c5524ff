"""Loaders that execute what a file says: only with trust, and with a note that they did."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

OTHER_VERSION = (
    "The model was saved with another version of {}, which warns that its predictions may differ "
    "here."
)


#: For the report, whatever the file is called: a run's copy has another name.
EXECUTED_NOTE = (
    "Loading the model file executed code that it contains; you allowed that with --trust."
)


def one_line(error: BaseException) -> str:
    """Return the first line of an error's text, or its name where it has none."""
    lines = str(error).strip().splitlines()
    return " ".join(lines[0].split()).rstrip(".") if lines else type(error).__name__


@contextmanager
def noted_warnings(notes: list[str]) -> Iterator[None]:
    """Turn what is warned of inside into sentences, each once, at the end of ``notes``."""
    from sklearn.exceptions import InconsistentVersionWarning

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        if issubclass(warning.category, DeprecationWarning | FutureWarning):
            continue  # is for whoever wrote the code that was called
        if isinstance(warning.message, InconsistentVersionWarning):
            then = warning.message.original_sklearn_version
            note = OTHER_VERSION.format(f"scikit-learn ({then})")
        else:
            told = one_line(warning.message)  # type: ignore[arg-type]
            note = f"The model's library gave a warning when it read the file: {told}."
        if note not in notes:
            notes.append(note)
