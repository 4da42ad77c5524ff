"""Resolution of what the user named, a text or an object, to a part."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

from genlabel_robust.core.admitted import Part
from genlabel_robust.core.errors import ConfigurationError, GenlabelRobustError, unknown_name
from genlabel_robust.core.parts.fit import Fit
from genlabel_robust.core.parts.importing import imported, installed_by, travels
from genlabel_robust.core.parts.kinds import KINDS, kind_of, registry_of
from genlabel_robust.core.parts.meant import meant
from genlabel_robust.core.parts.named_again import OBJECT
from genlabel_robust.core.parts.offers import Offer, offers
from genlabel_robust.core.parts.source import source_of
from genlabel_robust.core.parts.state import digest_with
from genlabel_robust.core.text.plain_text import shown

if TYPE_CHECKING:
    from genlabel_robust.core.registry import Registry


_TWO_NAMES = "give one of them another name"
_TWO_SETTINGS = (
    "make a run of each setting and compare the runs, or derive a class with another name"
)


def named_part(registry: Registry, spec: Any) -> Part | None:
    """Return the part that ``spec`` names; None if it is a built-in part of the package.

    ``spec``: a name, the name of an entry point, "module:Name", or the object. Raises
    ``UnknownNameError`` and ``ConfigurationError``, in one sentence.
    """
    if not isinstance(spec, str):
        return part_of(registry, spec)
    if spec in registry:
        return registry.outside(spec)
    if ":" in spec:
        return part_of(registry, _target(registry.kind, spec), where=spec)
    offered = offers(registry)
    if spec not in offered:
        known = (*registry, *offered)
        raise meant(registry.kind, spec) or unknown_name(registry.kind, spec, known)
    return _offered(registry, offered[spec])


def parts_named(spec: Any) -> list[Part]:
    """Return the parts that one ``--part`` names.

    ``spec``: "module:Name"; "KIND.NAME=module:Name" if the kind does not follow from the object;
    the name of an entry point; the name of a distribution, for all parts that it offers; or an
    object.
    """
    if isinstance(spec, Part):
        return [spec]
    if not isinstance(spec, str):
        return [part_of(_registry_for(spec), spec)]
    kind_and_name, equals, where = spec.partition("=")
    if equals:
        kind, dot, name = kind_and_name.partition(".")
        if kind not in KINDS or not dot or not name or ":" not in where:
            raise ConfigurationError(
                f"--part {spec}: write KIND.NAME=module:Name, where KIND is one of "
                f"{', '.join(KINDS)}"
            )
        return [part_of(registry_of(kind), _target("part", where), name=name, where=where)]
    if ":" in spec:
        target = _target("part", spec)
        return [part_of(_registry_for(target, spec), target, where=spec)]
    every = list(_every_offer())
    found = [_offered(r, o) for r, o in every if spec in (o.name, o.distribution)]
    if not found:
        names = {name for _, offer in every for name in (offer.name, offer.distribution)}
        raise meant("part", spec) or unknown_name(
            "part", spec, names, where="of an installed distribution"
        )
    return found


def part_of(
    registry: Registry,
    target: Any,
    *,
    name: str | None = None,
    where: str | None = None,
    offer: Offer | None = None,
) -> Part:
    """Return ``target`` as a part of ``registry``; raises ``ConfigurationError`` if it is not one.

    ``name``: its name as a part, if it has none of its own; ``where``: how the user named it.
    """
    subject = where or _qualified(target)
    if offer is not None:
        subject = f"{where} of {offer.origin}"
    fit = _fitted(registry, target, name, subject)
    if fit.name in registry.built_in:
        raise ConfigurationError(
            f"{subject} is named {fit.name!r}, which is the name of a {registry.kind} of this "
            "package; give it another name"
        )
    qualified = _place(target, fit, where)
    of = qualified.removeprefix(OBJECT)
    known = installed_by(of) if offer is None else (offer.distribution, offer.version)
    defined = fit.defined or _defined(target)
    source = digest_with(source_of(defined), fit.state)
    travels(defined)
    return Part(
        kind=str(registry.group),
        name=fit.name,
        target=fit.target,
        qualified=qualified,
        distribution=None if known is None else known[0],
        version=None if known is None else known[1],
        source=source,
        unique=None if source is not None else uuid.uuid4().hex,
        settings=fit.settings,
        about=fit.about,
    )


def refuse_two_of_one_name(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Return ``parts`` without duplicates; raises ``ConfigurationError`` if two share a name."""
    found: dict[tuple[str, str], Part] = {}
    for part in parts:
        other = found.setdefault((part.kind, part.name), part)
        same = other.qualified == part.qualified and other.settings == part.settings
        if not same or other.source != part.source:
            advice = _TWO_SETTINGS if other.qualified == part.qualified else _TWO_NAMES
            raise ConfigurationError(
                f"{other.qualified} and {part.qualified} are both named {part.name!r}, so results "
                f"could not be distinguished; {advice}"
            )
    return tuple(found.values())


def _fitted(registry: Registry, target: Any, name: str | None, subject: str) -> Fit:
    if registry.fits is None:
        raise ConfigurationError(f"{subject}: a {registry.kind} cannot come from outside")
    module, _, attribute = registry.fits.partition(":")
    fits: Callable[[Any, str | None], Fit] = getattr(import_module(module), attribute)
    try:
        fit = fits(target, name)
    except ConfigurationError as error:
        raise ConfigurationError(f"{subject} {error}") from error
    except GenlabelRobustError:
        raise
    except Exception as error:  # foreign code may fail when its name and kind are read
        raise ConfigurationError(
            f"{subject} fails when its name and kind are read: {type(error).__name__}: "
            f"{' '.join(str(error).split())}"
        ) from error
    if not fit.name or not fit.name.isprintable() or set(fit.name) & set(" ,=:/\\\"'"):
        raise ConfigurationError(
            f"{subject} is named {shown(fit.name)}; a name has no blanks, and none of "
            ", = : / \\ and quotes"
        )
    if name is not None and fit.name != name:
        raise ConfigurationError(
            f"{subject} is offered as {name!r}, and calls itself {fit.name!r}; the two must agree"
        )
    return fit


def _offered(registry: Registry, offer: Offer) -> Part:
    target = imported(offer.where, offer.origin)
    return part_of(registry, target, name=offer.name, where=offer.where, offer=offer)


def _target(kind: str, where: str) -> Any:
    """Return the object at ``where``, "module:Name"; raise advice if ``where`` names a file."""
    if (error := meant(kind, where)) is not None:
        raise error
    return imported(where)


def _every_offer() -> Iterator[tuple[Registry, Offer]]:
    for kind in KINDS:
        registry = registry_of(kind)
        for offer in offers(registry).values():
            yield registry, offer


def _registry_for(target: Any, subject: str | None = None) -> Registry:
    """Return the registry for ``target`` if its type allows only one kind of part."""
    kind = kind_of(target)
    if kind is None:
        where = subject or _qualified(target)
        raise ConfigurationError(
            f"it is not clear what kind of part {where} is; write KIND.NAME={where}, where KIND is "
            f"one of {', '.join(KINDS)}"
        )
    return registry_of(kind)


def _defined(target: Any) -> Any:
    """Return ``target`` if it is a class or a function, otherwise its class."""
    return target if hasattr(target, "__qualname__") else type(target)


def _place(target: Any, fit: Fit, where: str | None) -> str:
    """Return where ``target`` is defined; ``where``: how it was named, if it was.

    An object that a module defines has the same name there, however it was reached. An instance is
    identified by its class only if its settings recreate it.
    """
    if hasattr(target, "__qualname__"):
        named = "<" not in target.__qualname__
        return _qualified(target) if named or where is None else where
    if where is not None:
        return where
    made_again = fit.target is type(target)
    return _qualified(target) if made_again else f"{OBJECT}{_qualified(target)}"


def _qualified(target: Any) -> str:
    defined = _defined(target)
    return f"{defined.__module__}:{defined.__qualname__}"
