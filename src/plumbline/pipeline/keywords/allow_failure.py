"""``allow_failure``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.model.pipeline import AllowFailure
from plumbline.pipeline.keyword import Keyword, Place, Subkey
from plumbline.pipeline.reading import HIGHEST_EXIT_CODE, LOWEST_EXIT_CODE, Reading


def read(reading: Reading) -> AllowFailure:
    """Allowed always, never, or for some exit codes; for none of them: never."""
    if isinstance(reading.value, bool):
        return AllowFailure(reading.value)
    if not isinstance(reading.value, dict):
        reading.wrong_type(t("true, false, or a map with exit_codes"))
        return AllowFailure()
    keys = reading.map()
    if "exit_codes" not in keys:
        return AllowFailure()
    codes = keys["exit_codes"].items(single=True)
    return AllowFailure(exit_codes=tuple(code.integer(LOWEST_EXIT_CODE, HIGHEST_EXIT_CODE) for code in codes))


PART = Keyword(
    name="allow_failure",
    places=(Place.JOB,),
    title=t("Whether the pipeline goes on when the job fails"),
    read=read,
    reference="ci/yaml/#allow_failure",
    subkeys=(Subkey("exit_codes"),),
)
