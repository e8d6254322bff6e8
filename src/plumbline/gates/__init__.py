"""Policies over documented facts: what passes, what does not, and why. Pure."""

from plumbline.gates.checks import Check as BuiltIn
from plumbline.gates.checks import built_in
from plumbline.gates.doubts import doubts
from plumbline.gates.facts import documented, fact_types
from plumbline.gates.facts._fact import GateFact
from plumbline.gates.judge import asked, evaluate, evaluation, judged
from plumbline.gates.policy import CLASSES, LANGUAGE, TIERS, Check, Policy, Selector, Standing
from plumbline.gates.reading import read_policy
from plumbline.gates.reading_facts import read_facts
from plumbline.gates.replaying import Exported, canonical, exported, read_exported, replayed
from plumbline.gates.standing import digest_of, read_standing, standing
from plumbline.gates.starters import starters
from plumbline.gates.threats import THREATS, Threat
from plumbline.gates.verdict import (
    EMPTY_POLICY,
    GOES_ON,
    NEWER_POLICY,
    NO_POLICY,
    NOBODY_CAN_TELL,
    NOTHING_APPLIES,
    NOTHING_ENFORCED,
    NOTHING_SELECTED,
    UNREADABLE,
    WORST_FIRST,
    Asked,
    Judged,
    PassedOver,
    Verdict,
)
from plumbline.gates.waiving import ANNOUNCED, Scope, announcements, waived
from plumbline.gates.waiving import state as waiver_state
from plumbline.gates.wording import LACKS

__all__ = [
    "ANNOUNCED",
    "CLASSES",
    "EMPTY_POLICY",
    "GOES_ON",
    "LACKS",
    "LANGUAGE",
    "NEWER_POLICY",
    "NOBODY_CAN_TELL",
    "NOTHING_APPLIES",
    "NOTHING_ENFORCED",
    "NOTHING_SELECTED",
    "NO_POLICY",
    "THREATS",
    "TIERS",
    "UNREADABLE",
    "WORST_FIRST",
    "Asked",
    "BuiltIn",
    "Check",
    "Exported",
    "GateFact",
    "Judged",
    "PassedOver",
    "Policy",
    "Scope",
    "Selector",
    "Standing",
    "Threat",
    "Verdict",
    "announcements",
    "asked",
    "built_in",
    "canonical",
    "digest_of",
    "documented",
    "doubts",
    "evaluate",
    "evaluation",
    "exported",
    "fact_types",
    "judged",
    "read_exported",
    "read_facts",
    "read_policy",
    "read_standing",
    "replayed",
    "standing",
    "starters",
    "waived",
    "waiver_state",
]
