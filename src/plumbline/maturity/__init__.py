"""Facts in; one outcome per criterion, levels, and the shortest way to the next level out. Pure."""

from plumbline.maturity.comparing import ItemChange, RuleChange, compare_assessments, compare_packs
from plumbline.maturity.criteria import judge
from plumbline.maturity.grading import digest_of, grade, plain
from plumbline.maturity.need_words import needs_in_words
from plumbline.maturity.needs import Unheard
from plumbline.maturity.overlay import lay_over
from plumbline.maturity.pack import Ask, Criterion, Group, Item, Pack, PackFile, canonical, revive
from plumbline.maturity.proofs import PROOF_STATES, Proof, ProofState, proofs
from plumbline.maturity.reading import mistakes_in, read_pack, refuse_depth
from plumbline.maturity.report import Report, left_out, make_report, reservations, words_of
from plumbline.maturity.report.wording import EFFORTS, LACKS, OUTCOMES, moment
from plumbline.maturity.roadmap import gaps, open_in, what_if

__all__ = [
    "EFFORTS",
    "LACKS",
    "OUTCOMES",
    "PROOF_STATES",
    "Ask",
    "Criterion",
    "Group",
    "Item",
    "ItemChange",
    "Pack",
    "PackFile",
    "Proof",
    "ProofState",
    "Report",
    "RuleChange",
    "Unheard",
    "canonical",
    "compare_assessments",
    "compare_packs",
    "digest_of",
    "gaps",
    "grade",
    "judge",
    "lay_over",
    "left_out",
    "make_report",
    "mistakes_in",
    "moment",
    "needs_in_words",
    "open_in",
    "plain",
    "proofs",
    "read_pack",
    "refuse_depth",
    "reservations",
    "revive",
    "what_if",
    "words_of",
]
