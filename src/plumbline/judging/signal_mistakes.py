"""What is wrong with a question to the records, as far as no schema says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.judging.probes import probes
from plumbline.kernel import Text, t

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.judging.signal import Signal


def signal_mistakes(signal: Signal) -> Iterator[Text]:
    probe = probes().get(signal.probe)
    if probe is None:
        names = ", ".join(sorted(probes()))
        yield t("There is no probe '{name}'; there are: {names}.", name=signal.probe, names=names)
        return
    at = signal.at
    if at is None:
        if probe.units:
            yield t("The probe '{name}' needs a threshold (`at`).", name=signal.probe)
        return
    if at.unit not in probe.units:
        yield t("The probe '{name}' measures in {units}, not in '{unit}'.", name=signal.probe,
                units=", ".join(sorted(probe.units)) or "-", unit=at.unit)  # fmt: skip
    if at.value < 0 and signal.probe not in ("change",):
        yield t("A threshold of {value} can never be decided: it is below zero.", value=at.value)
    if at.unit == "%" and signal.probe == "share" and not _possible_share(at.op, at.value):
        yield t("No share is {op} {value} %: this threshold is impossible.", op=at.op, value=at.value)
    if at.window_days is not None and at.window_days < 1:
        yield t("A window of {days} days is empty.", days=at.window_days)


def _possible_share(op: str, value: float) -> bool:
    return 0 <= value <= 100 and not (op == ">" and value == 100) and not (op == "<" and value == 0)
