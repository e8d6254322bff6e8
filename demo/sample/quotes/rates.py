"""The arithmetic of an annuity loan, in exact decimals."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

ROUNDING = {"half-even": ROUND_HALF_EVEN, "half-up": ROUND_HALF_UP}
CENT = Decimal("0.01")


def monthly_rate(amount: Decimal, months: int, yearly_percent: Decimal, rounding: str = "half-even") -> Decimal:
    """What is paid each month so that the loan is paid back after ``months``."""
    if amount <= 0 or months <= 0 or yearly_percent < 0:
        raise ValueError("amount and months are above zero, the interest is not below it")
    interest = yearly_percent / 1200
    if interest == 0:
        rate = amount / months
    else:
        rate = amount * interest / (1 - (1 + interest) ** -months)
    return rate.quantize(CENT, ROUNDING[rounding])
