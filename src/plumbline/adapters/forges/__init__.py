"""Forges: what they tell, and copies of the repositories they hold."""

from plumbline.adapters.forges.fetches import Fetches
from plumbline.adapters.forges.hook import install_hook
from plumbline.adapters.forges.mirrors import Mirrors
from plumbline.adapters.forges.reading import MAX_BODY, read_webhook, sign_notification
from plumbline.adapters.forges.webhooks import forges
from plumbline.adapters.forges.webhooks._part import Forge, Tells

__all__ = [
    "MAX_BODY",
    "Fetches",
    "Forge",
    "Mirrors",
    "Tells",
    "forges",
    "install_hook",
    "read_webhook",
    "sign_notification",
]
