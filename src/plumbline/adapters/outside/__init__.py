"""The world outside that is given checkpoints: files, git repositories, addresses, mail boxes, witnesses."""

from plumbline.adapters.outside.notes_kept import kept_notes
from plumbline.adapters.outside.settings import FILE, OutsideFile
from plumbline.adapters.outside.turn import turn
from plumbline.adapters.outside.witness_key import make_witness_key

__all__ = ["FILE", "OutsideFile", "kept_notes", "make_witness_key", "turn"]
