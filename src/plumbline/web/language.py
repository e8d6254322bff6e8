"""Which language a page is in: the person's, else what was chosen in this browser, else what the browser asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import LANGUAGES

if TYPE_CHECKING:
    from starlette.requests import Request

    from plumbline.access import Actor

COOKIE = "plumbline_language"


def language_of(request: Request, actor: Actor) -> str:
    if actor.person.language in LANGUAGES:
        return actor.person.language
    if (chosen := request.cookies.get(COOKIE, "")) in LANGUAGES:
        return chosen
    for part in request.headers.get("accept-language", "").split(",")[:10]:
        name = part.strip().lower()[:2]
        if name in ("zh", "en"):
            return "zh_CN" if name == "zh" else "en"
    return "en"
