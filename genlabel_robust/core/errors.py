"""The one tree of exceptions; each class carries the exit code of the command line.

GenlabelRobustError                3  internal: anything not told apart below
├── UsageError                     2  what the user asked for cannot be done
│   ├── UnknownNameError           2  no dataset, strategy, attack, setting of that name
│   │   └── UnknownFeatureError    2  a limit on a feature that the data do not have
│   ├── ConfigurationError         2  a setting's value, a file's content, two settings at odds
│   │   ├── PriceError             2  a budget or costs that cannot be
│   │   └── RelationError          2  a relation between features that cannot be kept to
│   ├── DataError                  2  a table that cannot be evaluated as it is
│   │   ├── LabelsError            2  its labels cannot be used as they are
│   │   ├── EmptyDataError         2  a table without a row; to a gate, nothing was evaluated
│   │   └── TooFewExamplesError    2  a class with fewer than two examples
│   ├── InputError                 2  a file is none, is damaged, or holds something else
│   ├── OutputError                2  the run folder cannot be written, or holds another run
│   ├── NotComparableError         4  runs that share nothing that could be compared
│   └── NotApplicableError         2  this strategy or attack cannot work on this model
├── AttackError                    6  an attack broke its own contract: its numbers are void
└── UnfinishedRunError             3  cells failed, or nothing was evaluated
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from genlabel_robust.core.text.plain_text import shown

#: The most names that a message lists, and the longest that others are compared with.
_MOST_LISTED, _LONGEST = 100, 200


class GenlabelRobustError(Exception):
    """Base of every error that this package raises on purpose."""

    exit_code = 3


class UsageError(GenlabelRobustError):
    """What the user asked for cannot be done; the text says what can."""

    exit_code = 2


class UnknownNameError(UsageError):
    """A name that is not registered; the text names the nearest ones."""


class UnknownFeatureError(UnknownNameError):
    """A limit on a single feature names one that the data do not have."""


class ConfigurationError(UsageError):
    """A setting has a value that it cannot have."""


class PriceError(ConfigurationError):
    """A budget or costs cannot be; ``places``: the keys by which a threat file may state them.

    Of each place from the outermost table in; where several are, the first is the likeliest.
    """

    def __init__(self, message: str, places: tuple[tuple[str, ...], ...] = ()) -> None:
        super().__init__(message)
        self.places = places

    def __reduce__(self) -> tuple[type[PriceError], tuple[str, tuple[tuple[str, ...], ...]]]:
        return type(self), (str(self), self.places)


class RelationError(ConfigurationError):
    """A relation between features cannot be kept to; ``relation``: its text, if known."""

    def __init__(self, message: str, relation: str = "") -> None:
        super().__init__(message)
        self.relation = relation

    def __reduce__(self) -> tuple[type[RelationError], tuple[str, str]]:
        return type(self), (str(self), self.relation)


class DataError(UsageError):
    """A table cannot be evaluated as it is."""


class LabelsError(DataError):
    """Labels cannot be used as they are; ``fault``: what is wrong with them, after their name."""

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
    """A file cannot be read, is damaged, or holds something else than it should."""


class OutputError(UsageError):
    """The output folder cannot be written, or belongs to another configuration."""


class NotComparableError(UsageError):
    """Runs share nothing that could be compared; the text says what each of them has."""

    exit_code = 4


class NotApplicableError(UsageError):
    """A strategy or an attack needs something that the model does not have."""


class AttackError(GenlabelRobustError):
    """An attack broke its own contract, so that its numbers cannot be used."""

    exit_code = 6


class UnfinishedRunError(GenlabelRobustError):
    """Some cells failed, or nothing at all was evaluated."""


def unknown_name(
    kind: str, name: str, known: Iterable[str], *, of: str = "", where: str = ""
) -> UnknownNameError:
    """Build the error for an unknown ``name``: the nearest known ones first, then all.

    ``kind``: what was looked up, as a person would say it ("dataset"). ``of``: what does not have
    it ("strategy 'mixup'", which has no setting of that name). ``where``: what follows the name
    ("for feature 'age'").
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
        told = name if isinstance(name, str) else shown(name)
        raise unknown_name(kind, told, names, of=of, where=where)


def no_such(kind: str, name: str, *, of: str = "", where: str = "") -> str:
    """Return the clause that says so: "there is no suite 'x'", "strategy 'y' has no setting 'x'".

    Of all messages about a name that is not known; arguments as of ``unknown_name``.
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
