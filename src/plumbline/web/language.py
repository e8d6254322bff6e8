"""Which language a page is in: the person's, else what was chosen in this browser, else what the browser asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import LANGUAGES

if TYPE_CHECKING:
    from starlette.requests import Request

    from plumbline.web.desk import Visitor

COOKIE = "plumbline_language"


def language_of(request: Request, visitor: Visitor | None) -> str:
    if visitor is not None and visitor.person.language in LANGUAGES:
        return visitor.person.language
    if (chosen := request.cookies.get(COOKIE, "")) in LANGUAGES:
        return chosen
    for part in request.headers.get("accept-language", "").split(",")[:10]:
        name = part.strip().lower()[:2]
        if name in ("zh", "en"):
            return "zh_CN" if name == "zh" else "en"
    return "en"
