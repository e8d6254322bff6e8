"""The door of registry clients: OCI distribution 1.1, and generic packages."""
