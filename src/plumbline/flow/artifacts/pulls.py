"""Who had the bytes of which artifact: noted and told once for each digest, puller and day, however often."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from msgspec import UNSET

from plumbline.evidence.vocabulary import cdevents_core as events
from plumbline.flow.artifacts.telling import package_url
from plumbline.flow.event_writer import EventWriter
from plumbline.kernel import PlumblineError

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.unit_of_work import Units
    from plumbline.model.artifact import Artifact

_DAY = 86_400_000_000  # microseconds
_REMEMBERED = 20_000


class Pulls:
    """Thread-safe. What this process noted today it does not look up again."""

    def __init__(self, units: Units) -> None:
        self._units = units
        self._noted: set[tuple[int, str, str, int]] = set()
        self._lock = Lock()

    def note(self, actor: Actor, artifact: Artifact) -> None:
        """Pulling goes on where it cannot be noted, such as on a full disk."""
        writer = self._units.writer()
        who = puller(actor)
        key = (artifact.project, artifact.digest, who, writer.now // _DAY)
        with self._lock:
            if key in self._noted:
                return
        try:
            self._write(actor, artifact, key, writer)
        except PlumblineError:
            return
        with self._lock:
            if len(self._noted) >= _REMEMBERED:
                self._noted.clear()
            self._noted.add(key)

    def _write(self, actor: Actor, artifact: Artifact, key: tuple[int, str, str, int], writer: EventWriter) -> None:
        with self._units.store.change() as tx:
            node = tx.tree.get(artifact.project)
            if node is not None and tx.artifacts.pulled(*key, writer.now):
                content = events.ArtifactDownloaded(user=actor.name or UNSET)
                writer.record(tx, package_url(artifact), content, node.path)


def puller(actor: Actor) -> str:
    """What stands for whoever pulls: jobs for their project, since each is there once."""
    return f"project:{actor.job.project}" if actor.job is not None else actor.name
