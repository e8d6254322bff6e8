"""Steps 1 to 5 of the reading order: from the first file to one merged configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from plumbline.kernel import t
from plumbline.model.pipeline import TriggerInclude
from plumbline.model.problem import Mark, Problem
from plumbline.pipeline.include import Finder, Origin, Source
from plumbline.pipeline.inputs import Given, Header, read_header, settle, split
from plumbline.pipeline.interpolation import Room, Values, first_block, interpolate
from plumbline.pipeline.source.merge import TooLarge, deep_merge, resolve_extends, resolve_references
from plumbline.pipeline.source.syntax import MAX_BYTES, Map, Quota, mark_of, read
from plumbline.pipeline.source.wording import describe

if TYPE_CHECKING:
    from plumbline.model.ports.jobs import Repository

MAX_CIRCLES = 20  # that are told; who has more of them learns nothing from the rest
MAX_INCLUDES = 150  # in all, the same file counted as often as it is included
MAX_TOTAL = 8 * MAX_BYTES  # bytes of all files together

Piece = TriggerInclude | tuple[str, bytes, Mapping[str, Any]]


class Assembled(NamedTuple):
    """One configuration: ``config`` without ``include``, ``spec`` and ``extends``, hidden jobs still in it; the names
    of all ``files`` in the order of reading; the values that the first file's inputs have, and how they are
    declared."""

    config: Map
    files: tuple[str, ...]
    pipeline_inputs: Mapping[str, Any]
    missing: int = 0  # files that were not to be had, or were left out as asked
    declared: Mapping[str, Any] = MappingProxyType({})


def assemble(
    root: bytes | Map,
    file: str,
    repository: Repository,
    variables: Mapping[str, str],
    inputs: Mapping[str, Any],
    problems: list[Problem],
    parsed: dict[tuple[str, bytes], Parsed] | None = None,
) -> Assembled:
    """Read ``root`` (the bytes of ``file``, or what they would be parsed to) and everything it includes.

    ``variables`` are those that ``include`` may use; ``inputs`` are for the header of ``root``. Mistakes are added to
    ``problems``, and the configuration is then as complete as it can be. ``parsed``: files by name and bytes, which
    several plans of one repository may share.
    """
    assembly = _Assembly(repository, variables, problems, parsed)
    label = f"{assembly.origin.prefix}{file}"
    if isinstance(root, Map):
        return assembly.finish(lambda: assembly.expand(root, assembly.origin, label))
    source = Source(label, root, assembly.origin, Mark(label))
    return assembly.finish(lambda: assembly.first(source, Given(inputs, Mark(label))))


def assemble_sources(
    sources: Sequence[Piece], repository: Repository, variables: Mapping[str, str], problems: list[Problem]
) -> Assembled:
    """The configuration of a child pipeline: its sources in order, later ones over earlier ones. A tuple is a file that
    a job left: name, content, inputs."""
    assembly = _Assembly(repository, variables, problems)

    def merged() -> Map:
        config = Map()
        for piece in sources:
            if isinstance(piece, TriggerInclude):
                part = assembly.expand(Map({"include": _entry(piece)}), assembly.origin, "")
            else:
                name, content, inputs = piece
                part = assembly.load(Source(name, content, assembly.origin, Mark(name), inputs))
            config = deep_merge(config, part)
        return config

    return assembly.finish(merged)


def _entry(include: TriggerInclude) -> Map:
    """A source of a child pipeline as an entry of ``include``."""
    entry = Map({kind: getattr(include, kind) for kind in _CHILD_KINDS if getattr(include, kind)})
    if include.files:
        entry["file"] = list(include.files)
    for name in ("inputs", "integrity", "rules"):
        if getattr(include, name):
            entry[name] = getattr(include, name)
    return entry


_CHILD_KINDS = ("local", "template", "remote", "component", "project", "ref")


class Parsed(NamedTuple):
    """What stands in a file, which nobody changes, what is wrong with it, and how much of the quota it took."""

    documents: list[Any]
    problems: tuple[Problem, ...]
    size: int


class _Document(NamedTuple):
    header: Map | None
    content: Any
    blocks: bool  # there may be interpolation blocks in it


class _Assembly:
    """What is shared while the files of one pipeline are read."""

    def __init__(
        self,
        repository: Repository,
        variables: Mapping[str, str],
        problems: list[Problem],
        parsed: dict[tuple[str, bytes], Parsed] | None = None,
    ) -> None:
        self.problems = problems
        self.parsed = {} if parsed is None else parsed
        self.finder = Finder(repository, problems)
        self.origin = Origin(repository, f"{repository.name}:" if repository.name else "", variables)
        self.documents: dict[str, _Document] = {}
        self.room = Room()
        self.bytes = 0
        self.quota = Quota()
        self.included = 0
        self.circles = 0
        self.inputs: Mapping[str, Any] = {}
        self.declared: Mapping[str, Any] = {}

    def finish(self, make: Callable[[], Map]) -> Assembled:
        """Extends and references, once all files are merged; problems once each."""
        start = len(self.problems)
        try:
            config = make()
            follow: list[Problem] = []
            config = resolve_references(resolve_extends(config, follow), follow)
            # With a file missing it cannot be said which jobs there are.
            self.problems += [p for p in follow if not (self.finder.failed and p.code in _NEED_ALL_FILES)]
        except TooLarge as refusal:
            self.problems.append(refusal.problem)
            config = Map()
        self.problems[start:] = dict.fromkeys(self.problems[start:])
        return Assembled(config, tuple(self.documents), self.inputs, self.finder.missing, self.declared)

    def first(self, source: Source, given: Given) -> Map:
        """The pipeline's own file; its inputs are kept."""
        document = self._document(source)
        if document.content is None and document.header is None and not self.problems:
            message = t("the file is empty: there is nothing to run")
            self.problems.append(Problem(code="empty-configuration", message=message, where=Mark(source.label)))
        return self._read(source, document, given, keep=True)

    def load(self, source: Source) -> Map:
        """A file with everything it includes, its inputs settled."""
        return self._read(source, self._document(source), Given(source.inputs, source.where))

    def _document(self, source: Source) -> _Document:
        known = self.documents.get(source.label)
        if known is None:
            self.bytes += len(source.data)
            if self.bytes > MAX_TOTAL:
                message = t("the files have more than {limit} bytes together", limit=MAX_TOTAL)
                raise TooLarge(Problem(code="configuration-too-large", message=message, where=source.where))
            header, content = split(self._parsed(source), source.label, self.problems)
            blocks = b"$[[" in source.data or b"\0" in source.data  # a zero byte: UTF-16
            known = self.documents[source.label] = _Document(header, content, blocks)
        return known

    def _parsed(self, source: Source) -> list[Any]:
        """The documents of a file, read once for all plans that share what was read."""
        key = (source.label, source.data)
        known = self.parsed.get(key)
        if known is None:
            found: list[Problem] = []
            before = self.quota.left
            documents = read(source.data, source.label, found, self.quota)
            known = self.parsed[key] = Parsed(documents, tuple(found), before - self.quota.left)
        else:
            self.quota.left -= known.size
        self.problems += known.problems
        return known.documents

    def _read(self, source: Source, document: _Document, given: Given, *, keep: bool = False) -> Map:
        content = document.content
        if content is not None and not isinstance(content, Map):
            message = t("a configuration is a map of jobs and keywords, found {found}", found=describe(content))
            where = mark_of(content) if mark_of(content).line else Mark(source.label, 1, 1)
            self.problems.append(Problem(code="wrong-type", message=message, where=where))
            return Map()
        if document.header is None:
            self._no_header(document, given)
        else:
            content = self._interpolated(source, document, document.header, given, keep=keep)
        return Map() if content is None else self.expand(content, source.origin, source.label)

    def _no_header(self, document: _Document, given: Given) -> None:
        if given.values:
            settle(Map(), given, self.problems)
        block = first_block(document.content) if document.blocks else None
        if block:
            message = t("the file uses inputs and has no header that declares them")
            hint = t("begin the file with spec:inputs and a line with ---")
            problem = Problem(code="missing-header", message=message, where=block, hint=hint)
            self.problems.append(problem)

    def _interpolated(self, source: Source, document: _Document, written: Map, given: Given, *, keep: bool) -> Any:
        header = read_header(written, self.problems, self._shared(written, source))
        if header is None:
            return None
        settled = settle(header.inputs, given, self.problems)
        if keep:
            self.inputs, self.declared = settled, header.inputs
        if not document.blocks:
            return document.content
        facts = source.component._asdict() if source.component else {}
        values = Values(
            settled,
            {name: facts.get(name, "") for name in header.component},
            source.origin.variables,
            frozenset(header.inputs),
        )
        return interpolate(document.content, values, self.room, self.problems)

    def _shared(self, written: Map, source: Source) -> Map:
        """Input declarations of the files under ``spec:include``."""
        spec = written["spec"]
        shared = Map()
        if not isinstance(spec, Map) or not spec.get("include"):
            return shared
        for found in self._sources(spec["include"], mark_of(spec, "include"), source.origin, source.label):
            content = self._document(found).content
            inputs = content.get("inputs") if isinstance(content, Map) else None
            if not isinstance(inputs, Map):
                message = t("a file under spec:include declares inputs, and this one has none")
                self.problems.append(Problem(code="wrong-type", message=message, where=found.where))
                continue
            header: Header | None = read_header(Map({"spec": Map({"inputs": inputs})}), self.problems, Map())
            shared = deep_merge(shared, header.inputs if header else Map())
        return shared

    def expand(self, content: Map, origin: Origin, label: str) -> Map:
        """The map laid over everything it includes."""
        if "include" not in content:
            return content
        merged = Map()
        written = content["include"]
        if written is not None:
            for source in self._sources(written, mark_of(content, "include"), origin, label):
                merged = deep_merge(merged, self.load(source))
        own = Map(content, content.mark, content.marks)
        del own["include"]
        return deep_merge(merged, own)

    def _sources(self, written: Any, at: Mark, origin: Origin, label: str) -> Iterator[Source]:
        """The files of an ``include``, without those that would go in a circle and those beyond the limit."""
        here = origin._replace(chain=(*origin.chain, label))
        for source in self.finder.sources(written, at, here):
            if source.label in here.chain:
                self.circles += 1
                if self.circles > MAX_CIRCLES:
                    return
                chain = [*here.chain[here.chain.index(source.label) :], source.label]
                message = t("files include each other in a circle: {chain}", chain=" -> ".join(chain))
                self.finder.report("cyclic-include", message, source.where, "include", t("remove one of the includes"))
                self.finder.failed = True
                continue
            self.included += 1
            if self.included > MAX_INCLUDES:
                self._too_many(source.where)
                return
            yield source

    def _too_many(self, where: Mark) -> None:
        if self.included == MAX_INCLUDES + 1:
            message = t("more than {limit} files are included", limit=MAX_INCLUDES)
            hint = t("the same file counts as often as it is included")
            self.finder.report("too-many-includes", message, where, "include", hint)
        self.finder.failed = True


_NEED_ALL_FILES = frozenset({"unknown-extends", "unknown-reference"})
