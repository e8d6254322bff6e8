"""Pages for people in a browser: they translate what the desk says into HTML, and decide nothing."""

from plumbline.web.app import pages_for
from plumbline.web.desk import Desk, Entrance, LogFile, Proof, Signed, Visitor
from plumbline.web.desk_ledger import server_desk
from plumbline.web.every_page import all_pages
from plumbline.web.rendering import prepare

__all__ = [
    "Desk",
    "Entrance",
    "LogFile",
    "Proof",
    "Signed",
    "Visitor",
    "all_pages",
    "pages_for",
    "prepare",
    "server_desk",
]
