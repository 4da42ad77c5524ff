"""Parts that installed distributions offer by entry points, read from metadata without import."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from genlabel_robust.core.errors import ConfigurationError, UnknownNameError
from genlabel_robust.core.text.plain_text import shown
from genlabel_robust.core.text.wording import an

if TYPE_CHECKING:
    from genlabel_robust.core.registry import Registry

PREFIX = "genlabel_robust."


@dataclass(frozen=True)
class Offer:
    """A part that ``distribution`` offers under ``name``; ``where``: "module:Name"."""

    name: str
    where: str
    distribution: str
    version: str

    @property
    def origin(self) -> str:
        """The distribution and its version."""
        return f"{self.distribution} {self.version}"


def offers(registry: Registry) -> dict[str, Offer]:
    """Return the parts that installed distributions offer for ``registry``, sorted by name.

    Nothing is imported. Raises ``ConfigurationError`` if a name is already taken.
    """
    found: dict[str, Offer] = {}
    entries = entry_points(group=f"{PREFIX}{registry.group}")
    for offer in sorted(map(_offer, entries), key=lambda one: (one.name, one.origin)):
        if offer.name in registry.built_in:
            raise ConfigurationError(
                f"{offer.origin} offers {an(registry.kind)} named {shown(offer.name)}, which is "
                "already a name in this package; rename it there, or uninstall the distribution"
            )
        if offer.name in found and found[offer.name] != offer:
            raise ConfigurationError(
                f"{found[offer.name].origin} and {offer.origin} both offer {an(registry.kind)} "
                f"named {shown(offer.name)}; uninstall one of them, or name the part as module:Name"
            )
        found[offer.name] = offer
    return found


def not_named(registry: Registry, name: str) -> UnknownNameError | None:
    """Return the error for a ``name`` that an installed distribution offers, otherwise None."""
    if ":" in name:
        return UnknownNameError(
            f"{shown(name)} was not named on the command line or in Python, and a name in a file "
            f"imports nothing; if you trust the part, add --part {shown(name)}"
        )
    offer = offers(registry).get(name)
    if offer is None:
        return None
    return UnknownNameError(
        f"the {registry.kind} {shown(name)} is a part of {offer.origin}, and a name in a file "
        f"imports nothing; if you trust the part, add --part {shown(name)}"
    )


def _offer(entry: EntryPoint) -> Offer:
    about = entry.dist
    if about is None:
        return Offer(entry.name, entry.value, "an unknown distribution", "")
    return Offer(entry.name, entry.value, about.name, about.version)
