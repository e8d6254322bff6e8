"""GitLab: states of commits, and notes at merge requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from plumbline.adapters.forges.telling._asking import Asked, ask
from plumbline.adapters.forges.telling._judging import check
from plumbline.adapters.forges.telling._ours import first_of_ours, named, nobody, paged, seen
from plumbline.model.telling import CommitState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.adapters.forges.telling._asking import Answered
    from plumbline.model.telling import Comment, ForgePlace, Status

_STATES = {
    CommitState.SUCCESS: "success",
    CommitState.PENDING: "pending",
    CommitState.FAILURE: "failed",
    CommitState.ERROR: "failed",
}
_ALREADY = b"Cannot transition status"  # with which it refuses to be told the same twice
_GONE = frozenset({403, 404, 410})  # of a note: removed, or written by whoever we were before
_PAGE = 50


class GitLabTeller:
    def status(self, place: ForgePlace, status: Status) -> None:
        body = {
            "state": _STATES[status.state],
            "name": status.context,
            "description": status.description,
            **({"target_url": status.url} if status.url else {}),
        }
        answered = _ask(place, "POST", f"{_project(place)}/statuses/{quote(status.commit, safe='')}", body)
        if answered.status == 400 and _ALREADY in answered.body and status.state is CommitState.PENDING:
            return
        check(answered, place)

    def comment(self, place: ForgePlace, comment: Comment, known: str) -> str:
        body = {"body": comment.text}
        notes = f"{_project(place)}/merge_requests/{quote(comment.change, safe='')}/notes"
        if known and _edited(place, f"{notes}/{known}", body):
            return known
        found = _found(place, notes, comment.marker)
        if found:
            check(_ask(place, "PUT", f"{notes}/{found}", body), place)
            return found
        made = check(_ask(place, "POST", notes, body), place).json()
        return named(made.get("id") if isinstance(made, dict) else None)


def _edited(place: ForgePlace, path: str, body: Mapping[str, str]) -> bool:
    answered = _ask(place, "PUT", path, body)
    if answered.status in _GONE:
        return False
    check(answered, place)
    return True


def _found(place: ForgePlace, notes: str, marker: str) -> str:
    def page(number: int) -> list[Any]:
        where = f"{notes}?sort=asc&order_by=created_at&per_page={_PAGE}&page={number}"
        found: list[Any] = check(_ask(place, "GET", where), place).json()
        return found

    return first_of_ours((seen(one, "author") for one in paged(page, _PAGE)), marker, _own_name(place))


def _own_name(place: ForgePlace) -> str:
    answered = _ask(place, "GET", "/user")
    if answered.status == 403:
        raise nobody()
    told = check(answered, place).json()
    return named(told.get("id") if isinstance(told, dict) else None)


def _project(place: ForgePlace) -> str:
    return f"/projects/{quote(place.path, safe='')}"


def _ask(place: ForgePlace, method: str, path: str, body: object = None) -> Answered:
    return ask(Asked(method, f"{place.address}/api/v4{path}", {"PRIVATE-TOKEN": place.secret}, body), place)


PART = GitLabTeller()
