"""Pages for people in a browser: they translate requests and answers, and decide nothing."""

from plumbline.web.app import pages_for
from plumbline.web.every_page import all_pages
from plumbline.web.rendering import prepare

__all__ = [
    "all_pages",
    "pages_for",
    "prepare",
]
