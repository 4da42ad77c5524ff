"""A mistake that only the data show, told with the file that made it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from genlabel_robust.core import RelationError, UnknownFeatureError
from genlabel_robust.threat.threat_file.lines import line_with


@contextmanager
def naming(threat_file: str | None, sources: Mapping[str, str]) -> Iterator[None]:
    """Name the threat file in the error of a feature or a relation that the data do not have.

    If it had the last word on the constraints; ``sources``: as of ``resolve``.
    """
    try:
        yield
    except (UnknownFeatureError, RelationError) as error:
        if threat_file is None or sources.get("constraints") != f"file {Path(threat_file).name}":
            raise
        if isinstance(error, RelationError):
            line = line_with(error.relation, threat_file)
            told = f"threat file {threat_file}: {line}{error}"
            raise RelationError(told, error.relation) from error
        raise UnknownFeatureError(f"threat file {threat_file}: {error}") from error
