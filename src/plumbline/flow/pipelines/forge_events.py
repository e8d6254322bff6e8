"""What a forge told, as events for the ledger: types of CDEvents where there are some, else ours.

Their source says whose word they are: this server wrote them down, and that forge said so of that project. Their ids
are made of the delivery, so that a delivery that comes again is no other event.
"""

from __future__ import annotations

from functools import singledispatchmethod
from hashlib import sha256
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from msgspec import UNSET, UnsetType

from plumbline.evidence import timestamp, write_event
from plumbline.evidence.origin import forge_source
from plumbline.evidence.vocabulary import Reference
from plumbline.evidence.vocabulary import cdevents_core as core
from plumbline.evidence.vocabulary import cdevents_delivery as delivery
from plumbline.evidence.vocabulary import facts as about
from plumbline.evidence.vocabulary import own_delivery as own
from plumbline.evidence.vocabulary import own_forge as forge
from plumbline.flow.pipelines.sanitize import shown
from plumbline.model import forge_news as news
from plumbline.model.server import WebhookKind
from plumbline.pipeline import environment_tier

if TYPE_CHECKING:
    from plumbline.evidence import Content
    from plumbline.evidence.vocabulary import Facts, Tier
    from plumbline.model.event import EventDraft
    from plumbline.model.server import Webhook

_LONGEST_NAME = 120  # characters of a subject or an id
_MOST = 100  # labels, or assignees
_INTENTS = ("deploy", "rollback", "hotfix")  # how a task that is one begins; of others nobody knows what they mean
_TIERS = frozenset({"production", "staging", "testing", "development", "other"})
_UNKNOWN = "unknown"  # where CDEvents demand a name that the forge did not tell
_CHANGES: dict[news.ChangeAct, type[Content]] = {
    news.ChangeAct.CREATED: core.ChangeCreated,
    news.ChangeAct.UPDATED: core.ChangeUpdated,
    news.ChangeAct.REOPENED: core.ChangeUpdated,
    news.ChangeAct.ABANDONED: core.ChangeAbandoned,
}


def forge_events(webhook: Webhook, server: str, project: int, path: str, now: int) -> list[EventDraft]:
    """``server``: the source of this server; ``path``: of the project; ``now``: for what the forge gave no time of, in
    microseconds since the epoch."""
    teller = _Teller(webhook, server, project, path, now)
    for told in (*_of_push(webhook), *webhook.told):
        teller.tell(told)
    return teller.drafts


def _of_push(webhook: Webhook) -> tuple[news.News, ...]:
    """A branch or a tag comes with a push that has nothing before it, and goes with one that has nothing after it."""
    if webhook.kind not in (WebhookKind.PUSH, WebhookKind.TAG) or (webhook.before and webhook.after):
        return ()
    if not (webhook.before or webhook.after):
        return ()
    by = news.Account(login=webhook.user, name=webhook.user_name, email=webhook.user_email)
    return (
        news.RefNews(
            tag=webhook.kind is WebhookKind.TAG,
            name=webhook.ref,
            gone=not webhook.after,
            sha=webhook.after or webhook.before,
            by=by,
        ),
    )


class _Teller:
    """Makes the events of one delivery; ``drafts`` are those so far."""

    def __init__(self, webhook: Webhook, server: str, project: int, path: str, now: int) -> None:
        self.drafts: list[EventDraft] = []
        self._webhook = webhook
        self._source = forge_source(server, webhook.forge, project)
        self._path = path
        self._now = now
        several = webhook.payload.removeprefix("sha256:")[:16]  # forges give one id to several messages
        self._delivery = f"{_id(webhook.delivery)}:{several}" if several else _id(webhook.delivery)
        self._repository = Reference(id=path or str(project), source=self._source)

    @singledispatchmethod
    def tell(self, told: Any) -> None:
        raise TypeError(f"nobody makes an event of {type(told).__name__}")

    @tell.register
    def _(self, told: news.ChangeNews) -> None:
        if told.act is news.ChangeAct.MERGED:
            self._merged(told)
            return
        content = _CHANGES[told.act](repository=self._repository)
        if isinstance(content, core.ChangeCreated) and told.title:
            content = core.ChangeCreated(description=shown(told.title), repository=self._repository)
        facts = about.ChangeFacts(
            project=self._path,
            action=shown(told.action),
            head=told.head or UNSET,
            branch=_text(told.branch),
            target=_text(told.target),
            person=_login(told.by),
            by=_account(told.by),
            author=_account(told.author),
            draft=told.draft or UNSET,
            fork=_text(told.fork),
            comments=_count(told.comments),
            commits=_count(told.commits),
            opened_at=_time(told.opened),
            conflicts=UNSET if told.conflicts is None else told.conflicts,
        )
        self._write(content, str(told.number), told.at, facts)

    def _merged(self, told: news.ChangeNews) -> None:
        facts = about.MergeFacts(
            commits=(),  # the push that brought them tells which
            target=_text(told.target) or _UNKNOWN,
            project=self._path,
            merged_as=told.merged_as or UNSET,
            person=_login(told.by),
            branch=_text(told.branch),
            squash=UNSET if told.squash is None else told.squash,
            head=told.head or UNSET,
            by=_account(told.by),
            author=_account(told.author),
            opened_at=_time(told.opened),
            more=_count(told.commits),
        )
        self._write(core.ChangeMerged(repository=self._repository), str(told.number), told.at, facts)

    @tell.register
    def _(self, told: news.ReviewNews) -> None:
        facts = about.ReviewFacts(
            decision=told.decision,
            reviewer=_login(told.reviewer) or _UNKNOWN,
            revision=told.revision,
            project=self._path,
            account=_account(told.reviewer),
            by=_account(told.by) if told.by != told.reviewer else UNSET,
            conflicts=UNSET if told.conflicts is None else told.conflicts,
        )
        self._write(core.ChangeReviewed(repository=self._repository), str(told.number), told.at, facts)

    @tell.register
    def _(self, told: news.CommentNews) -> None:
        content = forge.CommentMade(of=told.of, person=_login(told.by), by=_account(told.by), count=_count(told.count))
        self._write(content, told.about, told.at)

    @tell.register
    def _(self, told: news.RefNews) -> None:
        if told.tag:
            said = {"repository": self._repository, "commit": told.sha or UNSET, "person": _login(told.by),
                    "by": _account(told.by)}  # fmt: skip
            tag = forge.TagDeleted(**said) if told.gone else forge.TagCreated(**said)  # type: ignore[arg-type]
            self._write(tag, told.name, told.at)
            return
        facts = about.BranchFacts(
            project=self._path, commit=told.sha or UNSET, person=_login(told.by), by=_account(told.by)
        )
        content: Content = (core.BranchDeleted if told.gone else core.BranchCreated)(repository=self._repository)
        self._write(content, told.name, told.at, facts)

    @tell.register
    def _(self, told: news.ReleaseNews) -> None:
        version = _text(told.version) or _UNKNOWN
        content: Content = own.ReleaseReleased(
            version=version, artifacts=(), tag=_text(told.tag), commit=told.commit or UNSET
        )
        if told.gone:
            reason = "the forge does not have it any more"
            content = own.ReleaseCancelled(version=version, reason=reason, person=_login(told.by))
        self._write(content, told.tag, told.at)

    @tell.register
    def _(self, told: news.TicketNews) -> None:
        facts = about.TicketFacts(
            project=self._path,
            action=shown(told.action),
            severity=_text(told.severity),
            opened_at=_time(told.opened),
            person=_login(told.by),
            by=_account(told.by),
        )
        self._write(_ticket(told, self._source), f"#{told.number}", told.at, facts)
        if told.kind == "incident":
            self._incident(told)

    def _incident(self, told: news.TicketNews) -> None:
        """Forges do not say where it happened."""
        place = Reference(id=_UNKNOWN, source=self._source)
        content: Content = delivery.IncidentReported(
            environment=place, ticket_uri=_uri(told.url, self._source), description=_text(told.title)
        )
        if told.act is news.TicketAct.CLOSED:
            content = delivery.IncidentResolved(environment=place, description=_text(told.title))
        facts = about.IncidentFacts(
            detector=_login(told.creator) or _login(told.by) or _UNKNOWN,
            began=_time(told.opened),
            project=self._path,
            severity=_text(told.severity),
            by=_account(told.by),
        )
        self._write(content, f"#{told.number}", told.at, facts)

    @tell.register
    def _(self, told: news.RunNews) -> None:
        name, uri = _text(told.name) or _UNKNOWN, _uri(told.url, self._source)
        content: Content = core.PipelineRunQueued(pipeline_name=name, uri=uri)
        if told.act is news.RunAct.STARTED:
            content = core.PipelineRunStarted(pipeline_name=name, uri=uri)
        elif told.act is news.RunAct.FINISHED:
            content = core.PipelineRunFinished(pipeline_name=name, uri=uri, outcome=told.outcome or UNSET)
        elif told.act is news.RunAct.OTHER:
            content = own.PipelineRunStateChanged(state=_text(told.state) or _UNKNOWN, previous=_UNKNOWN)
            self._write(content, told.id, told.at)
            return
        facts = about.RunFacts(
            project=self._path,
            ref=_text(told.ref),
            commit=told.commit or UNSET,
            trigger=_text(told.trigger),
            person=_login(told.by),
        )
        self._write(content, told.id, told.at, facts)

    @tell.register
    def _(self, told: news.JobNews) -> None:
        run = Reference(id=_name(told.run), source=self._source)
        name = _text(told.name)
        if told.act is news.RunAct.OTHER or told.act is news.RunAct.QUEUED:
            state = _text(told.state) or _UNKNOWN
            changed = own.TaskRunStateChanged(
                state=state, previous=_UNKNOWN, attempt=_ordinal(told.attempt), task_name=name, pipeline_run=run,
                person=_login(told.by),
            )  # fmt: skip
            self._write(changed, told.id, told.at)
            return
        content: Content = core.TaskRunStarted(task_name=name, pipeline_run=run)
        if told.act is news.RunAct.FINISHED:
            content = core.TaskRunFinished(task_name=name, pipeline_run=run, outcome=told.outcome or UNSET)
        facts = about.TaskFacts(
            attempt=_ordinal(told.attempt),
            stage=_text(told.stage),
            runner=_text(told.runner),
            reason=_text(told.reason),
            commit=told.commit or UNSET,
            project=self._path,
        )
        self._write(content, told.id, told.at, facts)

    @tell.register
    def _(self, told: news.DeploymentNews) -> None:
        said: dict[str, Any] = {
            "environment": Reference(id=_name(f"{self._path}/{told.environment}"), source=self._source),
            "tier": cast("Tier", told.tier if told.tier in _TIERS else environment_tier(told.environment)),
            "intent": next((one for one in _INTENTS if told.task.casefold().startswith(one)), UNSET),
            "commit": told.commit or UNSET,
            "run": _text(told.run),
            "person": _login(told.by),
        }
        content: Content = own.DeploymentQueued(**said)
        if told.act is news.RunAct.STARTED:
            content = own.DeploymentStarted(**said)
        elif told.act is news.RunAct.FINISHED:
            content = own.DeploymentFinished(**said, outcome=told.outcome or UNSET)
        self._write(content, told.id, told.at)

    @tell.register
    def _(self, told: news.GateNews) -> None:
        decision = "approved" if told.approved else "rejected"
        content = own.ApprovalDecided(
            about=_name(told.about),
            decision=decision,  # type: ignore[arg-type]
            person=_login(told.by) or _UNKNOWN,
            revision=told.revision,
        )
        self._write(content, told.about, told.at)

    @tell.register
    def _(self, told: news.ProtectionNews) -> None:
        content = forge.BranchProtectionObserved(
            repository=self._repository,
            protected=told.protected,
            approvals=_count(told.approvals),
            checks=UNSET if told.checks is None else told.checks,
            force_push=UNSET if told.force_push is None else told.force_push,
            person=_login(told.by),
            by=_account(told.by),
        )
        self._write(content, told.name, told.at)

    @tell.register
    def _(self, told: news.OtherNews) -> None:
        content = forge.ForgeTold(
            origin=self._webhook.forge,
            message=_text(told.name) or _UNKNOWN,
            action=_text(told.action),
            about=_text(told.about),
            person=_login(told.by),
            by=_account(told.by),
            body=self._webhook.payload or UNSET,
        )
        self._write(content, told.about or told.name, told.at)

    def _write(self, content: Content, subject: str, time: int, facts: Facts | None = None) -> None:
        draft = write_event(
            content,
            id=f"{self._delivery}:{len(self.drafts)}",
            source=self._source,
            subject=_name(subject),
            time=time or self._now,
            facts=facts,
            project=self._path,
        )
        self.drafts.append(draft)


def _ticket(told: news.TicketNews, source: str) -> Content:
    title, uri = _text(told.title), _uri(told.url, source)
    said: dict[str, Any] = {
        "uri": uri,
        "ticket_type": _text(told.kind),
        "labels": _texts(told.labels),
        "assignees": _texts(told.assignees),
    }
    creator = _login(told.creator)
    if told.act is news.TicketAct.CREATED:
        return delivery.TicketCreated(**said, summary=title or "", creator=creator or _UNKNOWN)
    said |= {"summary": title, "creator": creator, "updated_by": _login(told.by)}
    if told.act is news.TicketAct.CLOSED:
        return delivery.TicketClosed(**said, resolution=_text(told.resolution) or _UNKNOWN)
    return delivery.TicketUpdated(**said)


def _account(who: news.Account) -> about.AccountFact | UnsetType:
    if not who.known:
        return UNSET
    return about.AccountFact(
        login=_text(who.login),
        name=_text(who.name),
        email=_text(who.email.casefold()),
        machine=who.machine or UNSET,
    )


def _login(who: news.Account) -> str | UnsetType:
    return _text(who.login or who.name or who.email)


def _text(text: str) -> str | UnsetType:
    return shown(text) or UNSET


def _texts(found: tuple[str, ...]) -> tuple[str, ...] | UnsetType:
    return tuple(shown(one) for one in found[:_MOST] if one) or UNSET


def _count(number: int | None) -> int | UnsetType:
    return UNSET if number is None or number < 0 else number


def _ordinal(number: int | None) -> int | UnsetType:
    return UNSET if number is None or number < 1 else number


def _time(time: int) -> str | UnsetType:
    return timestamp(time) if time else UNSET


def _uri(url: str, source: str) -> str:
    """An address as RFC 3986 writes it; a URN where the forge told none."""
    found = quote(url, safe=":/?#[]@!$&'()*+,;=%~")
    return found if found.startswith(("http://", "https://")) and found.strip() else f"urn:x:{quote(source, safe='')}"


def _name(text: str) -> str:
    """Fit to be a name in the ledger; what is cut off is told by a digest."""
    line = "".join(sign for sign in text if sign.isprintable()).strip()
    if not line:
        return _UNKNOWN
    return line if len(line) <= _LONGEST_NAME else f"{line[:100]}~{sha256(line.encode()).hexdigest()[:16]}"


def _id(name: str) -> str:
    return _name(name.encode("ascii", "backslashreplace").decode())
