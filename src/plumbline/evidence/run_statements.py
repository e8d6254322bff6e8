"""Statements about runs: the door to what they are made of and verified with."""

from plumbline.evidence.artifact_verifying import Check, Result
from plumbline.evidence.predicates.run import (
    TYPE,
    Cited,
    Condition,
    Contract,
    DueLine,
    Gate,
    GateCheck,
    Job,
    Ledger,
    Proved,
    Review,
    Run,
    RunSlot,
    RunWaiver,
    read_run,
)
from plumbline.evidence.run_verifying import RunVerified, verify_run

__all__ = [
    "TYPE",
    "Check",
    "Cited",
    "Condition",
    "Contract",
    "DueLine",
    "Gate",
    "GateCheck",
    "Job",
    "Ledger",
    "Proved",
    "Result",
    "Review",
    "Run",
    "RunSlot",
    "RunVerified",
    "RunWaiver",
    "read_run",
    "verify_run",
]
