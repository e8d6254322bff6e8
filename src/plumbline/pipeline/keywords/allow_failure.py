"""``allow_failure``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.model.pipeline import AllowFailure
from plumbline.pipeline.keyword import Keyword, Place, Subkey
from plumbline.pipeline.reading import Reading

_HIGHEST_EXIT_CODE = 2**32 - 1  # Windows has codes that large


def read(reading: Reading) -> AllowFailure:
    """Allowed always, never, or for some exit codes."""
    if isinstance(reading.value, bool):
        return AllowFailure(reading.value)
    if not isinstance(reading.value, dict):
        reading.wrong_type(t("true, false, or a map with exit_codes"))
        return AllowFailure()
    keys = reading.map(("exit_codes",))
    if "exit_codes" not in keys:
        return AllowFailure()
    codes = keys["exit_codes"].items(lowest=1, single=True)
    return AllowFailure(exit_codes=tuple(code.integer(0, _HIGHEST_EXIT_CODE) for code in codes))


PART = Keyword(
    name="allow_failure",
    places=(Place.JOB,),
    title=t("Whether the pipeline goes on when the job fails"),
    read=read,
    reference="ci/yaml/#allow_failure",
    subkeys=(Subkey("exit_codes"),),
)
