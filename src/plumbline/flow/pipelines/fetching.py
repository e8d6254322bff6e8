"""Who waits for a repository to be fetched, and how: a thread that has nothing else to do, or one who comes again.

A fetch may take minutes, and the other side may never answer. What is asked for by a request, a schedule or a trigger
job holds no thread meanwhile: it stops where it would have to wait (:class:`Waits`), and is done once more from its
beginning when the fetch is over. It does nothing before that which may not be done twice.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Fetch(Protocol):
    """A fetch that was asked for, whether it has begun or not. Safe between threads."""

    @property
    def over(self) -> bool: ...

    @property
    def moving(self) -> bool:
        """Whether the other side said something a moment ago."""
        ...

    def wait(self) -> None:
        """Until it is over. Raises the PlumblineError that it ended with."""
        ...

    def then(self, call: Callable[[], None]) -> None:
        """Call this once it is over, in whatever thread."""
        ...


class Waits(Exception):  # noqa: N818
    """What was asked for goes on when this is over."""

    def __init__(self, fetch: Fetch) -> None:
        super().__init__()
        self.fetch = fetch


class Visit:
    """Somebody who asks for something, and comes again as long as a repository is being fetched for it."""

    def __init__(self) -> None:
        self._fetches: dict[tuple[int, int], Fetch] = {}
        self.waits: Fetch | None = None
        self.gives_up = False  # does not wait any longer

    @contextmanager
    def coming(self) -> Iterator[None]:
        """What is done inside, in this thread, is asked for by this one. Raises :class:`Waits`."""
        before = _visits.set(self)
        try:
            yield
        except Waits as waits:
            self.waits = waits.fetch
            raise
        finally:
            _visits.reset(before)

    @property
    def may_go_on(self) -> bool:
        return self.waits is None or self.waits.over

    def fetched(self, key: tuple[int, int], begin: Callable[[], Fetch]) -> None:
        if key not in self._fetches:
            self._fetches[key] = begin()
        if not self._fetches[key].over:
            raise Waits(self._fetches[key])
        self._fetches[key].wait()


_visits: ContextVar[Visit | None] = ContextVar("visit", default=None)


def fetched(project: int, merge_request: int, begin: Callable[[], Fetch]) -> None:
    """The repository is fetched, once for each visit. Raises the PlumblineError that it cannot be, or
    :class:`Waits`."""
    visit = _visits.get()
    if visit is None:
        begin().wait()
    else:
        visit.fetched((project, merge_request), begin)


class RepositorySlowError(PlumblineError):
    retry_after = 5  # seconds


def check_patience() -> None:
    """Raises PlumblineError ``repository-slow`` for who has waited long enough."""
    visit = _visits.get()
    if visit is not None and visit.gives_up:
        raise RepositorySlowError(
            "repository-slow",
            t("A repository is still being fetched, and nothing was started: its server has not answered yet, or it "
              "waits for its turn."),
            t("Try again in a moment. If it stays so, see that its server answers, and the repository's address in the "
              "project's settings."),
        )  # fmt: skip
