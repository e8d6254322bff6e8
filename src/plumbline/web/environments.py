"""What tiers of environments are called."""

from __future__ import annotations

from plumbline.kernel import t

TIER_TITLES = {
    "development": t("development"),
    "testing": t("testing"),
    "other": t("other"),
    "staging": t("staging"),
    "production": t("production"),
}
