"""``include``: which files an entry means, each with its bytes and its surroundings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from plumbline.kernel import PlumblineError, Text, legible, t
from plumbline.model.change import Event
from plumbline.model.problem import Mark, Problem, Severity
from plumbline.pipeline.interpolation import Component
from plumbline.pipeline.keyword import Place
from plumbline.pipeline.language.rules import RuleContext, decide
from plumbline.pipeline.language.variables import expand
from plumbline.pipeline.sections import Reader
from plumbline.pipeline.source.syntax import Map, Reference, Seq, mark_of
from plumbline.pipeline.source.wording import describe, did_you_mean

if TYPE_CHECKING:
    from plumbline.model.ports.jobs import Repository

KINDS = ("local", "project", "remote", "template", "component")

LEFT_OUT = "include-left-out"  # of a PlumblineError: the user asked for it
_EXTENSION = re.compile(r".+\.ya?ml", re.IGNORECASE | re.DOTALL)
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_NEWEST = re.compile(r"~latest|\d{1,6}(?:\.\d{1,6})?")  # versions that stand for the newest release that fits
_COMPONENT = re.compile(r"([^/@]+)/([^@]+)/([^/@]+)@([^@]+)")


class Origin(NamedTuple):
    """The surroundings of a file: where its own includes are looked for, and with what."""

    repository: Repository | None  # None: a file from the network or a template, which is in no project
    prefix: str  # stands before paths: empty for the pipeline's own project, else "group/project@ref:"
    variables: Mapping[str, str]
    chain: tuple[str, ...] = ()  # the files that led here, this one last


class Source(NamedTuple):
    """A file that is included: its name in problems, its bytes, its surroundings, where it is asked for."""

    label: str
    data: bytes
    origin: Origin
    where: Mark
    inputs: Mapping[str, Any] = {}
    component: Component | None = None


class Refused(Exception):  # noqa: N818 - becomes a problem in this room
    """An include that cannot be followed."""

    def __init__(self, code: str, message: Text, hint: Text | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.hint = hint


class Finder:
    """Finds the files behind the entries of ``include``. ``failed`` is set when one could not be found."""

    def __init__(self, root: Repository, problems: list[Problem]) -> None:
        self.root = root
        self.problems = problems
        self.failed = False
        self.missing = 0  # files that could not be had, or were left out as asked
        self._contexts: dict[int, tuple[Origin, RuleContext]] = {}
        self._projects: dict[tuple[str, str | None], Repository] = {}

    def sources(self, written: Any, at: Mark, origin: Origin) -> Iterator[Source]:
        """The files of a whole ``include``, in order, as far as they can be had; the rest is reported."""
        entries = written if isinstance(written, list) else [written]
        for index, entry in enumerate(entries):
            where = mark_of(written, index) if isinstance(written, Seq) else at
            if isinstance(entry, list) and not isinstance(written, Reference):
                message = t("expected {expected}, found {found}", expected=t("a text or a map"), found=describe(entry))
                self.problems.append(Problem(code="wrong-type", message=message, where=where, keyword="include"))
                self.failed = True
                continue
            checked = self._checked(entry, where, origin)
            if checked is not None:
                yield from self._entry(checked, where, origin)

    def _checked(self, entry: Any, where: Mark, origin: Origin) -> Map | None:
        """The entry as a map whose shape is right and whose rules let it in."""
        reader = Reader(self.problems)
        reader.section(Map({"include": entry}, where, {"include": where}), Place.GLOBAL)
        if reader.errors or entry is None:
            self.failed = self.failed or bool(reader.errors)
            return None
        if isinstance(entry, str):
            text = expand(entry, origin.variables)
            kind = "remote" if text.startswith(("http://", "https://")) else "local"
            return Map({kind: entry}, where, {kind: where})
        if entry.get("rules") is not None and not self._wanted(entry, origin):
            return None
        found: Map = entry
        return found

    def _wanted(self, entry: Map, origin: Origin) -> bool:
        known = self._contexts.get(id(origin))
        if known is None:
            source = origin.variables.get("CI_PIPELINE_SOURCE", "")
            event = Event(source) if source in set(Event) else Event.PUSH
            context = RuleContext(variables=origin.variables, repository=origin.repository or self.root, event=event)
            known = self._contexts[id(origin)] = (origin, context)
        outcome = decide("include", entry["rules"], known[1])
        self.problems.extend(outcome.problems)
        return outcome.included

    def _entry(self, entry: Map, where: Mark, origin: Origin) -> Iterator[Source]:
        kind = next(kind for kind in KINDS if kind in entry)
        at = entry.marks.get(kind, where)
        inputs = entry.get("inputs") or {}
        names = [expand(str(entry[kind]), origin.variables)]
        if kind == "project":
            at = entry.marks.get("file", where)
            files = entry["file"] if isinstance(entry["file"], list) else [entry["file"]]
            names = [expand(str(name), origin.variables) for name in files]
        for name in names:
            try:
                for source in _FINDERS[kind](self, name, entry, origin):
                    yield source._replace(where=at, inputs=inputs)
            except (Refused, PlumblineError) as error:
                self.failed = True
                self.missing += 1
                keyword = f"include:{'file' if kind == 'project' else kind}"
                severity = Severity.NOTE if error.code == LEFT_OUT else Severity.ERROR
                self.report(error.code, error.message, at, keyword, error.hint, severity)

    def report(
        self,
        code: str,
        message: Text,
        where: Mark,
        keyword: str,
        hint: Text | None = None,
        severity: Severity = Severity.ERROR,
    ) -> None:
        place = where if where.file else None
        self.problems.append(
            Problem(code=code, message=message, where=place, keyword=keyword, hint=hint, severity=severity)
        )

    # One kind each

    def _local(self, name: str, entry: Map, origin: Origin) -> Iterator[Source]:
        if origin.repository is None:
            raise Refused(
                "include-local-not-allowed",
                t("a file from the network or a template cannot include the local file {path}", path=name),
                t("include it by project and file"),
            )
        path = name.lstrip("/")
        _check_extension(name)
        if "*" not in path:
            yield _file(origin.repository, path, origin)
            return
        pattern = re.compile(
            "".join({"**": ".*", "*": "[^/]*"}.get(part) or re.escape(part) for part in re.split(r"(\*\*?)", path))
        )
        found = [file for file in origin.repository.files() if pattern.fullmatch(file)]
        if not found:
            message = t("no file matches {pattern}", pattern=name)
            where = mark_of(entry, "local")
            self.report("include-matches-nothing", message, where, "include:local", None, Severity.WARNING)
        for file in found:
            yield _file(origin.repository, file, origin)

    def _project(self, name: str, entry: Map, origin: Origin) -> Iterator[Source]:
        project = expand(str(entry["project"]), origin.variables).strip("/")
        ref = expand(str(entry["ref"]), origin.variables) if entry.get("ref") is not None else None
        _check_extension(name)
        repository = self._foreign(project, ref)
        inside = Origin(repository, f"{project}@{ref or 'HEAD'}:", origin.variables, origin.chain)
        yield _file(repository, name.lstrip("/"), inside)

    def _remote(self, name: str, entry: Map, origin: Origin) -> Iterator[Source]:
        if not name.startswith(("http://", "https://")):
            raise Refused("include-not-found", t("{url} is not a web address", url=name), t("write https://…"))
        _check_extension(name)
        data = self.root.remote(name)
        if entry.get("integrity") is not None:
            _check_integrity(data, str(entry["integrity"]))
        yield _foundling(name, data, origin)

    def _template(self, name: str, entry: Map, origin: Origin) -> Iterator[Source]:
        del entry
        _check_extension(name)
        yield _foundling(f"template:{name}", self.root.template(name), origin)

    def _component(self, name: str, entry: Map, origin: Origin) -> Iterator[Source]:
        del entry
        found = _COMPONENT.fullmatch(name)
        if not found:
            raise Refused(
                "invalid-component",
                t("{address} is not the address of a component", address=name),
                t("write {example}", example="$CI_SERVER_FQDN/group/project/name@1.2.3"),
            )
        _, project, short, version = found.groups()
        newest = _NEWEST.fullmatch(version)
        repository = self._foreign(project, f"~{version.removeprefix('~')}" if newest else version)
        sha = version if _SHA.fullmatch(version) else str(getattr(repository, "sha", ""))
        exact = str(getattr(repository, "version", "")) if newest else ""
        inside = Origin(repository, f"{project}@{exact or version}:", origin.variables, origin.chain)
        exact = exact or version.removeprefix("~latest")
        component = Component(short, sha, exact, version)
        for path in (f"templates/{short}.yml", f"templates/{short}/template.yml"):
            data = repository.read(path)
            if data is not None:
                yield Source(f"{inside.prefix}{path}", data, inside, Mark(""), component=component)
                return
        raise Refused(
            "include-not-found",
            t("{project} has no component {name} at {version}", project=project, name=short, version=version),
            t("the file would be templates/{name}.yml or templates/{name}/template.yml", name=short),
        )

    def _foreign(self, project: str, ref: str | None) -> Repository:
        key = (project, ref)
        if key not in self._projects:
            self._projects[key] = self.root.project(project, ref)
        return self._projects[key]


_FINDERS = {
    "local": Finder._local,
    "project": Finder._project,
    "remote": Finder._remote,
    "template": Finder._template,
    "component": Finder._component,
}


def _file(repository: Repository, path: str, origin: Origin) -> Source:
    data = repository.read(path)
    if data is None:
        known = [legible(file) for file in repository.files() if _EXTENSION.fullmatch(file)]
        hint = did_you_mean(path, known) if len(known) < 2000 and len(path) < 256 else None
        raise Refused("include-not-found", t("there is no file {path}", path=f"{origin.prefix}{path}"), hint)
    return Source(legible(f"{origin.prefix}{path}"), data, origin, Mark(""))


def _foundling(label: str, data: bytes, origin: Origin) -> Source:
    """A file in no project: what it includes is found without variables, and never locally."""
    return Source(label, data, Origin(None, "", {}, origin.chain), Mark(""))


def _check_extension(name: str) -> None:
    if not _EXTENSION.fullmatch(name):
        raise Refused("include-extension", t("{path} does not end in .yml or .yaml", path=name), t("rename the file"))


def _check_integrity(data: bytes, integrity: str) -> None:
    import base64
    import hashlib

    found = "sha256-" + base64.b64encode(hashlib.sha256(data).digest()).decode()
    if not integrity.startswith("sha256-"):
        raise Refused("invalid-integrity", t("integrity begins with sha256-"), t("write {value}", value=found))
    if integrity != found:
        message = t("the file is not the one that integrity names; it has {found}", found=found)
        raise Refused("integrity-mismatch", message, t("find out who changed the file before you change the line"))
