"""Mutated events through the door and into every fact: ``python -m tests.fuzz.events --count N --seed N``.

Each is taken in as intake does, once as nobody's word and once as that of a registered source, and stands beside
events of our own. Nothing may raise but a refusal; what nobody vouches for changes no fact; what a source tells changes
nothing that we told ourselves.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections import Counter
from typing import Any, NamedTuple

import msgspec
from tests.facts.events import NOW
from tests.fuzz.event_mutator import EventMutator

from plumbline.evidence import Sender, receive, write_sender
from plumbline.evidence.origin import OWN, check_origin
from plumbline.facts import Asked, Evidence, answer, definitions, exemptions, statements
from plumbline.flow.assessments.assess import seen_of
from plumbline.kernel import PlumblineError
from plumbline.model.event import EventDraft
from plumbline.trace import Seen, read_seen

NOBODY, REGISTERED = write_sender(Sender(door="http", person="a")), write_sender(Sender(door="http", source="tool"))
ASKED = tuple(Asked(name, days) for name in definitions() for days in (None, 90))
AT_ONCE = 250  # events that stand beside ours in one look at all facts


class Finding(NamedTuple):
    number: int
    what: str
    trace: str = ""


class Judge:
    def __init__(self, seed: int) -> None:
        self.mutator = EventMutator(seed)
        self._own = [seen for body in self.mutator.own if (seen := seen_of(body, NOBODY))]
        self._facts, self._objects = self._look([])
        self.outcomes: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.findings: list[Finding] = []

    def run(self, numbers: range) -> None:
        for first in range(numbers.start, numbers.stop, AT_ONCE):
            taken = [(number, draft) for number in range(first, min(first + AT_ONCE, numbers.stop))
                     if (draft := self._take_in(number)) is not None]  # fmt: skip
            for sender in (NOBODY, REGISTERED):
                self._beside(taken, sender)

    def _take_in(self, number: int) -> EventDraft | None:
        """As every door does; None where it was refused."""
        body = self.mutator.make(number)
        try:
            draft, view = receive(body, NOW)
            check_origin(draft)
        except PlumblineError as error:
            self.outcomes[f"refused: {error.code}"] += 1
            return None
        except Exception:  # noqa: BLE001 - that is what is looked for
            self._found(number, "the door raised", traceback.format_exc())
            return None
        self.outcomes["taken, with a note" if view.notes else "taken"] += 1
        for sender in (NOBODY, REGISTERED):
            seen = self._seen(number, draft, sender)
            if seen is None:
                continue
            if seen.word == OWN or seen.own:
                self._found(number, f"counts as our own word: {draft.source!r}")
            if (seen.cited.source, seen.cited.id, seen.subject) != (draft.source, draft.id, draft.subject):
                self._found(number, "is another event to facts than to the ledger")
            if sender is REGISTERED:
                self.kinds["is a fact" if not seen.ignored and seen.what.count(".") == 1 else "is no fact"] += 1
        return draft

    def _seen(self, number: int, draft: EventDraft, sender: bytes) -> Seen | None:
        try:
            read_seen(draft.body, sender)
            return seen_of(draft.body, sender)
        except Exception:  # noqa: BLE001 - as above
            self._found(number, "reading it for facts raised", traceback.format_exc())
            return None

    def _beside(self, taken: list[tuple[int, EventDraft]], sender: bytes) -> None:
        """Look at all facts; halve what is wrong until one event is left."""
        try:
            wrong = self._differs([draft for _, draft in taken], sender)
            trace = ""
        except Exception:  # noqa: BLE001 - as above
            wrong, trace = "a fact raised", traceback.format_exc()
        if not wrong:
            return
        if len(taken) == 1 or len(self.findings) > 20:
            self._found(taken[0][0], wrong, trace)
            return
        before, half = len(self.findings), len(taken) // 2
        for part in (taken[:half], taken[half:]):
            self._beside(part, sender)
        if len(self.findings) == before:
            self._found(taken[0][0], f"{wrong}, with those that follow", trace)

    def _differs(self, drafts: list[EventDraft], sender: bytes) -> str:
        others = [seen for draft in drafts if (seen := seen_of(draft.body, sender)) is not None]
        facts, objects = self._look(others)
        if sender is NOBODY and facts != self._facts:
            names = [name for name in facts if facts[name] != self._facts[name]]
            return f"what nobody vouches for changed {', '.join(names[:5])}"
        names = [name for name in objects if objects[name] != self._objects[name]]
        return f"what others told changed ours: {', '.join(names)}" if names else ""

    def _look(self, others: list[Seen]) -> tuple[dict[str, Any], dict[str, Any]]:
        """All facts, and what our own events say by themselves."""
        evidence = Evidence([*others, *self._own], NOW)
        facts: dict[str, Any] = dict(answer(ASKED, evidence))
        facts["exemptions"], facts["statements"] = exemptions(evidence), statements(evidence)
        msgspec.json.encode(facts["exemptions"])
        ours = {seen.cited for seen in self._own}
        objects = {
            "tasks": [one for one in evidence.tasks if set(one.cited) & ours],
            "runs": [one for one in evidence.runs if set(one.cited) & ours],
            "deployments": [one for one in evidence.deployments if set(one.cited) & ours],
            "merges": [one for one in evidence.merges if one.cited in ours],
            "statements": facts["statements"],
            "exemptions": facts["exemptions"],
            "kept": sum(one in ours for kind in evidence.kinds for one in (seen.cited for seen in evidence.of(kind))),
        }
        return facts, objects

    def _found(self, number: int, what: str, trace: str = "") -> None:
        self.findings.append(Finding(number, what, trace))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.events", description="Mutated events.")
    parser.add_argument("--count", type=int, default=2_000, help="how many events")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, metavar="NUMBER", help="show and judge this one")
    given = parser.parse_args()
    begun = time.monotonic()
    judge = Judge(given.seed)
    if given.only is not None:
        sys.stdout.buffer.write(judge.mutator.make(given.only) + b"\n")
        judge.run(range(given.only, given.only + 1))
    else:
        judge.run(range(given.count))
    done = sum(judge.outcomes.values())
    print(f"events    {done:,} beside {len(judge.mutator.own):,} of our own, in {time.monotonic() - begun:.0f} s")
    print(f"facts     {len(ASKED):,} questions after every {AT_ONCE} events, as nobody's word and as a source's")
    for name, number in sorted((judge.outcomes + judge.kinds).items()):
        print(f"          {number:>7,}  {name}")
    print(f"findings  {len(judge.findings)}")
    for found in judge.findings[:20]:
        print(f"\nevent {found.number}: {found.what}\n{found.trace[-1500:]}")
    return 1 if judge.findings else 0


if __name__ == "__main__":
    sys.exit(main())
