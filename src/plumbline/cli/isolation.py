"""The option that says how jobs are kept away from the machine. What can be asked for is on the shelf of executors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.cli.help import Choice, option
from plumbline.kernel import listed, t

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from plumbline.kernel import Text


class _Isolations(Choice):
    """Looks at the shelf when somebody chooses or asks for help, not when the command is defined."""

    def __init__(self) -> None:
        self.case_sensitive = True

    @property
    def choices(self) -> tuple[str, ...]:  # type: ignore[override]
        return tuple(_known())


def isolation_option(default: str | None = None) -> Callable[[Any], Any]:
    return option("--isolation", type=_Isolations(), default=default, text=_about)


def _known() -> Mapping[str, Text]:
    from plumbline.wiring.local import isolations

    return isolations()


def _about() -> Text:
    return t("How jobs without an image are run. {ways}.", ways=listed(_known()))
