"""What GitHub and those that are like it have in common: states of commits, and comments at the issue that a merge
request is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from plumbline.adapters.forges.telling._asking import Asked, ask
from plumbline.adapters.forges.telling._judging import check, is_limited
from plumbline.adapters.forges.telling._ours import first_of_ours, named, nobody, paged, seen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from plumbline.adapters.forges.telling._asking import Answered
    from plumbline.model.telling import Comment, ForgePlace, Status

_GONE = frozenset({403, 404, 410})  # of a comment: removed, or written by whoever we were before


class IssueTeller:
    """``base``: the address of its interface, from that of its pages. ``headers``: what shows the token. ``size``: of a
    page of comments; 0: it gives all at once."""

    def __init__(self, base: Callable[[str], str], headers: Callable[[str], Mapping[str, str]], size: int) -> None:
        self._base = base
        self._headers = headers
        self._size = size

    def status(self, place: ForgePlace, status: Status) -> None:
        body = {
            "state": status.state.value,
            "target_url": status.url,
            "description": status.description,
            "context": status.context,
        }
        check(self._ask(place, "POST", f"{_repo(place)}/statuses/{quote(status.commit, safe='')}", body), place)

    def comment(self, place: ForgePlace, comment: Comment, known: str) -> str:
        body = {"body": comment.text}
        if known and self._edited(place, known, body):
            return known
        path = f"{_repo(place)}/issues/{quote(comment.change, safe='')}/comments"
        found = self._found(place, path, comment.marker)
        if found:
            check(self._ask(place, "PATCH", _one(place, found), body), place)
            return found
        made = check(self._ask(place, "POST", path, body), place).json()
        return named(made.get("id") if isinstance(made, dict) else None)

    def _edited(self, place: ForgePlace, known: str, body: Mapping[str, str]) -> bool:
        answered = self._ask(place, "PATCH", _one(place, known), body)
        if answered.status in _GONE and not is_limited(answered.headers):
            return False
        check(answered, place)
        return True

    def _found(self, place: ForgePlace, path: str, marker: str) -> str:
        def page(number: int) -> list[Any]:
            where = f"{path}?per_page={self._size}&page={number}" if self._size else path
            found: list[Any] = check(self._ask(place, "GET", where), place).json()
            return found

        every = paged(page, self._size or 1 << 60)
        return first_of_ours((seen(one, "user") for one in every), marker, self._own_name(place))

    def _own_name(self, place: ForgePlace) -> str:
        answered = self._ask(place, "GET", "/user")
        if answered.status == 403 and not is_limited(answered.headers):
            raise nobody()
        told = check(answered, place).json()
        return named(told.get("id") if isinstance(told, dict) else None)

    def _ask(self, place: ForgePlace, method: str, path: str, body: object = None) -> Answered:
        return ask(Asked(method, self._base(place.address) + path, self._headers(place.secret), body), place)


def _repo(place: ForgePlace) -> str:
    return f"/repos/{quote(place.path)}"


def _one(place: ForgePlace, comment: str) -> str:
    return f"{_repo(place)}/issues/comments/{comment}"
