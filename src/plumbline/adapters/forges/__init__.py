"""Forges: what they tell, and copies of the repositories they hold."""

from plumbline.adapters.forges.hook import install_hook
from plumbline.adapters.forges.mirrors import Mirrors
from plumbline.adapters.forges.reading import MAX_BODY, read_webhook, sign_notification

__all__ = ["MAX_BODY", "Mirrors", "install_hook", "read_webhook", "sign_notification"]
