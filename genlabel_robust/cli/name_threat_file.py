"""A mistake that only the data show, told with the file that made it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from genlabel_robust.core import PriceError, RelationError, UnknownFeatureError
from genlabel_robust.threat.threat_file.lines import line_of_any, line_with


@contextmanager
def naming(threat_file: str | None, sources: Mapping[str, str]) -> Iterator[None]:
    """Name the threat file, and its line, in the error of what the data show to be wrong in it.

    That is a feature or a relation that they do not have, and a price or a budget that cannot be.
    If the file had the last word on it; ``sources``: as of ``resolve``.
    """
    try:
        yield
    except (UnknownFeatureError, RelationError, PriceError) as error:
        own = [] if threat_file is None else _settings_of(threat_file, sources)
        if threat_file is None or "constraints" not in own:
            raise
        where = f"threat file {threat_file}: "
        if isinstance(error, RelationError):
            told = f"{where}{line_with(error.relation, threat_file)}{error}"
            raise RelationError(told, error.relation) from error
        if isinstance(error, PriceError):
            # another ε than the file's is no mistake of the line that states it
            places = [keys for keys in error.places if "eps" in own or keys[0] != "budget"]
            told = f"{where}{line_of_any(places, threat_file)}{error}"
            raise PriceError(told, error.places) from error
        raise UnknownFeatureError(f"{where}{error}") from error


def _settings_of(threat_file: str, sources: Mapping[str, str]) -> list[str]:
    """Return the settings of which the file had the last word."""
    name = f"file {Path(threat_file).name}"
    return [setting for setting, source in sources.items() if source == name]
