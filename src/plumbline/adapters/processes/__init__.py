"""Programs started, watched and brought to an end, so that nothing of a job outlives it."""

from plumbline.adapters.processes.guard import guarded
from plumbline.adapters.processes.left_containers import remove_marked_containers
from plumbline.adapters.processes.leftovers import kill_marked
from plumbline.adapters.processes.limits import Cage, Cages
from plumbline.adapters.processes.running import Ending, run_program
from plumbline.adapters.processes.table import MARKER, become_subreaper, descendants, kill_descendants

__all__ = [
    "MARKER",
    "Cage",
    "Cages",
    "Ending",
    "become_subreaper",
    "descendants",
    "guarded",
    "kill_descendants",
    "kill_marked",
    "remove_marked_containers",
    "run_program",
]
