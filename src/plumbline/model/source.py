"""A registered source: a tool whose word counts as evidence, about which projects, and how much of it."""

from __future__ import annotations

from enum import StrEnum

import msgspec

EVENTS_A_DAY = 20_000  # where nothing else is said
BYTES_A_DAY = 200 << 20
LATE = 24 * 3600 * 1_000_000  # microseconds: an event that comes in later than that is counted as late


class SourceKind(StrEnum):
    """What it is; says which kinds of event it tells where nothing else is said."""

    FORGE = "forge"
    CI_SERVER = "ci_server"
    TRACKER = "tracker"
    SCANNER = "scanner"
    MONITORING = "monitoring"
    GENERIC = "generic"


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Times are microseconds since the epoch; 0: never. What it is called never changes, and is never given again."""

    id: int = 0
    name: str
    node: int  # it speaks about this node of the tree and those below it; 0: about all
    kind: SourceKind = SourceKind.GENERIC
    title: str = ""
    speaks_as: tuple[str, ...] = ()  # CDEvents context.source of its events; each also holds for what follows it and /
    kinds: tuple[str, ...] = ()  # it may tell, such as "change.merged" or "incident.*"; empty: those of its kind
    projects: dict[str, str] = {}  # the source's own name of a project -> path of our node
    events_a_day: int = EVENTS_A_DAY
    bytes_a_day: int = BYTES_A_DAY
    heartbeat: int = 0  # seconds after which its silence is told; 0: it may be silent
    signs: bool = False  # it signs what it sends with its secret, in place of showing a token
    token: str = ""  # id of its token
    digest: bytes = b""  # of the token's secret; empty where it signs
    sealed: bytes = b""  # the secret that it signs with
    expires: int = 0  # of its token or secret; 0: when it is renewed or revoked
    created: int = 0
    created_by: int = 0
    revoked: int = 0
    version: int = 0  # one more with every change


OTHER_KINDS = "other"  # types that no fact asks for; the entries have their names


class SourceTally(msgspec.Struct, frozen=True, kw_only=True):
    """What a source told of one kind on one day (UTC)."""

    source: int
    day: int  # days since the epoch
    kind: str
    events: int = 0
    bytes: int = 0
    late: int = 0
    first: int = 0
    last: int = 0


class SourceRefusal(msgspec.Struct, frozen=True, kw_only=True):
    """How often something of a source was refused for a reason."""

    source: int
    reason: str  # code
    count: int = 0
    last: int = 0
    message: str = ""  # of the last one, as plumbline.flow.sources.kept_text keeps it
