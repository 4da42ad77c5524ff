"""The data files that verification reads, and whether they are the ones that the run used."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from genlabel_robust.core import DataError, GenlabelRobustError, UsageError
from genlabel_robust.core.files.opening import file_sha256, is_regular
from genlabel_robust.core.files.parsing import read_json
from genlabel_robust.data.sources.files import is_file_spec
from genlabel_robust.runs.config.run_config import RunConfig
from genlabel_robust.runs.plan.audit_files import AuditFiles, Role
from genlabel_robust.runs.plan.origin import ModelFile
from genlabel_robust.runs.plan.plan import Plan
from genlabel_robust.verify.finding import Finding
from genlabel_robust.verify.other_rows import how_rows_differ, same_test_rows

ROLES: tuple[Role, ...] = ("data", "reference")


@dataclass(frozen=True)
class Elsewhere:
    """Paths of the verifier's own copies of a run's files; None for the path that the run used.

    ``data``: the table of test rows, or the table that was split. ``reference``: the reference of
    an audit.
    """

    data: str | None = None
    reference: str | None = None

    def names_file_for(self, role: Role) -> bool:
        """Return whether the verifier named a file for ``role``."""
        return (self.data if role == "data" else self.reference) is not None


@dataclass(frozen=True)
class ReadFile:
    """A file that was read as a run's data or reference.

    ``by_verifier``: whether the verifier named it. ``sha256``: its digest. ``named``: role -> the
    digest that the run stores for its own file; empty if it stores none.
    """

    path: str
    role: Role
    by_verifier: bool
    sha256: str
    named: Mapping[str, str]

    @property
    def same_bytes(self) -> bool:
        """Whether this is the file that the run used, byte for byte."""
        return self.sha256 == self.named.get(self.role)

    def why_other(self) -> str:
        """Return a clause that says that this file is not the one that the run used."""
        which = f"your file {self.path}" if self.by_verifier else f"{self.path}, as it is here now,"
        for role in ROLES:
            if role != self.role and self.sha256 == self.named.get(role):
                return (
                    f"{which} is the {role} of this run, and was read as its {self.role} "
                    f"(SHA-256 {self.sha256})"
                )
        named = self.named.get(self.role)
        run = "" if named is None else f"; the run names {named}"
        return (
            f"{which} is not the {self.role} of this run: its rows differ "
            f"(SHA-256 {self.sha256}{run})"
        )


def files_of_audit(files: AuditFiles, elsewhere: Elsewhere) -> AuditFiles:
    """Return the files to read for an audit; raises ``UsageError`` if one is missing."""
    if files.reference is None and elsewhere.reference is not None:
        raise UsageError("the run had no --reference; leave it out")
    read = replace(
        files,
        data=elsewhere.data or files.data,
        reference=elsewhere.reference or files.reference,
    )
    missing = [
        (role, path) for role, path in read.tables.items() if not Path(path).expanduser().exists()
    ]
    if missing:
        listed = ", and ".join(
            f"no file {path}, which {_came(role, elsewhere.names_file_for(role))}"
            for role, path in missing
        )
        copies = "copy" if len(missing) == 1 else "copies"
        options = " and ".join(f"--{role} FILE" for role, _ in missing)
        raise UsageError(f"there is {listed}; name your own {copies} with {options}")
    return read


def altered_table(
    folder: Path, stored: Mapping[str, Any], files: AuditFiles, elsewhere: Elsewhere
) -> Finding | None:
    """Return a finding if a table that the run in ``folder`` keeps is missing or changed.

    A table for which the verifier named a copy is not checked.
    """
    if files.kept_as is None:
        return None
    named = named_files(stored)
    for role, path in files.tables.items():
        if elsewhere.names_file_for(role):
            continue
        if not is_regular(folder / path):
            return Finding(path, f"the run's copy of its {role} is missing: nothing can be read")
        found = file_sha256(folder / path, error=DataError)
        if found != named.get(role):
            return Finding(
                path,
                f"it is not the {role} that was audited: its SHA-256 is {found}, and the manifest "
                f"has {named.get(role)}",
            )
    return None


def _came(role: Role, by_verifier: bool) -> str:
    return f"you named with --{role}" if by_verifier else f"the run used as its {role}"


def refuse_missing_tables(config: RunConfig) -> None:
    """Raise ``UsageError`` that names all missing files of ``config``."""
    tables = [*tables_of(config).values()]
    used = [*tables, *([] if config.test_file is None else [config.test_file])]
    missing = [path for path in used if not Path(path).expanduser().exists()]
    if not missing:
        return
    listed = ", and ".join(f"no file {path}, which the run was made of" for path in missing)
    if missing == tables and len(tables) == 1:
        advice = "name your own copy with --data FILE"
    else:
        advice = "start verify in the folder that the run was started in"
    raise UsageError(f"there is {listed}; {advice}")


def tables_of(config: RunConfig) -> dict[str, str]:
    """Return name in the results -> path of each data set of ``config`` that is a file.

    A specification without a target is left out here; reading it raises the error.
    """
    parts = [spec.rpartition("#") for spec in config.datasets if is_file_spec(spec)]
    return {f"{Path(path).name}#{target}": path for path, _, target in parts if path}


def other_files(stored: Mapping[str, Any], files: AuditFiles, elsewhere: Elsewhere) -> str | None:
    """Return a clause about those of an audit's ``files`` whose bytes differ from the run's.

    None if no bytes differ. Used for files that cannot be parsed as the run's were, so that only
    their bytes can be compared.
    """
    digests = {
        role: file_sha256(Path(path).expanduser(), error=DataError)
        for role, path in files.tables.items()
    }
    named = named_files(stored)
    found = [one for one in _read(files, digests, named, elsewhere) if one.role in named]
    return _why([one for one in found if not one.same_bytes])


def refuse_other_rows(
    folder: Path, stored: Mapping[str, Any], plan: Plan, elsewhere: Elsewhere
) -> None:
    """Raise ``UsageError`` if the rows of ``plan`` differ from the run's as the files differ.

    The run in ``folder`` stores the fingerprint of its rows in two places. Nothing is raised if
    one of them matches, or if the files have the very bytes that the run names: then the run
    itself is wrong, not the files.
    """
    results = _results(folder)
    for name, task in plan.tasks.items():
        about = results.get(name, {})
        claimed = {_hash_in(stored, name), about.get("content_hash")}
        if task.content_hash in claimed:
            continue
        files = [one for one in files_read(stored, plan, elsewhere, name) if not one.same_bytes]
        if len(files) > 1 and same_test_rows(about, task, plan):
            files = [one for one in files if one.role != "data"]
        why = _why(files)
        if why is None:
            continue
        other_data = files[0].role == "data" and files[0].sha256 not in files[0].named.values()
        how = how_rows_differ(folder, stored, about, task) if other_data else None
        raise UsageError(f"{why}{'' if how is None else f'; {how}'}; {_ADVICE}")


_ADVICE = "nothing of the run was verified: name the files from which it was made"


def files_read(
    stored: Mapping[str, Any], plan: Plan, elsewhere: Elsewhere, dataset: str | None = None
) -> list[ReadFile]:
    """Return the files from which the rows of ``plan``, or only of ``dataset``, were read."""
    match plan.origin:
        case ModelFile(files=AuditFiles() as files, digests=digests):
            return [*_read(files, digests, named_files(stored), elsewhere)]
    config = plan.config
    if not isinstance(config, RunConfig):
        return []
    tables = [path for name, path in tables_of(config).items() if dataset in (None, name)]
    by_verifier = elsewhere.names_file_for("data") and bool(tables)
    paths = [elsewhere.data or path for path in tables]
    found = [ReadFile(path, "data", by_verifier, _digest(path), {}) for path in paths]
    if found and config.test_file is not None:
        found.append(ReadFile(config.test_file, "data", False, _digest(config.test_file), {}))
    return found


def sentences_on_files(
    stored: Mapping[str, Any], plan: Plan, elsewhere: Elsewhere
) -> Iterator[str]:
    """Yield sentences about the files of ``plan``, whose rows are known to be the run's."""
    files = files_read(stored, plan, elsewhere)
    same = [one for one in files if one.same_bytes]
    if same:
        listed = ", ".join(f"{one.path} ({one.role}, SHA-256 {one.sha256})" for one in same)
        whose = "Your" if all(one.by_verifier for one in same) else "The"
        files_are = "file is" if len(same) == 1 else "files are"
        yield f"{whose} {files_are} the run's own, byte for byte: {listed}."
    for one in files:
        if one.same_bytes:
            continue
        named = one.named.get(one.role)
        run = "" if named is None else f"; the run names {named}"
        other = "" if named is None else ", in other bytes"
        yield (
            f"{one.path} holds the rows of the run's {one.role}{other} (SHA-256 {one.sha256}{run})."
        )


def _why(files: list[ReadFile]) -> str | None:
    swapped = len(files) == len(ROLES) and all(
        one.sha256 == one.named.get(other.role) for one, other in (files, files[::-1])
    )
    if swapped:
        first, second = files
        return (
            f"--data and --reference are swapped: {second.path} is the data of this run, and "
            f"{first.path} its reference"
        )
    return "; ".join(one.why_other() for one in files) or None


def _read(
    files: AuditFiles, digests: Mapping[Any, str], named: Mapping[str, str], elsewhere: Elsewhere
) -> Iterator[ReadFile]:
    for role, path in files.tables.items():
        yield ReadFile(path, role, elsewhere.names_file_for(role), digests[role], named)


def named_files(stored: Mapping[str, Any]) -> dict[str, str]:
    """Return role -> SHA-256 of the files that the run's manifest names."""
    named = stored.get("files")
    found = named if isinstance(named, dict) else {}
    return {role: str(found[role]) for role in ROLES if role in found}


def _hash_in(stored: Mapping[str, Any], dataset: str) -> str | None:
    """Return the fingerprint of a data set in the identity of the manifest ``stored``."""
    found: Any = stored["identity"]
    for key in ("fingerprints", "data", dataset):
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, str) else None


def _digest(path: str) -> str:
    return file_sha256(Path(path).expanduser(), error=DataError)


def _results(folder: Path) -> dict[str, Any]:
    """Return data set -> its entry in the stored results; empty if they cannot be read."""
    try:
        found = read_json(folder / "results.json")
    except GenlabelRobustError:
        return {}
    datasets = found.get("datasets") if isinstance(found, dict) else None
    known = datasets if isinstance(datasets, dict) else {}
    return {name: one for name, one in known.items() if isinstance(one, dict)}
