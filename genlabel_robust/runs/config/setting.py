"""What is declared of a setting, once; all that deals with settings is derived from it."""

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from genlabel_robust.core import ConfigurationError, refuse_unknown, shown
from genlabel_robust.runs.config.kinds import DEPTHS, SEVERAL, Kind, value_of

#: Where a setting can be set. "audit" is the command, "audit()" the function, and "test" the
#: fixture of the pytest plugin.
Place: TypeAlias = Literal["evaluate", "gate", "audit", "audit()", "test", "reproduce"]

#: Of the attack, which audits have, too.
RUNS: tuple[Place, ...] = ("evaluate", "gate", "audit", "audit()")
#: Of the attack, where tests have it, too.
TESTS: tuple[Place, ...] = (*RUNS, "test")
#: Of what a run computes itself, and not of what is judged or tested.
OWN: tuple[Place, ...] = ("evaluate", "audit", "audit()")
#: Of how models are trained, and on what: an audit trains none.
TRAININGS: tuple[Place, ...] = ("evaluate", "gate")
#: Of how work is divided between processes.
PARALLEL: tuple[Place, ...] = (*RUNS, "reproduce")

#: Whether a setting is part of what identifies a run: at every value; at any but its default, so
#: that runs from before there was the setting keep their identity; not itself, since the hash of
#: the data tells, or since it only sums up what was computed in another way; or not at all, as it
#: says how a run is executed and not what comes out of it.
Identity: TypeAlias = Literal["always", "if set", "by the data", "never"]


@dataclass(frozen=True)
class Setting:
    """All that is known of a setting but its name, which is that of its field.

    ``help``: for ``--help`` and the reference. ``option``: the name of the option, where it is
    not the setting's; ``metavar``: what stands for its value. ``default_text``: the default in
    words, where the value does not say it. ``choices``: the only values; ``called``: what an
    error calls one, None if that is the setting's name. ``least``, ``most``: of numbers.
    ``before``: the value in runs from before there was the setting, None for the default.
    ``chosen_by``: the setting that says which names of a table are run. A setting whose default
    is None may be left open.
    """

    default: Any
    kind: Kind
    help: str
    places: tuple[Place, ...] = RUNS
    identity: Identity = "if set"
    option: str | None = None
    metavar: str | None = None
    default_text: str | None = None
    choices: tuple[str, ...] = ()
    called: str | None = None
    least: int | None = None
    most: int | None = None
    before: Any = None
    chosen_by: str | None = None

    def field(self) -> Any:
        """Return the field of a dataclass that this declares."""
        about = {"setting": self}
        if isinstance(self.default, dict):
            return field(default_factory=dict, metadata=about)
        return field(default=self.default, metadata=about)

    @property
    def default_in_words(self) -> str:
        """The default as help and reference state it, "" for one that needs no words."""
        if self.default_text is not None:
            return self.default_text
        if self.kind in SEVERAL:
            return ", ".join(map(str, self.default))
        silent = self.default is None or self.default is False or self.depth > 0
        return "" if silent else str(self.default)

    @property
    def depth(self) -> int:
        """How deep values of several layers are merged; 0 where the highest replaces the others."""
        return DEPTHS.get(self.kind, 0)

    def checked(self, name: str, value: Any) -> Any:
        """Return ``value`` of the setting ``name`` as a plain Python value.

        Raises ``ConfigurationError`` and ``UnknownNameError`` if the setting cannot have it.
        """
        if value is None and self.default is None:
            return None
        plain = value_of(self.kind, name, value)
        if self.kind in SEVERAL and self.default and not plain:
            raise ConfigurationError(f"{name} is empty; name at least one")
        if self.choices:
            refuse_unknown(self.called or name, plain, self.choices)
        for edge, wrong, limit in (
            ("least", self.least is not None and plain < self.least, self.least),
            ("most", self.most is not None and plain > self.most, self.most),
        ):
            if wrong:
                raise ConfigurationError(
                    f"{name} is {shown(plain)}; it must be a whole number of at {edge} {limit}"
                )
        return plain
