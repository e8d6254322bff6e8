"""Catalogues of controls that others publish, as packs; and what came of them, in the words of their forms. Pure."""

from plumbline.maturity.frameworks.binding import Binding, Bound, read_binding
from plumbline.maturity.frameworks.catalogue import Catalogue
from plumbline.maturity.frameworks.gemara import read_gemara
from plumbline.maturity.frameworks.laying import Imported, make_pack
from plumbline.maturity.frameworks.logs import enforcement_log, evaluation_log
from plumbline.maturity.frameworks.oscal import read_oscal
from plumbline.maturity.frameworks.results import Result, result_of, results
from plumbline.maturity.frameworks.vsa import verification_summary

__all__ = [
    "Binding",
    "Bound",
    "Catalogue",
    "Imported",
    "Result",
    "enforcement_log",
    "evaluation_log",
    "make_pack",
    "read_binding",
    "read_gemara",
    "read_oscal",
    "result_of",
    "results",
    "verification_summary",
]
