"""What a way to run jobs says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.model.job_setup import JobSetup

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.adapters.jobs.places import Containers, Place
    from plumbline.kernel import Text
    from plumbline.model.health import Check
    from plumbline.model.ports.jobs import Workspace


class Isolation(NamedTuple):
    """Whether a way to isolate jobs works on this machine, and if not, why."""

    name: str
    works: bool
    reason: Text | None = None


class Setup(NamedTuple):
    """What is known before the first job of a pipeline comes."""

    project: str  # path
    readable: tuple[str, ...] = ()  # folders that jobs see at their own paths: where git keeps its objects
    jobs: JobSetup = JobSetup()
    hidden: tuple[str, ...] = ()  # folders of the server and of other runs, which no job sees whatever is declared


class ExecutorKind(NamedTuple):
    """One way to run jobs: those that name an image in ``containers``, or the others, by ``place``.

    ``works`` is asked before ``place``, None: it always does; ``containers`` raises PlumblineError itself.
    ``preference``: ``auto`` takes the lowest that works; None: this one only by its name.
    """

    name: str
    title: Text
    place: Callable[[Setup], Callable[[Workspace], Place]] | None = None
    containers: Callable[[Setup], Containers] | None = None
    works: Callable[[], Isolation] | None = None
    preference: int | None = None
    isolates: bool = True  # jobs cannot change the machine
    check: Callable[[], Check] | None = None  # for `plumb doctor`
