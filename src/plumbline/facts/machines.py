"""Accounts that no person sits at, by the names that they have at forges and in histories."""

from __future__ import annotations

import re
from functools import cache

_ENDS = ("[bot]", "-bot", "_bot", ".bot", " bot")
_MACHINES = re.compile(
    r"(?:dependabot|renovate|greenkeeper|github[- ]?actions?|(?:gitea|forgejo)[- ]actions|weblate|mergify|"
    r"pre-commit-ci|travis[- ]?ci|teamcity|gitlab[- ]?ci|gitlab[- ](?:[a-z]+[- ])?bot|bors|"
    r"snyk|imgbot|allcontributors|homu|copybara[- ]service|sonar(?:qube|cloud|source)?|codecov|coveralls|codacy|"
    r"codeclimate|semgrep|trivy|fortify|checkmarx|argocd|fluxcd|semantic-release|web-flow|bot)"
    r"(?:[-_.@ \[].*)?|"
    r"(?:jenkins|hudson|bamboo|nexus|ghost)"  # people are called so as well: then another name follows
    r"(?:@.*|[-_. \[](?:\W|\d|ci\b|bot|build|agent|server|service|user|admin|job|pipeline|node|worker|deploy).*)?",
    re.IGNORECASE,
)
_TOKENS = re.compile(r"(?:project|group)_\d+_bot(?:[0-9]*|_[0-9a-z]+)|service_account_(?:group|project)_\d+\w*", re.I)


@cache
def is_machine(name: str) -> bool:
    """``name``: a login, a name, or the part of an address before its @. GitLab names the accounts of the access tokens
    of projects and groups."""
    low = name.strip().casefold()
    return low.endswith(_ENDS) or any(one.fullmatch(low) is not None for one in (_MACHINES, _TOKENS))
