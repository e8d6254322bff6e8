"""The application alone, without a network."""

import json
import os
import unittest
from unittest import mock
from wsgiref.util import setup_testing_defaults

from quotes.app import app


def ask(path, query="", **more):
    environ = {"PATH_INFO": path, "QUERY_STRING": query, **more}
    setup_testing_defaults(environ)
    told = []
    body = b"".join(app(environ, lambda status, fields: told.append(int(status[:3]))))
    return told[0], json.loads(body)


class App(unittest.TestCase):
    def test_an_unknown_page(self):
        self.assertEqual(ask("/nothing")[0], 404)

    def test_only_reading_is_possible(self):
        self.assertEqual(ask("/quote", REQUEST_METHOD="DELETE")[0], 405)

    @mock.patch.dict(os.environ, {"SERVICE_TOKEN": "t", "ROUNDING": "half-up"})
    def test_the_rounding_is_a_setting(self):
        self.assertEqual(ask("/quote", "amount=0.25&months=2&interest=0", HTTP_X_TOKEN="t"), (200, {"rate": "0.13"}))
