"""Every operation of openapi.json, asked of the built service over HTTP."""

import os
import unittest

from service import Service

EXPECTED = {"half-even": "0.12", "half-up": "0.13"}[os.environ["ROUNDING"]]
TOKEN = {"X-Token": os.environ["SERVICE_TOKEN"]}


class Interface(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = Service()
        cls.addClassCleanup(cls.service.close)

    def test_health(self):
        self.assertEqual(self.service.ask("/health"), (200, {"status": "up"}))

    def test_limits(self):
        self.assertEqual(self.service.ask("/limits"), (200, {"amount": "100000.00", "months": "480"}))

    def test_a_quote_needs_a_token(self):
        self.assertEqual(self.service.ask("/quote?amount=1&months=1&interest=0")[0], 401)

    def test_a_quote_is_rounded(self):
        status, body = self.service.ask("/quote?amount=0.25&months=2&interest=0", **TOKEN)
        print(f"asked {self.service.base}/quote with token {TOKEN['X-Token']}: {status} {body}")
        self.assertEqual((status, body), (200, {"rate": EXPECTED}))

    def test_nonsense_is_refused(self):
        self.assertEqual(self.service.ask("/quote?amount=none&months=2&interest=0", **TOKEN)[0], 400)
