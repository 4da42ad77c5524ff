"""How to get the same numbers again."""

from __future__ import annotations

from collections.abc import Iterator

from genlabel_robust.evaluation.config import NOT_OF_AUDITS
from genlabel_robust.evaluation.reading import StoredRun
from genlabel_robust.reports.command import command, toml
from genlabel_robust.reports.markup import Content, Markup, element, joined, name
from genlabel_robust.reports.parts import details, paragraph, table


def reproduce(run: StoredRun) -> Markup:
    """Return the command, the versions, and where each setting came from."""
    environment = run.manifest["environment"]
    versions: list[list[Content]] = [
        ["genlabel_robust", environment["genlabel_robust"]],
        ["python", environment["python"]],
        *([package, version] for package, version in environment["packages"].items()),
        ["platform", environment["platform"]],
    ]
    audited = "library" in run.manifest
    settings: list[list[Content]] = [
        [key, name(_shown(entry["value"])), name(str(entry["source"]))]
        for key, entry in run.manifest["config"].items()
        if key not in ("jobs", "out") and not (audited and key in NOT_OF_AUDITS)
    ]
    files = run.manifest.get("audit", {})
    settings += [[key, name(_shown(value)), "option"] for key, value in files.items()]
    if library := run.manifest.get("library"):
        versions.insert(0, ["asked through", name(library)])
    return joined([
        *_command(run),
        paragraph(
            "The same versions, data and seeds give the same bytes of results.json on the same "
            "kind of processor, whatever the number of processes; elsewhere last digits may "
            "differ. Settings at their default are left out of the command. ",
            element("code", "sha256sum -c SHA256SUMS"), " in the run folder tells whether its "
            "files are those that were written."
        ),
        details("Versions", table(
            "reproduce-versions", "Versions", ["package", "version"], versions,
        )),
        details("All settings", table(
            "reproduce-settings", "Settings, and where each came from",
            ["setting", "value", "source"], settings,
        )),
    ])  # fmt: skip


def _command(run: StoredRun) -> Iterator[Markup]:
    """Yield the command; for a model from memory that there is none."""
    given, files = run.manifest["identity"].get("given"), run.manifest.get("audit")
    if given and files is None:
        yield paragraph(
            "The model was given in memory (digest ",
            element("code", given),
            "): the same call from Python gives the same results.",
        )
        return
    told = command(run.manifest["config"], files)
    yield element("pre", element("code", told), tabindex=0, role="region", aria_label="The command")
    if files is not None:
        yield paragraph(
            "The run folder keeps a copy of the model file in ",
            element("code", "models/"),
            "; ",
            element("code", "python -m genlabel_robust verify RUN"),
            " computes every claim again.",
        )


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if value in (None, {}):
        return "none"
    if isinstance(value, dict):
        return toml(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
