"""What to do about a refusal, for people at a page or at the API: what is planned here is planned in terminals too, and
hints name options and commands there."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.kernel import Text

_OF_A_TERMINAL = ("--", "`git ", "`plumb ")
_OPERATOR = t("Whoever runs the server can map a copy of it.")
_HERE = {
    "unknown-ref": t("Write the name of a branch or a tag, as the repository has it."),
    "no-configuration": t("Add the file, or name another one in the settings of the project."),
    "project-not-mapped": t("Write the path of a project of this server."),
    "network-not-allowed": _OPERATOR,
    "remote-unreadable": _OPERATOR,
    "template-not-mapped": _OPERATOR,
}


def hint_here(code: str, hint: Text | None) -> Text | None:
    """A hint that names nothing of a terminal; None: there is none."""
    if hint is None or not any(sign in hint.msgid for sign in _OF_A_TERMINAL):
        return hint
    return _HERE.get(code)


@contextmanager
def hints_here() -> Iterator[None]:
    """PlumblineErrors from inside have hints for people at the server."""
    try:
        yield
    except PlumblineError as error:
        error.hint = hint_here(error.code, error.hint)
        raise
