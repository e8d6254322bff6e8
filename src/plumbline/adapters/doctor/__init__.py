"""Looks at what the server needs on its machine, and says what is wrong and how to mend it."""

from plumbline.adapters.doctor.blobs import check_blobs
from plumbline.adapters.doctor.certificate import check_certificate
from plumbline.adapters.doctor.fonts import check_fonts
from plumbline.adapters.doctor.machine import check_clock, check_executors, check_git
from plumbline.adapters.doctor.place import check_disk, check_folder, check_private
from plumbline.adapters.doctor.space import check_database_space, check_space

__all__ = [
    "check_blobs",
    "check_certificate",
    "check_clock",
    "check_database_space",
    "check_disk",
    "check_executors",
    "check_folder",
    "check_fonts",
    "check_git",
    "check_private",
    "check_space",
]
