"""Notes for the report about how a model file was loaded."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

OTHER_VERSION = (
    "The model was saved with another version of {}, which warns that its predictions may differ "
    "here."
)


#: Does not name the file, as the run's copy has another name.
EXECUTED_NOTE = (
    "Loading the model file executed code that it contains; you allowed that with --trust."
)


def one_line(error: BaseException) -> str:
    """Return the first line of an error's message, or its class name if the message is empty."""
    lines = str(error).strip().splitlines()
    return " ".join(lines[0].split()).rstrip(".") if lines else type(error).__name__


@contextmanager
def noted_warnings(notes: list[str]) -> Iterator[None]:
    """Catch the warnings of the block and append each distinct one to ``notes`` as a sentence."""
    from sklearn.exceptions import InconsistentVersionWarning

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        if issubclass(warning.category, DeprecationWarning | FutureWarning):
            continue  # addressed to the author of the code, not to the user
        if isinstance(warning.message, InconsistentVersionWarning):
            then = warning.message.original_sklearn_version
            note = OTHER_VERSION.format(f"scikit-learn ({then})")
        else:
            message = one_line(warning.message)  # type: ignore[arg-type]
            note = f"The model's library gave a warning when it read the file: {message}."
        if note not in notes:
            notes.append(note)
