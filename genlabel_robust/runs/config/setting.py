"""The declaration of a setting, from which everything else about it is derived."""

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from genlabel_robust.core import ConfigurationError, refuse_unknown, shown
from genlabel_robust.runs.config.kinds import DEPTHS, SEVERAL, Kind, value_of

#: The places where a setting can be set. "audit" is the command, "audit()" the function, and
#: "test" the fixture of the pytest plugin.
Place: TypeAlias = Literal["evaluate", "gate", "audit", "audit()", "test", "reproduce"]

#: Settings of attacks, which audits have as well.
RUNS: tuple[Place, ...] = ("evaluate", "gate", "audit", "audit()")
#: Settings of attacks that tests have as well.
TESTS: tuple[Place, ...] = (*RUNS, "test")
#: Settings of a run's own computation, not of gates or tests.
OWN: tuple[Place, ...] = ("evaluate", "audit", "audit()")
#: Settings of training and its data, which an audit does not have.
TRAININGS: tuple[Place, ...] = ("evaluate", "gate")
#: Settings of how work is divided between processes.
PARALLEL: tuple[Place, ...] = (*RUNS, "reproduce")

#: When a setting is part of a run's identity: "always"; "if set" to another value than the default,
#: so that runs from before the setting existed keep their identity; "by the data", if the hash of
#: the data covers it or if it only changes the summary of the same results; or "never", if it only
#: affects how a run is executed.
Identity: TypeAlias = Literal["always", "if set", "by the data", "never"]


@dataclass(frozen=True)
class Setting:
    """The declaration of a setting; its name is that of its field.

    ``help``: for ``--help`` and the reference. ``option``: the name of the option, if it differs
    from the setting's; ``metavar``: the placeholder for its value. ``default_text``: the default in
    words, if the value does not explain itself. ``choices``: the only values; ``called``: the word
    for one of them in errors, None for the setting's name. ``least``, ``most``: limits of numbers.
    ``before``: the value in runs from before the setting existed, None for the default.
    ``chosen_by``: the setting that selects the names of a table to run. A setting with default None
    may stay unset.
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
        """Return the dataclass field of this setting."""
        about = {"setting": self}
        if isinstance(self.default, dict):
            return field(default_factory=dict, metadata=about)
        return field(default=self.default, metadata=about)

    @property
    def default_in_words(self) -> str:
        """The default as stated in help and reference, "" if it needs no words."""
        if self.default_text is not None:
            return self.default_text
        if self.kind in SEVERAL:
            return ", ".join(map(str, self.default))
        silent = self.default is None or self.default is False or self.depth > 0
        return "" if silent else str(self.default)

    @property
    def depth(self) -> int:
        """The depth to which values of several layers are merged; 0 to replace them."""
        return DEPTHS.get(self.kind, 0)

    def checked(self, name: str, value: Any) -> Any:
        """Return ``value`` of the setting ``name`` as a plain Python value.

        Raises ``ConfigurationError`` or ``UnknownNameError`` for an invalid value.
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
