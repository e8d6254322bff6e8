"""The door of registry clients: OCI distribution 1.1, and generic packages."""

from plumbline.registry.app import all_operations, registry_for

__all__ = ["all_operations", "registry_for"]
