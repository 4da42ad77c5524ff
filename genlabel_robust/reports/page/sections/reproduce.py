"""How to reproduce the numbers."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from genlabel_robust.reports.page.markup import Content, Markup, element, joined, name
from genlabel_robust.reports.page.parts import details, paragraph, table
from genlabel_robust.reports.words.command import command, from_python, part_options, toml
from genlabel_robust.runs.config.settings import EXECUTION, NOT_OF_AUDITS
from genlabel_robust.runs.folder.stored_run import StoredRun
from genlabel_robust.runs.plan.audit_files import AuditFiles
from genlabel_robust.runs.plan.origin import (
    InMemory,
    ModelFile,
    Recipes,
    RecipeWeights,
    record_of,
)


def reproduce(run: StoredRun) -> Markup:
    """Return the command, the versions, and the source of each setting."""
    environment = run.manifest["environment"]
    versions: list[list[Content]] = [
        ["genlabel_robust", environment["genlabel_robust"]],
        ["python", environment["python"]],
        *([package, version] for package, version in environment["packages"].items()),
        ["platform", environment["platform"]],
    ]
    record = record_of(run.origin)
    unset = EXECUTION if record is None else (*EXECUTION, *NOT_OF_AUDITS)
    settings: list[list[Content]] = [
        [key, name(_value(run, key, entry["value"])), name(str(entry["source"]))]
        for key, entry in run.manifest["config"].items()
        if key not in unset
    ]
    match run.origin:
        case ModelFile(files=AuditFiles() as files):
            source = "option" if files.kept_as is None else "keyword"
            settings += [
                [key, name(_text_of(value)), source if value else "default"]
                for key, value in sorted(files.as_dict().items())
            ]
    if record is not None and record.library:
        versions.insert(0, ["the model's library", record.library])
    return joined(
        [
            *_command(run),
            paragraph(
                "The same versions, data and seeds give the same bytes of results.json on the same "
                "kind of processor, whatever the number of processes; elsewhere last digits may "
                "differ. ",
                element("code", "sha256sum -c SHA256SUMS"),
                " in the run folder tells whether its files are those that were written.",
            ),
            details(
                "Versions",
                table(
                    "reproduce-versions",
                    "Versions",
                    ["package", "version"],
                    versions,
                ),
            ),
            details(
                "All settings",
                table(
                    "reproduce-settings",
                    "Settings, and where each came from",
                    ["setting", "value", "source"],
                    settings,
                ),
            ),
        ]
    )


def _command(run: StoredRun) -> Iterator[Markup]:
    """Yield the command, or for a run made from Python the call."""
    objects = from_python(run.manifest)
    match run.origin:
        case Recipes() if objects:
            yield _call_with("evaluate", objects)
        case Recipes():
            yield _printed(command(run.manifest))
        case RecipeWeights(sha256=sha256):
            yield paragraph(
                "The weights of the model came from a file with the SHA-256 ",
                element("code", sha256),
                ", which a gate put in the place of the trained ones.",
            )
        case ModelFile(files=AuditFiles(kept_as=str()) as files):
            yield _kept_with_rows(part_options(run.manifest))
            if not objects:
                yield _printed(command(run.manifest, _in_run(run, files)))
        case ModelFile(files=AuditFiles() as files):
            if objects:
                yield _call_with("audit", objects)
            else:
                yield _printed(command(run.manifest, files))
            yield _kept(part_options(run.manifest), again=not objects)
        case ModelFile(record=record):
            yield _call(run, "file, of the SHA-256 ", record.sha256)
        case InMemory(record=record):
            yield _call(run, "object, of the fingerprint ", record.sha256)


def _kept(options: list[str], *, again: bool) -> Markup:
    verify = element("code", _verify(options))
    return paragraph(
        "The run folder keeps a copy of the model file in ",
        element("code", "models/"),
        joined(["; ", verify, " computes every claim again"]) if again else None,
        ".",
    )


def _kept_with_rows(options: list[str]) -> Markup:
    return paragraph(
        "The audit was called from Python: ",
        element("code", "genlabel_robust.audit"),
        " with ",
        element("code", "verifiable=True"),
        ". The run folder keeps the model in ",
        element("code", "models/"),
        " and the rows in ",
        element("code", "inputs/"),
        ", so ",
        element("code", _verify(options)),
        " needs no other file to compute every claim again.",
    )


def _in_run(run: StoredRun, files: AuditFiles) -> AuditFiles:
    """Return the files of a run that stores them all, with paths in its folder, "RUN"."""
    (key,) = run.manifest["cells"]
    return replace(files.tables_in("RUN"), model=f"RUN/models/{key}{Path(files.model).suffix}")


def _verify(options: list[str]) -> str:
    return " ".join(["python -m genlabel_robust verify RUN", *options])


def _printed(words: str) -> Markup:
    return element(
        "pre", element("code", words), tabindex=0, role="region", aria_label="The command"
    )


def _call_with(job: str, objects: list[str]) -> Markup:
    """Return the paragraph for a run with ``objects`` that only Python code can pass."""
    return paragraph(
        f"No command runs this again, because {', '.join(objects)} "
        f"{'was an object' if len(objects) == 1 else 'were objects'} in Python: call ",
        element("code", f"genlabel_robust.{job}"),
        " with the same objects and the settings below.",
    )


def _call(run: StoredRun, called: str, sha256: str | None) -> Markup:
    """Return the paragraph for an audit called from Python; ``called``: the model's name."""
    parts = [part["name"] for part in run.manifest.get("parts", ())]
    return paragraph(
        "The audit was called from Python: ",
        element("code", "genlabel_robust.audit"),
        " with the same model",
        joined([" (a model ", called, element("code", sha256), ")"]) if sha256 else None,
        ", the same rows",
        f", the same parts from outside ({', '.join(parts)})" if parts else None,
        " and the settings below gives the same results.",
    )


def _value(run: StoredRun, setting: str, value: object) -> str:
    """Format the value of a setting, or what the run used in place of an unset one."""
    if value is None and setting in ("norm", "unit"):
        return str(getattr(run.results.threat, setting))
    if not value and setting == "attacks":
        return "those of the suite"
    return _text_of(value)


def _text_of(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "not set"
    if value in (None, {}):
        return "not set"
    if isinstance(value, dict):
        return toml(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
