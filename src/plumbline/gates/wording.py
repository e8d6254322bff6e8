"""Why nobody knows a fact, in both languages: reasons are kept with an evaluation."""

from __future__ import annotations

from plumbline.model.fact import Lack
from plumbline.model.words import Words

LACKS: dict[str, Words] = {
    Lack.NO_SOURCE: Words(en="nobody told of it", zh="没有任何来源报告"),
    Lack.TOO_FEW: Words(en="there is too little of it", zh="数据太少"),
    Lack.STALE: Words(en="what there is is too old", zh="现有数据太旧"),
    Lack.LATE: Words(en="too much of it was told late", zh="迟报过多"),
    Lack.UNDECIDED: Words(en="it hangs on what nobody can tell", zh="取决于无从判断的部分"),
    Lack.NOT_SUPPORTED: Words(en="this version cannot tell", zh="本版本无法判断"),
}


def lacking(name: str, lack: str) -> Words:
    """The reason of a check that has no data."""
    why = LACKS.get(lack, Words(en=lack, zh=lack))
    return Words(en=f"Nothing is known of {name}: {why.en}.", zh=f"没有 {name} 的数据：{why.zh}。")
