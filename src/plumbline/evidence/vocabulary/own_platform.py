"""Our own types, about the platform itself: people and their rights, projects, settings, deliveries. The audit trail.

No field takes a secret: not a password, not a token, not the value of a variable.
"""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

from msgspec import UNSET

from plumbline.evidence.vocabulary.fields import Content, Count, Digest, Maybe, NonEmpty, Origin, Part, Time
from plumbline.model.keeping import KeptKind

_OURS = "dev.cdeventsx.plumbline-"

SettingValue: TypeAlias = bool | int | float | str | tuple[str, ...]


class PersonCreated(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "person.created.0.1.0"
    name: NonEmpty
    by: Maybe[str] = UNSET  # absent: the set-up link


class PersonChanged(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "person.changed.0.1.0"
    by: NonEmpty
    fields: tuple[NonEmpty, ...]  # names only


class PersonInvited(Content, frozen=True, kw_only=True):
    """Somebody made a link by which this person sets a password: the first one, or another where it was lost."""

    TYPE: ClassVar[str] = _OURS + "person.invited.0.1.0"
    by: NonEmpty


class PersonDeactivated(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "person.deactivated.0.1.0"
    by: NonEmpty
    reason: Maybe[str] = UNSET


class PersonReactivated(Content, frozen=True, kw_only=True):
    """A person who was switched off may sign in again, and holds the roles that were never taken away."""

    TYPE: ClassVar[str] = _OURS + "person.reactivated.0.1.0"
    by: NonEmpty


class PersonSignedIn(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "person.signedIn.0.1.0"
    address: Maybe[str] = UNSET
    method: Maybe[str] = UNSET


class PersonSignInFailed(Content, frozen=True, kw_only=True):
    """``subject`` is what was typed as the name, where it is the name of a person, else ``unknown``."""

    TYPE: ClassVar[str] = _OURS + "person.signInFailed.0.1.0"
    reason: Literal["wrong", "throttled", "locked", "inactive"]
    address: Maybe[str] = UNSET


class PersonSignedOut(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "person.signedOut.0.1.0"
    reason: Maybe[str] = UNSET


class PersonPasswordChanged(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "person.passwordChanged.0.1.0"
    by: NonEmpty


class IdentityLinked(Content, frozen=True, kw_only=True):
    """That an account at a forge, or an address, is this person's: either ``forge`` and ``login``, or ``email``, in
    small letters."""

    TYPE: ClassVar[str] = _OURS + "identity.linked.0.1.0"
    person: NonEmpty
    by: NonEmpty
    forge: Maybe[Origin] = UNSET
    login: Maybe[NonEmpty] = UNSET
    email: Maybe[NonEmpty] = UNSET


class IdentityUnlinked(IdentityLinked, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "identity.unlinked.0.1.0"


class TokenCreated(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "token.created.0.1.0"
    person: NonEmpty
    scopes: tuple[NonEmpty, ...]
    expires: Maybe[Time] = UNSET
    name: Maybe[str] = UNSET


class TokenRevoked(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "token.revoked.0.1.0"
    person: NonEmpty
    by: NonEmpty


class RoleGranted(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "role.granted.0.1.0"
    WRITTEN_HERE: ClassVar[bool] = True
    PLACE: ClassVar[str] = "node"
    person: NonEmpty
    role: NonEmpty
    node: NonEmpty
    by: Maybe[str] = UNSET


class RoleRevoked(RoleGranted, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "role.revoked.0.1.0"


class AccessRefused(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "access.refused.0.1.0"
    permission: NonEmpty
    reason: Maybe[str] = UNSET
    person: Maybe[str] = UNSET
    node: Maybe[str] = UNSET
    address: Maybe[str] = UNSET


class SettingChange(Part, frozen=True, kw_only=True):
    """Absent: not set at this node, so that what is set above it holds."""

    key: NonEmpty
    before: Maybe[SettingValue] = UNSET
    after: Maybe[SettingValue] = UNSET


class NodeCreated(Content, frozen=True, kw_only=True):
    """A place in the organisation tree: organisation, branch, product line, system or project."""

    TYPE: ClassVar[str] = _OURS + "node.created.0.1.0"
    WRITTEN_HERE: ClassVar[bool] = True
    PLACE: ClassVar[str] = "path"
    kind: NonEmpty
    path: NonEmpty
    by: Maybe[str] = UNSET
    settings: Maybe[tuple[SettingChange, ...]] = UNSET


class NodeChanged(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "node.changed.0.1.0"
    PLACE: ClassVar[str] = "path"
    path: NonEmpty
    fields: tuple[NonEmpty, ...]
    by: Maybe[str] = UNSET
    settings: Maybe[tuple[SettingChange, ...]] = UNSET  # where "settings" is among the fields


class NodeArchived(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "node.archived.0.1.0"
    PLACE: ClassVar[str] = "path"
    path: NonEmpty
    by: Maybe[str] = UNSET


class NodeMoved(Content, frozen=True, kw_only=True):
    """A node has another name, or stands below another node, with all that is below it. Whatever was told of the old
    path counts for the new one; what is told of the old path from now on is about another node."""

    TYPE: ClassVar[str] = _OURS + "node.moved.0.1.0"
    PLACE: ClassVar[str] = "path"
    path: NonEmpty  # as it was
    to: NonEmpty
    by: Maybe[str] = UNSET


class NodeDeleted(Content, frozen=True, kw_only=True):
    """A node is gone, with its pipelines, logs and artifacts. What was told of it stays, and counts for the nodes above
    it alone."""

    TYPE: ClassVar[str] = _OURS + "node.deleted.0.1.0"
    PLACE: ClassVar[str] = "path"
    kind: NonEmpty
    path: NonEmpty
    pipelines: Maybe[Count] = UNSET  # that it had
    by: Maybe[str] = UNSET


class RepositoryBound(Content, frozen=True, kw_only=True):
    """Which repository a project has from now on; where exactly is not told."""

    TYPE: ClassVar[str] = _OURS + "repository.bound.0.1.0"
    WRITTEN_HERE: ClassVar[bool] = True
    PLACE: ClassVar[str] = "path"
    path: NonEmpty  # of the project
    forge: Origin
    host: NonEmpty  # with its port; "local": on the server's own machine
    by: Maybe[str] = UNSET


class ScheduleCreated(Content, frozen=True, kw_only=True):
    """What starts pipelines of a project by the clock; one that is not active is paused."""

    TYPE: ClassVar[str] = _OURS + "schedule.created.0.1.0"
    by: NonEmpty
    cron: NonEmpty
    time_zone: NonEmpty
    active: bool
    title: Maybe[str] = UNSET
    ref: Maybe[str] = UNSET  # absent: the default branch


class ScheduleChanged(ScheduleCreated, frozen=True, kw_only=True):
    """What it says now. Whoever saves it owns it from then on, also where nothing else changed."""

    TYPE: ClassVar[str] = _OURS + "schedule.changed.0.1.0"
    fields: tuple[NonEmpty, ...]


class ScheduleRemoved(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "schedule.removed.0.1.0"
    by: NonEmpty


class VariableWritten(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "variable.written.0.1.0"
    PLACE: ClassVar[str] = "node"
    key: NonEmpty
    node: NonEmpty
    by: NonEmpty
    masked: Maybe[bool] = UNSET
    protected: Maybe[bool] = UNSET
    scope: Maybe[str] = UNSET


class VariableRemoved(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "variable.removed.0.1.0"
    PLACE: ClassVar[str] = "node"
    key: NonEmpty
    node: NonEmpty
    by: NonEmpty


class RepositoryCredentialWritten(Content, frozen=True, kw_only=True):
    """Somebody set what git shows to the private repositories of a host."""

    TYPE: ClassVar[str] = _OURS + "repositoryCredential.written.0.1.0"
    PLACE: ClassVar[str] = "node"
    node: NonEmpty
    scheme: NonEmpty
    host: NonEmpty
    by: NonEmpty


class RepositoryCredentialRemoved(RepositoryCredentialWritten, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "repositoryCredential.removed.0.1.0"


class KeyRotated(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "key.rotated.0.1.0"
    purpose: NonEmpty
    by: Maybe[str] = UNSET


class DeliveryAccepted(Content, frozen=True, kw_only=True):
    """A webhook, hook or poll that told of a change."""

    TYPE: ClassVar[str] = _OURS + "delivery.accepted.0.1.0"
    origin: Origin
    node: Maybe[str] = UNSET
    body: Maybe[Digest] = UNSET
    pipeline: Maybe[str] = UNSET
    reason: Maybe[str] = UNSET  # why there is none


class DeliveryRefused(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "delivery.refused.0.1.0"
    origin: Origin
    reason: NonEmpty
    node: Maybe[str] = UNSET
    address: Maybe[str] = UNSET
    body: Maybe[Digest] = UNSET


class RunnerRegistered(Content, frozen=True, kw_only=True):
    """A runner takes jobs from now on; ``subject`` is how jobs name who ran them."""

    TYPE: ClassVar[str] = _OURS + "runner.registered.0.1.0"
    WRITTEN_HERE: ClassVar[bool] = True
    by: Maybe[str] = UNSET
    tags: Maybe[tuple[str, ...]] = UNSET  # labels; of one without, which runs everything, none
    threads: Maybe[Count] = UNSET  # jobs at the same time
    isolation: Maybe[str] = UNSET  # the way it runs jobs without an image, by its name on the shelf
    system: Maybe[str] = UNSET  # what the machine runs, as it says itself
    version: Maybe[str] = UNSET  # of Plumbline


class RunnerRemoved(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "runner.removed.0.1.0"
    by: Maybe[str] = UNSET
    reason: Maybe[str] = UNSET  # stopped, replaced (it ended without a word), silent (nothing was heard of it)


class ArtifactsKept(Content, frozen=True, kw_only=True):
    """Somebody wants what a job left kept for ever, or by its time again."""

    TYPE: ClassVar[str] = _OURS + "artifacts.kept.0.1.0"
    by: NonEmpty
    for_ever: bool


class StorageFreed(Content, frozen=True, kw_only=True):
    """The server let go what it need not keep any longer, of one project; ``subject`` is its path."""

    TYPE: ClassVar[str] = _OURS + "storage.freed.0.1.0"
    what: KeptKind
    count: Count  # jobs, or caches
    bytes: Count
    jobs: Maybe[tuple[NonEmpty, ...]] = UNSET  # the subjects of their events; of very many the first


class StorageCorrupted(Content, frozen=True, kw_only=True):
    """What is stored under a digest has other bytes by now, and is given out no more until it is stored again.
    ``subject`` is the digest."""

    TYPE: ClassVar[str] = _OURS + "storage.corrupted.0.1.0"
    WRITTEN_HERE: ClassVar[bool] = True
    digest: NonEmpty  # sha256 or sha512


class TagMoved(Content, frozen=True, kw_only=True):
    """A tag of a repository of artifacts means something else from now on; ``subject`` is ``<repository>:<tag>``."""

    TYPE: ClassVar[str] = _OURS + "tag.moved.0.1.0"
    digest: NonEmpty
    previous: Maybe[NonEmpty] = UNSET  # what it meant before; absent: it is new
    by: Maybe[str] = UNSET


class TagRemoved(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "tag.removed.0.1.0"
    digest: NonEmpty  # what it meant
    by: Maybe[str] = UNSET


class RobotCreated(Content, frozen=True, kw_only=True):
    """A program may come in for artifacts of a project; ``subject`` is ``<path of the project>/<name>``."""

    TYPE: ClassVar[str] = _OURS + "robot.created.0.1.0"
    scopes: tuple[NonEmpty, ...]
    owner: NonEmpty
    expires: Time


class RobotRevoked(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "robot.revoked.0.1.0"
    by: NonEmpty


class SourceRegistered(Content, frozen=True, kw_only=True):
    """From now on a tool's word counts, about a node and those below it. ``subject`` is its name."""

    TYPE: ClassVar[str] = _OURS + "source.registered.0.1.0"
    PLACE: ClassVar[str] = "node"
    kind: NonEmpty
    node: NonEmpty
    speaks_as: tuple[NonEmpty, ...]  # context.source of its events
    kinds: Maybe[tuple[NonEmpty, ...]] = UNSET  # it may tell; absent: those of its kind
    projects: Maybe[dict[str, str]] = UNSET
    signs: Maybe[bool] = UNSET
    by: Maybe[str] = UNSET


class SourceChanged(Content, frozen=True, kw_only=True):
    """``fields``: what was changed; the rest is what holds from now on."""

    TYPE: ClassVar[str] = _OURS + "source.changed.0.1.0"
    fields: tuple[NonEmpty, ...]
    speaks_as: tuple[NonEmpty, ...]
    kinds: Maybe[tuple[NonEmpty, ...]] = UNSET
    projects: Maybe[dict[str, str]] = UNSET
    by: Maybe[str] = UNSET


class SourceRenewed(Content, frozen=True, kw_only=True):
    """It has another token or secret; the one before is worth nothing any more."""

    TYPE: ClassVar[str] = _OURS + "source.renewed.0.1.0"
    expires: Maybe[Time] = UNSET
    by: Maybe[str] = UNSET


class SourceRevoked(Content, frozen=True, kw_only=True):
    """What it told before still counts; nothing is taken in from it any more."""

    TYPE: ClassVar[str] = _OURS + "source.revoked.0.1.0"
    by: Maybe[str] = UNSET
    reason: Maybe[str] = UNSET
