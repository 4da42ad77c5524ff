"""Naming the threat file in errors that only the data reveal."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from genlabel_robust.core import PriceError, RelationError, UnknownFeatureError
from genlabel_robust.threat.threat_file.lines import line_of_any, line_with


@contextmanager
def naming(threat_file: str | None, sources: Mapping[str, str]) -> Iterator[None]:
    """Add the threat file, and the line if known, to errors of the block that the file caused.

    These are features and relations that the data do not have, and impossible prices and budgets.
    The error stays as it is if the constraints do not come from the file; ``sources``: as in
    ``resolve``.
    """
    try:
        yield
    except (UnknownFeatureError, RelationError, PriceError) as error:
        own = [] if threat_file is None else _settings_of(threat_file, sources)
        if threat_file is None or "constraints" not in own:
            raise
        where = f"threat file {threat_file}: "
        if isinstance(error, RelationError):
            message = f"{where}{line_with(error.relation, threat_file)}{error}"
            raise RelationError(message, error.relation) from error
        if isinstance(error, PriceError):
            # the file's line on ε is not to blame if ε comes from elsewhere
            places = [keys for keys in error.places if "eps" in own or keys[0] != "budget"]
            message = f"{where}{line_of_any(places, threat_file)}{error}"
            raise PriceError(message, error.places) from error
        raise UnknownFeatureError(f"{where}{error}") from error


def _settings_of(threat_file: str, sources: Mapping[str, str]) -> list[str]:
    """Return the settings whose values come from the file."""
    name = f"file {Path(threat_file).name}"
    return [setting for setting, source in sources.items() if source == name]
