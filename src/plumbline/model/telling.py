"""What forges are told: the state of a commit, and one comment at a merge request. The outbox of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from plumbline.kernel import PlumblineError, Text

GATES, EVIDENCE = "plumbline/gates", "plumbline/evidence"  # contexts: what the states of a commit are called there
OF_CREDENTIAL = frozenset({"forge-no-credential", "forge-token-refused"})  # what another credential may mend
LONGEST_DESCRIPTION = 140  # characters of a state's line: the shortest that a forge takes
LONGEST_COMMENT = 60_000  # characters; GitHub takes 65,536


class CommitState(StrEnum):
    """Worse ones later. ``ERROR``: there could be no judgement."""

    SUCCESS = "success"
    PENDING = "pending"
    FAILURE = "failure"
    ERROR = "error"


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What gates of one act say; several acts stand together in one state and in one comment."""

    state: CommitState
    text: str


class Status(msgspec.Struct, frozen=True, kw_only=True, tag="status"):
    """The state of a commit under one name. ``said``: by act, of a merge with the number of its request."""

    commit: str
    context: str
    url: str = ""  # where people see more
    said: dict[str, Said] = {}

    @property
    def state(self) -> CommitState:
        order = list(CommitState)
        return max((one.state for one in self.said.values()), key=order.index, default=CommitState.PENDING)

    @property
    def description(self) -> str:
        worst = [one.text for one in self.said.values() if one.state is self.state]
        text = next(iter(worst), "")
        return text if len(text) <= LONGEST_DESCRIPTION else text[: LONGEST_DESCRIPTION - 1] + "…"


class Comment(msgspec.Struct, frozen=True, kw_only=True, tag="comment"):
    """The one comment at a merge request. ``marker``: its first line, which nobody sees, and which it is found by."""

    change: str  # the number
    marker: str
    commit: str = ""  # that it speaks of
    pipeline: int = 0
    said: dict[str, Said] = {}

    @property
    def text(self) -> str:
        return "\n\n".join([self.marker, *(one.text for one in self.said.values())])


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be told under one name at one project: always the newest alone. Times: microseconds; 0: never."""

    id: int = 0
    project: int
    host: str  # of the forge, with its port where that is not the usual one
    name: str  # ``status:<context>:<commit>`` or ``comment:<number>``: one of each at a project
    wanted: Status | Comment
    version: int = 1  # of what is wanted
    told: int = 0  # the version that the forge has
    due: int = 0  # when it is told, or tried again; 0: there is nothing to tell
    since: int = 0  # since when it waits
    faults: int = 0  # tries in a row that came to nothing
    stopped: int = 0  # no more tries; see ``problem``
    problem: str = ""  # code of what the last try met
    detail: str = ""  # what the forge said to it
    credential: str = ""  # which one was shown then
    owner: str = ""  # who tells it now
    remote: str = ""  # the forge's id of the comment
    changed: int = 0


class Hindrance(StrEnum):
    """What the forge, or the way to it, made of a try."""

    AGAIN = "again"  # it may work a little later
    LATER = "later"  # the forge says when
    ROW = "row"  # it will not work for this one thing
    PROJECT = "project"  # it will not work for anything of this project, until another credential is set


class NotToldError(PlumblineError):
    """``after``: seconds to wait, as the forge says. ``said``: its own words, not ours."""

    def __init__(
        self,
        code: str,
        message: Text,
        hint: Text | None = None,
        *,
        hindrance: Hindrance,
        after: float = 0.0,
        said: str = "",
    ) -> None:
        super().__init__(code, message, hint)
        self.hindrance = hindrance
        self.after = after
        self.said = said


@dataclass(frozen=True, slots=True)
class ForgePlace:
    """A project at its forge, and what is shown there. ``inner``: its host may be this machine or beside it."""

    address: str  # of the forge's pages: https://git.bank.example
    path: str  # of the project: group/project
    secret: str = field(repr=False)
    inner: bool = False
