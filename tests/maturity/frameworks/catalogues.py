"""A small catalogue of controls in each form, with everything that the forms have."""

from __future__ import annotations

import json
from typing import Any

GEMARA = """\
title: Harbour Rules
metadata:
  id: harbour
  type: ControlCatalog
  gemara-version: v1.0.0
  version: 2.0
  date: 2026-05-08
  description: How boats are kept.
  author: {id: port, name: Port Authority, type: Human}
  applicability-groups:
    - {id: small, title: Small boats, description: all}
    - {id: large, title: Large boats, description: some}
  mapping-references:
    - {id: SEA, title: Rules of the Sea, version: 2024, url: https://sea.example/rules}
groups:
  - {id: MO, title: Mooring, description: Ropes and knots}
  - {id: LI, title: Lights, description: Lamps}
controls:
  - id: MO-01
    title: Moor
    objective: No boat drifts.
    group: MO
    guidelines:
      - reference-id: SEA
        entries: [{reference-id: 3.1}, {reference-id: "3.2"}]
      - reference-id:
        entries:
          - reference-id:
    assessment-requirements:
      - id: MO-01.01
        text: Every boat MUST have two ropes.
        applicability: [small, large]
        recommendation: Buy rope.
      - id: MO-01.02
        text: Every rope MUST be new.
        applicability: [large]
      - id: MO-01.03
        text: Retired of old.
        applicability: [small]
        state: Retired
        replaced-by: {reference-id: harbour, entry-id: MO-01.02}
  - id: LI-01
    title: Light
    objective: Every boat is seen.
    group: LI
    assessment-requirements:
      - id: LI-01.01
        text: A lamp MUST burn.
        applicability: [small]
        state: Deprecated
      - id: LI-01.02
        text: A lamp SHOULD blink.
        applicability: [large]
        state: Draft
  - id: LI-02
    title: Torches
    objective: Fire.
    group: LI
    state: Retired
    replaced-by: {reference-id: harbour, entry-id: LI-01}
    assessment-requirements:
      - {id: LI-02.01, text: Torches MUST burn., applicability: [small], state: Retired}
"""

BINDING = """\
format: 1
id: ours
version: '3'
binds: harbour
levels:
  small: {en: small boats, zh: 小船}
  large: {en: large boats, zh: 大船}
reported: [ropes-by-gauge]
requirements:
  MO-01.01:
    effort: low
    text: {en: two ropes, zh: 两根缆绳}
    signals:
    - probe: share
      fact: merges-with-human-review
      title: {en: ropes looked at, zh: 检查过的缆绳}
      at: {op: '>=', value: 90, unit: '%', window_days: 90}
  LI-01.01:
    signals:
    - probe: statement
      fact: statement-lamps
      title: {en: lamps, zh: 灯}
"""

LEVELS = ("small", "large")


def parameter(id_: str, **more: Any) -> dict[str, Any]:
    return {"id": id_, **more}


OSCAL: dict[str, Any] = {
    "catalog": {
        "uuid": "74c8ba1e-5cd4-4ad1-bbfd-d888e2f6c724",
        "metadata": {"title": "Harbour Rules!", "version": "1.1", "oscal-version": "1.1.2", "last-modified": "2026"},
        "groups": [
            {
                "id": "mo",
                "title": "Mooring",
                "groups": [{"id": "mo.x", "title": "Ropes", "controls": [{"id": "mo-9", "title": "Knots hold."}]}],
                "controls": [
                    {
                        "id": "mo-1",
                        "title": "Moor",
                        "params": [
                            parameter("p1", label="a number"),
                            parameter("p2", select={"choice": ["daily, {{ insert: param, p1 }} times", "weekly"]}),
                        ],
                        "parts": [
                            {
                                "id": "mo-1_smt",
                                "name": "statement",
                                "prose": "The harbour:",
                                "parts": [
                                    {"id": "mo-1_smt.a", "name": "item", "prose": "Has {{ insert: param, p1 }} ropes;",
                                     "parts": [{"id": "x", "name": "item", "prose": "all new;"}]},
                                    {"id": "mo-1_smt.b", "name": "item", "prose": "Looks {{ insert: param, p2 }}."},
                                ],
                            },
                            {"id": "mo-1_gdn", "name": "guidance", "prose": "Rope is cheap."},
                        ],
                        "controls": [
                            {
                                "id": "mo-1.1",
                                "title": "Old ropes",
                                "props": [{"name": "status", "value": "Withdrawn"}],
                                "links": [{"href": "#mo-1", "rel": "incorporated-into"}],
                            }
                        ],
                    }
                ],
            }
        ],
    }
}  # fmt: skip


def oscal(**changes: Any) -> str:
    return json.dumps({"catalog": {**OSCAL["catalog"], **changes}})
