"""Working copies: one for every job, isolated from the user's tree and from each other."""

from plumbline.adapters.workspaces.opening import LocalWorkspace, LocalWorkspaces

__all__ = ["LocalWorkspace", "LocalWorkspaces"]
