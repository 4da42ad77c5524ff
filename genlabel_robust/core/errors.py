"""The tree of all exceptions; each class carries the exit code of the command line.

GenlabelRobustError                3  internal error: none of those below
├── UsageError                     2  the request cannot be carried out
│   ├── UnknownNameError           2  no dataset, strategy, attack or setting has that name
│   │   └── UnknownFeatureError    2  a limit on a feature that the data do not have
│   ├── ConfigurationError         2  an invalid value, an invalid file, or conflicting settings
│   │   ├── PriceError             2  an invalid budget or invalid costs
│   │   └── RelationError          2  a relation between features that cannot be kept
│   ├── DataError                  2  a table that cannot be evaluated as it is
│   │   ├── LabelsError            2  its labels cannot be used as they are
│   │   ├── EmptyDataError         2  a table without rows; to a gate, nothing was evaluated
│   │   └── TooFewExamplesError    2  a class with fewer than two examples
│   ├── InputError                 2  a file is missing, is damaged, or has the wrong content
│   ├── OutputError                2  the run folder is not writable, or belongs to another run
│   ├── NotComparableError         4  runs that have nothing in common to compare
│   └── NotApplicableError         2  a strategy or attack that cannot work on this model
├── AttackError                    6  an attack broke its own contract: its numbers are void
└── UnfinishedRunError             3  cells failed, or nothing was evaluated
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from genlabel_robust.core.text.plain_text import shown

#: How many names a message lists, and how long a name may be to be compared with others.
_MOST_LISTED, _LONGEST = 100, 200


class GenlabelRobustError(Exception):
    """Base of every error that this package raises on purpose."""

    exit_code = 3


class UsageError(GenlabelRobustError):
    """The request cannot be carried out; the message says what can be done instead."""

    exit_code = 2


class UnknownNameError(UsageError):
    """A name that is not registered; the message suggests the nearest known names."""


class UnknownFeatureError(UnknownNameError):
    """A limit on a feature that the data do not have."""


class ConfigurationError(UsageError):
    """A setting has an invalid value."""


class PriceError(ConfigurationError):
    """An invalid budget or invalid costs.

    ``places``: the keys of a threat file where the value may stand, each as the path of keys from
    the outermost table inwards, the likeliest first.
    """

    def __init__(self, message: str, places: tuple[tuple[str, ...], ...] = ()) -> None:
        super().__init__(message)
        self.places = places

    def __reduce__(self) -> tuple[type[PriceError], tuple[str, tuple[tuple[str, ...], ...]]]:
        return type(self), (str(self), self.places)


class RelationError(ConfigurationError):
    """A relation between features that cannot be kept; ``relation``: its text, if known."""

    def __init__(self, message: str, relation: str = "") -> None:
        super().__init__(message)
        self.relation = relation

    def __reduce__(self) -> tuple[type[RelationError], tuple[str, str]]:
        return type(self), (str(self), self.relation)


class DataError(UsageError):
    """A table cannot be evaluated as it is."""


class LabelsError(DataError):
    """Labels that cannot be used; ``fault``: what is wrong with them, to follow ``name``."""

    def __init__(self, fault: str, name: str = "y") -> None:
        super().__init__(f"{name} {fault}")
        self.fault = fault
        self.name = name

    def __reduce__(self) -> tuple[type[LabelsError], tuple[str, str]]:
        return type(self), (self.fault, self.name)


class EmptyDataError(DataError):
    """A table has no rows."""


class TooFewExamplesError(DataError):
    """A class has fewer than two examples where at least two are needed."""


class InputError(UsageError):
    """A file cannot be read, is damaged, or has the wrong content."""


class OutputError(UsageError):
    """The output folder cannot be written, or belongs to another configuration."""


class NotComparableError(UsageError):
    """Runs that have nothing in common to compare; the message says what each one has."""

    exit_code = 4


class NotApplicableError(UsageError):
    """A strategy or an attack needs something that the model does not have."""


class AttackError(GenlabelRobustError):
    """An attack broke its own contract, so its numbers are void."""

    exit_code = 6


class UnfinishedRunError(GenlabelRobustError):
    """Some cells failed, or nothing at all was evaluated."""


def unknown_name(
    kind: str, name: str, known: Iterable[str], *, of: str = "", where: str = ""
) -> UnknownNameError:
    """Build the error for an unknown ``name``; it suggests the nearest names and lists all.

    ``kind``: the noun for what was looked up ("dataset"). ``of``: the owner that lacks the name
    ("strategy 'mixup'", which has no such setting). ``where``: words that follow the name ("for
    feature 'age'").
    """
    return UnknownNameError(_unknown(kind, name, known, of, where))


def unknown_feature(name: str, known: Iterable[str]) -> UnknownFeatureError:
    """Build the error for a limit on a feature ``name`` that is not among ``known``."""
    return UnknownFeatureError(_unknown("feature", name, known, where="to constrain"))


def refuse_unknown(
    kind: str, name: object, known: Iterable[str], *, of: str = "", where: str = ""
) -> None:
    """Raise ``unknown_name`` unless ``name``, which may be of any type, is one of ``known``."""
    names = list(known)
    if not isinstance(name, str) or name not in names:
        text = name if isinstance(name, str) else shown(name)
        raise unknown_name(kind, text, names, of=of, where=where)


def no_such(kind: str, name: str, *, of: str = "", where: str = "") -> str:
    """Return the clause "there is no suite 'x'" or "strategy 'y' has no setting 'x'".

    Every message about an unknown name uses it. Arguments: see ``unknown_name``.
    """
    having = f"{of} has" if of else "there is"
    return f"{having} no {kind} {shown(name)}{f' {where}' if where else ''}"


def _unknown(kind: str, name: str, known: Iterable[str], of: str = "", where: str = "") -> str:
    names = sorted(known)
    near = get_close_matches(name[:_LONGEST], names, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(repr(n) for n in near)}? " if near else ""
    listed = ", ".join(names[:_MOST_LISTED]) or "none"
    if len(names) > _MOST_LISTED:
        listed += f" and {len(names) - _MOST_LISTED:,} more"
    return f"{no_such(kind, name, of=of, where=where)}; {hint}known: {listed}"
