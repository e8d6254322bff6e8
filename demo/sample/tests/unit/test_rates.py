import unittest
from decimal import Decimal

from quotes.rates import monthly_rate


class Rates(unittest.TestCase):
    def test_an_annuity(self):
        self.assertEqual(monthly_rate(Decimal(10000), 12, Decimal(6)), Decimal("860.66"))

    def test_without_interest(self):
        self.assertEqual(monthly_rate(Decimal(1200), 12, Decimal(0)), Decimal("100.00"))

    def test_half_a_cent(self):
        amount, months, interest = Decimal("0.25"), 2, Decimal(0)
        self.assertEqual(monthly_rate(amount, months, interest, "half-even"), Decimal("0.12"))
        self.assertEqual(monthly_rate(amount, months, interest, "half-up"), Decimal("0.13"))

    def test_nonsense_is_refused(self):
        for wrong in ((0, 12, 1), (100, 0, 1), (100, 12, -1)):
            with self.assertRaises(ValueError):
                monthly_rate(Decimal(wrong[0]), wrong[1], Decimal(wrong[2]))
