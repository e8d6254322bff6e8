"""What every page owes to those who read it with a screen reader or a keyboard, told from its HTML."""

from __future__ import annotations

from html.parser import HTMLParser
from itertools import pairwise

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
NAMED = {"button", "a", "summary", "th", "h1", "h2", "h3", "label", "title"}


class _Reader(HTMLParser):
    """``wrong`` has what is missing; names are texts and ``aria-label`` of an element and what is in it."""

    def __init__(self):
        super().__init__()
        self.wrong, self.headings, self.ids, self.navs, self.mains = [], [], [], [], 0
        self._open = []  # [tag, attributes, text so far]

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if "id" in given:
            self.ids.append(given["id"])
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(int(tag[1]))
        if tag == "nav":
            self.navs.append(given.get("aria-label"))
        self.mains += tag == "main"
        if tag in ("input", "select", "textarea") and given.get("type") != "hidden":
            labelled = any(one[0] == "label" for one in self._open) or given.get("aria-label")
            if not labelled:
                self.wrong.append(f"no label: {tag} {given.get('name')}")
        if given.get("aria-label") and self._open:
            for one in self._open:
                one[2] += given["aria-label"]
        if tag not in VOID:
            self._open.append([tag, given, given.get("aria-label") or ""])

    def handle_data(self, data):
        for one in self._open:
            one[2] += data

    def handle_endtag(self, tag):
        while self._open:
            name, given, text = self._open.pop()
            if name in NAMED and not text.strip():
                self.wrong.append(f"no name: {name} {given}")
            if name == tag:
                return


def flaws(page):
    """Sentences on what is wrong with a page, empty where nothing is."""
    reader = _Reader()
    reader.feed(page)
    wrong = list(reader.wrong)
    if reader.headings.count(1) != 1:
        wrong.append(f"{reader.headings.count(1)} headings of the first rank")
    ranks = [0, *reader.headings]
    wrong += [f"h{after} after h{before}" for before, after in pairwise(ranks) if after > before + 1]
    wrong += [f"twice: id {one}" for one in set(reader.ids) if reader.ids.count(one) > 1]
    if None in reader.navs or len(set(reader.navs)) != len(reader.navs):
        wrong.append(f"names of navigations: {reader.navs}")
    if reader.mains != 1:
        wrong.append(f"{reader.mains} main parts")
    return wrong
