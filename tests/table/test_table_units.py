"""Behind the doors, too: a unit of work lets nobody pass who is not signed in, and knows no place but the table's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from plumbline.access import USE_CASES, Actor, Place
from plumbline.kernel import PlumblineError

if TYPE_CHECKING:
    from table_walk import Walker

OPEN = (Place.ANYBODY, Place.OPERATOR_OF_MACHINE)


@pytest.mark.parametrize("name", [name for name, one in USE_CASES.items() if one.at not in OPEN])
def test_who_is_not_signed_in_is_told_so(name: str, walker: Walker) -> None:
    with walker.world.units().view(Actor()) as unit:
        with pytest.raises(PlumblineError) as refused:
            unit.require(USE_CASES[name], walker.world.values["core"])
        assert refused.value.code == "not-signed-in", f"{name}: {refused.value.code}"
        assert not unit.may(USE_CASES[name], walker.world.values["core"]), f"{name}: may be done by nobody"
