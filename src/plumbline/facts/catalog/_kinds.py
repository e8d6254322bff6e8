"""Names that events use, as the observation of repositories and CDEvents write them. Only here, so that they agree."""

from __future__ import annotations

CODE = "code"
UNIT = "unit-test"
TESTS = frozenset({UNIT, "integration-test", "interface-test", "e2e-test", "performance-test"})
CONTRACT = "contract"
SCRIPTS = frozenset({"pipeline", "infrastructure"})  # what builds, deploys and sets up
REVERSIBLE = "migration-reversible"
IRREVERSIBLE = "migration-irreversible"
INTERFACE_TEST = "interface-test"
MODULE = ("module-tested", "module-untested")
DELIVERY_GATED = ("delivery-gated", "delivery-ungated")
DELIVERY_SHARED = ("delivery-shared", "delivery-own")
RULES = tuple(f"rules-{kind}" for kind in ("style", "faults", "complexity", "duplication", "security", "licence"))
RULES_ELSEWHERE = "rules-elsewhere"

LAYERS = {"unit": "code", "integration": "interface", "e2e": "screen"}  # CDEvents' types of test case, by layer

AUTOMATIC = frozenset({"push", "merge_request_event", "schedule"})  # triggers of runs that nobody presses a button for
SCHEDULE = "schedule"

LOWER_TIERS = ("testing", "staging")  # what a package passes before production
WITHDRAWN = frozenset({"withdrawn", "cancelled", "canceled", "rejected", "abandoned"})  # resolutions of a ticket

LINE_COVERAGE = "line-coverage"  # name of the measure, in percent
