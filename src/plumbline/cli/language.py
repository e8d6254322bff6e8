"""Which language a person is answered in, and click's own words in it."""

from __future__ import annotations

import gettext
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from plumbline.kernel import language

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

OPTION = "--language"


def wanted(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """The language code to use: ``--language`` anywhere before ``--``, PLUMBLINE_LANGUAGE, then the locale.

    The command line is looked at before it is parsed, because parsing it may already print something.
    """
    for position, argument in enumerate(arguments):
        if argument == "--":
            break
        name, equals, value = argument.partition("=")
        if name == OPTION:
            following = arguments[position + 1] if position + 1 < len(arguments) else ""
            return value if equals else following
    for name in ("PLUMBLINE_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return environment[name]
    return "en"


@contextmanager
def clicks_words() -> Iterator[None]:
    """Let click's own sentences come from our catalogue while the block runs.

    gettext takes its language from the environment alone, so LANGUAGE is set here and put back before a job could
    inherit it.
    """
    before = os.environ.get("LANGUAGE")
    domain = gettext.textdomain()
    gettext.bindtextdomain("plumbline", __file__.rpartition("/cli/")[0] + "/locale")
    gettext.textdomain("plumbline")
    os.environ["LANGUAGE"] = language()
    try:
        yield
    finally:
        gettext.textdomain(domain)
        if before is None:
            del os.environ["LANGUAGE"]
        else:
            os.environ["LANGUAGE"] = before
