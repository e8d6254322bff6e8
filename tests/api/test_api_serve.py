"""The listening socket."""

from __future__ import annotations

import socket

from plumbline.api.serve import listen


def test_the_second_part_of_an_answer_does_not_wait_for_an_acknowledgement_of_the_first():
    with listen("127.0.0.1:0") as own, socket.create_connection(own.getsockname()):
        accepted, _ = own.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
