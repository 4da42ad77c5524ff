"""OpenML data sets by id, from a local folder if one is set, otherwise downloaded and cached."""

import os
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

from genlabel_robust.core import ConfigurationError, DataError, plural, quoted
from genlabel_robust.data.sources.files import read_frame
from genlabel_robust.data.sources.source import Source

PREFIX = "openml:"
FOLDER_VARIABLE = "GENLABEL_ROBUST_OPENML_DIR"
TIMEOUT_SECONDS = 20.0
_ADVICE = f"connect to the internet once, or set {FOLDER_VARIABLE} to a folder with the file"


def read_openml(spec: str) -> Source:
    """Return the data set ``openml:ID`` with its declared nominal columns.

    Looks first for ``<ID>_<name>.csv`` in the folder of the environment variable
    ``GENLABEL_ROBUST_OPENML_DIR``, then asks OpenML. Raises ``DataError`` if the id is not a number
    or unknown, or if OpenML cannot be reached; ``ConfigurationError`` if the folder does not exist.
    """
    number = spec.removeprefix(PREFIX)
    if not (number.isascii() and number.isdigit() and int(number) > 0):
        raise DataError(
            f"{spec!r} names no OpenML data set; the id is a whole number, such as openml:1413"
        )
    return _from_folder(spec, int(number)) or _fetched(spec, int(number))


def cache_folder() -> Path:
    """Return the user's cache folder for downloads from OpenML."""
    from platformdirs import user_cache_path

    return user_cache_path("genlabel_robust", appauthor=False) / "openml"


def _from_folder(spec: str, number: int) -> Source | None:
    setting = os.environ.get(FOLDER_VARIABLE)
    if not setting:
        return None
    folder = Path(setting)
    if not folder.is_dir():
        raise ConfigurationError(
            f"{FOLDER_VARIABLE} is {setting!r}, which is not a directory; "
            "set it to a folder of files named <ID>_<name>.csv, or unset it"
        )
    files = sorted(folder.glob(f"{number}_*.csv"))
    if not files:
        return None
    if len(files) > 1:
        raise ConfigurationError(
            f"{spec}: the folder {setting!r} holds {quoted([file.name for file in files])}; keep "
            "only one of them"
        )
    frame = read_frame(files[0])
    nominal = tuple(column for column in _nominal(folder, number) if column in frame.columns)
    return Source(spec, frame, "target", file=files[0], nominal=nominal)


def _nominal(folder: Path, number: int) -> list[str]:
    path = folder / "nominal.csv"
    if not path.is_file():
        return []
    listed = read_frame(path)
    if not {"openml_id", "column"} <= set(listed.columns):
        raise ConfigurationError(
            f"{str(path)!r} has the columns {quoted([str(c) for c in listed.columns])}; "
            "it needs openml_id and column"
        )
    return [str(column) for column in listed.loc[listed["openml_id"] == number, "column"]]


def _fetched(spec: str, number: int) -> Source:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        bunch = _fetch(spec, number)
    targets = list(bunch.target_names or [])
    if len(targets) != 1:
        raise DataError(
            f"{spec}: OpenML names {plural(len(targets), 'target column')} for it, but one is "
            "needed; save the table as CSV and give path.csv#TARGET"
        )
    return Source(spec, bunch.frame, targets[0], _openml_notices(spec, caught))


def _fetch(spec: str, number: int) -> Any:
    from sklearn.datasets import fetch_openml

    folder = cache_folder()
    try:
        with _network_timeout(TIMEOUT_SECONDS):
            return fetch_openml(
                data_id=number,
                as_frame=True,
                parser="auto",
                data_home=str(folder),
                n_retries=1,
                delay=0.5,
            )
    except HTTPError as error:
        error.close()
        if error.code in (404, 412):
            raise _unknown_id(spec) from error
        raise DataError(
            f"{spec}: OpenML answered with HTTP error {error.code}; try later, or set "
            f"{FOLDER_VARIABLE} to a folder with the file"
        ) from error
    except (URLError, ConnectionError, TimeoutError, HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise DataError(f"{spec}: OpenML cannot be reached ({reason}); {_ADVICE}") from error
    except OSError as error:
        raise DataError(
            f"{spec}: the cache folder {str(folder)!r} cannot be used: {error}; make it writable "
            "and remove broken files from it"
        ) from error
    except (ValueError, KeyError, EOFError) as error:
        if "not found" in str(error):
            raise _unknown_id(spec) from error
        text = " ".join(str(error).split())
        raise DataError(
            f"{spec}: the answer of OpenML cannot be used as a table: {text}; save the table as "
            "CSV and give path.csv#TARGET"
        ) from error


def _unknown_id(spec: str) -> DataError:
    return DataError(f"{spec}: OpenML has no data set with this id; look it up at www.openml.org")


def _openml_notices(spec: str, caught: list[warnings.WarningMessage]) -> tuple[str, ...]:
    texts = dict.fromkeys(" ".join(str(w.message).split()) for w in caught if _of_the_data(w))
    return tuple(f"OpenML on {spec}: {text}" for text in texts)


def _of_the_data(warning: warnings.WarningMessage) -> bool:
    text = str(warning.message)
    return issubclass(warning.category, UserWarning) and "network error" not in text


@contextmanager
def _network_timeout(seconds: float) -> Iterator[None]:
    # scikit-learn sets no timeout: a server that does not answer would block the run
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
