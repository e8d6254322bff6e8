"""What is told, inside the transaction in which it begins or ends, to whoever waits for what is due then."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from plumbline.kernel import PlumblineError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.change import Change
    from plumbline.model.forge_news import News
    from plumbline.model.pipeline import Job
    from plumbline.model.ports.jobs import Repository
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import StoredJob, StoredPipeline

CONTRACT_FILE = ".plumbline/contract.yml"
_LARGEST = 64 << 10  # bytes


class RepositoryContract(NamedTuple):
    """The file of a commit that adds to what is due. ``text`` None: there is none, or ``fault`` says in a short code
    why it could not be read."""

    text: str | None = None
    fault: str = ""


NO_CONTRACT = RepositoryContract()


class Occasions(Protocol):
    """Called inside the transaction in which it happens."""

    def pipeline_made(self, tx: Transaction, pipeline: StoredPipeline, contract: RepositoryContract) -> None: ...

    def pipeline_ended(self, tx: Transaction, pipeline: StoredPipeline) -> None: ...

    def pipeline_moved(self, tx: Transaction, before: StoredPipeline, after: StoredPipeline) -> None:
        """It may have ended, or goes on after it had: somebody retries a job of it."""
        ...

    def deployed(self, tx: Transaction, pipeline: StoredPipeline, planned: Job, job: StoredJob) -> None:
        """A deployment has ended, be it well or not."""
        ...

    def told(self, tx: Transaction, project: int, news: Sequence[News]) -> None:
        """A forge told this for the first time."""
        ...


class NobodyWaits:
    """Where no contracts are kept."""

    def pipeline_made(self, _tx: Transaction, _pipeline: StoredPipeline, _contract: RepositoryContract) -> None:
        return

    def pipeline_ended(self, _tx: Transaction, _pipeline: StoredPipeline) -> None:
        return

    def pipeline_moved(self, _tx: Transaction, _before: StoredPipeline, _after: StoredPipeline) -> None:
        return

    def deployed(self, _tx: Transaction, _pipeline: StoredPipeline, _planned: Job, _job: StoredJob) -> None:
        return

    def told(self, _tx: Transaction, _project: int, _news: Sequence[News]) -> None:
        return


class Files(Protocol):
    def files_at(self, change: Change) -> Repository | None: ...


def read_contract_of(projects: Files, change: Change) -> RepositoryContract:
    """The file at the commit of a change; it touches git, so never inside a transaction. What cannot be read is a fault
    with a name, and never as good as no file."""
    try:
        files = projects.files_at(change)
        if files is None:
            return RepositoryContract(fault="commit-not-there")
        data = files.read(CONTRACT_FILE)
    except PlumblineError as error:
        return RepositoryContract(fault=error.code)
    if data is None:
        return NO_CONTRACT
    if len(data) > _LARGEST:
        return RepositoryContract(fault="too-large")
    try:
        return RepositoryContract(text=data.decode())
    except UnicodeDecodeError:
        return RepositoryContract(fault="not-utf8")
