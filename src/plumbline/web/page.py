"""One page or one thing done on a page: its address, and the function that answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from plumbline.access import Actor, Place, UseCase
from plumbline.http.patience import SILENT
from plumbline.web.done import Done, done_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import tzinfo

    from plumbline.flow.service import Service
    from plumbline.http.forms import Upload
    from plumbline.kernel import Text
    from plumbline.web.places import Entry
    from plumbline.web.work import WorkCounts


@dataclass(frozen=True, slots=True)
class Shown:
    """A template with its values."""

    template: str
    values: Mapping[str, Any]
    status: int = 200


@dataclass(frozen=True, slots=True)
class Redirect:
    """To another page of ours. ``cookie``: the session's secret and how long it is kept; "" ends the session."""

    path: str
    cookie: tuple[str, int] | None = None
    browser: str = ""  # what the browser keeps of whoever signed in
    language: str = ""  # set the cookie of whoever is not signed in


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes that are no page; piece by piece where they are many."""

    content: bytes | Iterator[bytes]
    media: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to a page."""

    tools: Service  # what use cases are handed, by subject
    actor: Actor
    numbers: Mapping[str, int]  # the parameters of the address
    query: Mapping[str, str]
    form: Mapping[str, str]
    now: int
    path: str
    theme: str  # light, dark or auto
    zone: tzinfo  # of whoever asks, as their browser said; UTC where it did not
    folded: bool  # the rail shows icons only
    counts: WorkCounts
    head: int  # of the ledger before anything was read: what comes later is told by the stream of changes
    files: tuple[Upload, ...] = ()
    within: str = ""  # the entry of the rail that the page belongs to
    done: Text | None = None  # what a form did just now

    def number(self, name: str, otherwise: int = 0) -> int:
        """Of the query or the form; what is no number counts as not given."""
        text = self.form.get(name, "") or self.query.get(name, "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else otherwise

    def part(self, name: str) -> str:
        """Of the address, where it is no number."""
        return str(self.numbers[name])

    def text(self, name: str) -> str:
        return (self.form.get(name) if name in self.form else self.query.get(name, "")) or ""


@dataclass(frozen=True, slots=True)
class Page:
    method: str
    path: str  # with ``{name:int}`` for numbers
    handler: Callable[[Ask], Shown | Redirect | Raw]
    use_cases: tuple[UseCase, ...]  # what it carries out; who may is in their table
    largest: int = 0  # bytes of a form; 0: as usual
    slow: bool = False  # may take more than a moment
    entries: tuple[Entry, ...] = ()  # where the page stands in rails
    inside: str = ""  # of which entry it is a part, where it has none of its own
    done: Done = Done.NOTHING  # what is said on the page that follows
    patience: float = SILENT  # seconds for a repository of which nothing is heard

    @property
    def within(self) -> str:
        """The name of the entry that is marked in the rail while it is open."""
        return self.entries[0].name if self.entries else self.inside

    @property
    def open(self) -> bool:
        """Nobody needs to be signed in."""
        return any(use_case.at is Place.ANYBODY for use_case in self.use_cases)

    @property
    def name(self) -> str:
        return f"page {self.handler.__module__.rpartition('.')[2]}"


def shows(
    path: str,
    *,
    use_case: UseCase | tuple[UseCase, ...],
    slow: bool = False,
    entries: tuple[Entry, ...] = (),
    inside: str = "",
) -> Callable[[Callable[[Ask], Shown | Redirect | Raw]], Page]:
    """Make a function the page at this address. ``slow``: others do not wait for it. ``entries``: its places in rails;
    ``inside``: the name of the entry that it is a part of. Whoever may do its first use case finds it in the rail."""
    return lambda handler: Page("GET", path, handler, _each(use_case), slow=slow, entries=entries, inside=inside)


def does(
    path: str,
    *,
    use_case: UseCase | tuple[UseCase, ...],
    largest: int = 0,
    done: Done | None = None,
    patience: float = SILENT,
    inside: str = "",
) -> Callable[[Callable[[Ask], Shown | Redirect | Raw]], Page]:
    """Make a function what happens when a form is sent there. The form's CSRF token was checked already. ``done``: what
    the page that follows says; None: as its address says. ``patience``: seconds for a repository of which nothing is
    heard. ``inside``: as of :func:`shows`, where it answers with a page."""
    says = done_by(path) if done is None else done
    return lambda handler: Page(
        "POST", path, handler, _each(use_case), largest, inside=inside, done=says, patience=patience
    )


def _each(use_case: UseCase | tuple[UseCase, ...]) -> tuple[UseCase, ...]:
    return use_case if isinstance(use_case, tuple) else (use_case,)


def local(path: str) -> str:
    """An address of ours, never one of another site."""
    good = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if good else "/"


def api_command(path: str) -> str:
    """What asks the API for what a page shows; the browser fills in the address of the server."""
    return f'curl -H "Authorization: Bearer $PLUMB_TOKEN" "$PLUMBLINE_URL/api/v1{path}"'
