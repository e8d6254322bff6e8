"""No type of a request makes a library write where it must not: checked by Python's own allocator."""

from __future__ import annotations

import os
import subprocess
import sys


def test_reading_every_type_of_request_leaves_memory_whole() -> None:
    program = "from plumbline.api import all_routes; all_routes()"
    environment = os.environ | {"PYTHONMALLOC": "debug"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_setting_with_a_control_character_is_refused(api, admin) -> None:
    for body in ({"kind": "organisation", "name": "x", "settings": {"ci.config_path": "a\nb"}},):
        answer = api.post("/nodes", json=body, token=admin)
        assert answer.status_code == 400, answer.text
