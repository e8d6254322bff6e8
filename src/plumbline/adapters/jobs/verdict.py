"""How an attempt at a job stands, until it ends."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from msgspec.structs import replace

from plumbline.adapters.jobs.output import YELLOW
from plumbline.kernel import legible, t
from plumbline.model.job import FailureReason, State

if TYPE_CHECKING:
    from plumbline.adapters.jobs.output import Output
    from plumbline.kernel import Text
    from plumbline.model.job import CacheUse
    from plumbline.model.ports.jobs import Cancellation


class Verdict:
    """Success until the first failure or the cancellation, which then stays."""

    def __init__(self, output: Output, cancel: Cancellation) -> None:
        self._output, self._cancel = output, cancel
        self.state = State.SUCCESS
        self.reason: FailureReason | None = None
        self.message: Text | None = None
        self.exit_code: int | None = None
        self.warnings: list[Text] = []

    @property
    def good(self) -> bool:
        return self.state is State.SUCCESS

    def fail(self, reason: FailureReason, message: Text, exit_code: int | None = None) -> None:
        if self.good:
            self.state, self.reason, self.message = State.FAILED, reason, message
            if exit_code is not None:
                self.exit_code = exit_code

    def fail_by_system(self, error: OSError) -> None:
        self.fail(FailureReason.RUNNER_SYSTEM, _explain(error))

    def fail_by_fault(self, fault: BaseException) -> None:
        """Something is wrong with us, not with the job."""
        self.fail(FailureReason.RUNNER_SYSTEM, fault_text(fault))

    def canceled(self) -> bool:
        """Whether a cancellation was asked for; it is noted, unless the job has failed before."""
        if self._cancel.level == 0:
            return False
        if self.good:
            self.state, self.message = State.CANCELED, t("canceled")
        return True

    def warn(self, warning: Text) -> None:
        self.warnings.append(warning)
        self._output.say(t("WARNING: {what}", what=warning), YELLOW)

    def masked(self, text: Text) -> Text:
        """The same sentence with its values masked, and fit to be kept: names of files may be no text."""
        return text.map(self.shown) if text.values else text

    def shown(self, text: str) -> str:
        return legible(self._output.masker.mask_text(text))

    def shown_use(self, use: CacheUse) -> CacheUse:
        """Of a cache, whose key may be made of variables."""
        message = self.masked(use.message) if use.message is not None else None
        return replace(use, key=self.shown(use.key), hit=self.shown(use.hit), message=message)


def fault_text(fault: BaseException) -> Text:
    """For people; the trace is in the log of the server."""
    what = type(fault).__name__ + (f": {fault}" if str(fault) else "")
    return t("a fault of Plumbline itself ({what}); its log tells where", what=what)


def _explain(error: OSError) -> Text:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return t("no space left on the disk: {path}", path=error.filename or "")
    if error.errno == errno.E2BIG:
        return t("the variables together are too large for a process environment")
    return t("the system refused: {reason}", reason=str(error))
