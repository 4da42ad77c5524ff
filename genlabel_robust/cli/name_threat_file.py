"""A mistake that only the data show, told with the file that made it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from genlabel_robust.core import UnknownFeatureError


@contextmanager
def naming(threat_file: str | None, sources: Mapping[str, str]) -> Iterator[None]:
    """Name the threat file in the error of a feature that the data do not have.

    If it had the last word on the constraints; ``sources``: as of ``resolve``.
    """
    try:
        yield
    except UnknownFeatureError as error:
        if threat_file is None or sources.get("constraints") != f"file {Path(threat_file).name}":
            raise
        raise UnknownFeatureError(f"threat file {threat_file}: {error}") from error
