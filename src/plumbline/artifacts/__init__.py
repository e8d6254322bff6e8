"""What an artifact is called, which stage it earned, when it may go, and what is said of it under a signature."""

from plumbline.artifacts.manifests import LARGEST, OCI_INDEX, Form, Manifest, read_manifest
from plumbline.artifacts.names import (
    address,
    algorithm_of,
    below,
    fallback_tag,
    is_digest,
    is_name,
    is_tag,
    prefixes,
    subject_of,
)

__all__ = [
    "LARGEST",
    "OCI_INDEX",
    "Form",
    "Manifest",
    "address",
    "algorithm_of",
    "below",
    "fallback_tag",
    "is_digest",
    "is_name",
    "is_tag",
    "prefixes",
    "read_manifest",
    "subject_of",
]
