"""Whether one line asks for at least what another one asks for: whatever fills it fills the other one too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.contracts.fitting import may_say

if TYPE_CHECKING:
    from plumbline.model.contract import DueNeed, Need


def loosened(above: DueNeed, below: DueNeed) -> tuple[str, ...]:
    """Names of what the line below asks less of than the line above; none: it is as tight, or tighter. What it does not
    say at all it takes over."""
    one, two = above.need, below.need
    found = {
        "kind": not set(two.kinds) <= set(one.kinds),
        "of": two.of is not one.of,
        "covers": bool(two.covers) and not set(one.covers) <= set(two.covers),
        "layer": one.layer != two.layer,
        "tool": _wider(one.tools, two.tools),
        "min": any(not two.at_least.get(name, value) >= value for name, value in one.at_least.items()),
        "made_by": not all(may_say(one.made_by, word) or word in one.made_by for word in _words(two)),
        "runner": _wider(one.runners, two.runners),
        "unless": not {rule.when for rule in below.unless} <= {rule.when for rule in above.unless},
    }
    return tuple(name for name, wrong in found.items() if wrong)


def _wider(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    return bool(one and two) and not set(two) <= set(one)


def _words(need: Need) -> tuple[str, ...]:
    return need.made_by or ("own",)


def tightened(above: DueNeed, below: DueNeed) -> DueNeed:
    """The line below, which is not looser, with what it does not say again."""
    one, two = above.need, below.need
    need = msgspec.structs.replace(
        two,
        each=one.each or two.each,
        covers=two.covers or one.covers,
        at_least={**one.at_least, **two.at_least},
        maps=tuple(dict.fromkeys((*one.maps, *two.maps))),
        tools=two.tools or one.tools,
        runners=two.runners or one.runners,
    )
    return msgspec.structs.replace(below, need=need)
