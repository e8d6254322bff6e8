"""What a job's page says of reports that the job left and nobody asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.reports.discovery import proposal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.kernel import Text
    from plumbline.model.job import JobResult


def proposed(result: JobResult | None) -> Sequence[Text]:
    """How many, and the lines that would have them read; nothing of those that were taken all the same."""
    if result is None or not result.found:
        return ()
    taken = {file.name.split("/", 2)[-1] for file in result.kept if file.name.startswith("reports/")}
    return proposal([one for one in result.found if one.path not in taken])
