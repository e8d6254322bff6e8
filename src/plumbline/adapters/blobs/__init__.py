"""Implementations of the content-addressed store."""

from plumbline.adapters.blobs.disk import DiskBlobs

__all__ = ["DiskBlobs"]
