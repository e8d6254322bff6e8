"""Evidence contracts: what has to be there before anything goes on, what fills it, and what is missing. Pure.

A contract is read (``reading``), put together with those above it (``due``), and asked for what is missing
(``slots``) of what entries of the ledger tell (``telling``). Lines that nothing could ever fill are named (``dead``).
"""

from plumbline.contracts.conditions import asked, conditions_of, fact_types
from plumbline.contracts.dead import Dead, Known, KnownSource, dead_lines
from plumbline.contracts.due import Asked, Placed, digest_of, due, weakened
from plumbline.contracts.fitting import may_say
from plumbline.contracts.kinds import kinds
from plumbline.contracts.kinds._kind import EvidenceKind, Told
from plumbline.contracts.reading import REPOSITORY_FILE, read_contract
from plumbline.contracts.slots import complete, slots, summary
from plumbline.contracts.telling import evidence_of, told, wanted_types
from plumbline.contracts.wording import ENDINGS, OCCASIONS, WHY

__all__ = [
    "ENDINGS",
    "OCCASIONS",
    "REPOSITORY_FILE",
    "WHY",
    "Asked",
    "Dead",
    "EvidenceKind",
    "Known",
    "KnownSource",
    "Placed",
    "Told",
    "asked",
    "complete",
    "conditions_of",
    "dead_lines",
    "digest_of",
    "due",
    "evidence_of",
    "fact_types",
    "kinds",
    "may_say",
    "read_contract",
    "slots",
    "summary",
    "told",
    "wanted_types",
    "weakened",
]
