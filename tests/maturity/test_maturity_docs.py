"""What the pages show is read by the program as it stands there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.maturity.fact_maker import pack

from plumbline.facts import definitions
from plumbline.judging import probes
from plumbline.maturity import lay_over, read_pack
from plumbline.trace import read_seen

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", ["maturity.md", "maturity.zh.md"])
def test_the_examples_are_read(name):
    text = (DOCS / name).read_text(encoding="utf-8")
    shown, overlay = re.findall(r"```yaml\n(.*?)```", text, re.S)
    laid = lay_over(read_pack(shown, name), overlay, name)
    assert laid.overlays == ("acme 2",)
    assert laid.every_item()[0].criteria[0].signals[0].fact in definitions()
    [event] = re.findall(r"```json\n(.*?)```", text, re.S)
    seen = read_seen(json.dumps(json.loads(event)).encode())
    assert (seen.what, seen.custom["project"]) == ("measurement.recorded", "acme/shop")
    assert seen.content["measure"] in {signal.fact for signal in pack("continuous-delivery").signals}
    assert set(probes()) <= set(re.findall(r"`(\w+)`", text))
