"""The first event of a kind may be written by many threads at once: a library that learns about classes when it first
reads them must not end the process."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys, threading
from plumbline.evidence import fitting, write_event
from plumbline.evidence.vocabulary import cdevents_core, cdevents_delivery, contents, own_delivery
sys.setswitchinterval(1e-6)

def write(content):
    barrier.wait()
    write_event(content, id="1", source="/s", subject="x", time=1)
    fitting("taskrun.finished", {"taskName": 5}, {})
    fitting("incident.detected", {"environment": 5}, {})

reference = own_delivery.Reference(id="e")
made = [
    cdevents_core.PipelineRunFinished(outcome="success"),
    cdevents_core.TaskRunFinished(pipeline_run=reference),
    cdevents_core.ArtifactPackaged(change=reference),
    cdevents_delivery.TestSuiteRunFinished(outcome="success", environment=reference),
    cdevents_delivery.TestCaseRunQueued(environment=reference),
    cdevents_delivery.IncidentDetected(environment=reference),
    own_delivery.CommitObserved(repository=reference, ref="main", commits=()),
]
for content in made:
    barrier = threading.Barrier(8)
    threads = [threading.Thread(target=write, args=(content,)) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
print("whole")
"""


def test_many_threads_write_the_first_event_of_a_kind() -> None:
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False, timeout=120)
        assert (done.returncode, done.stdout) == (0, "whole\n"), done.stderr[-2000:]
