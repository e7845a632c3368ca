"""What the gateway of one medium is made of."""

from __future__ import annotations

import sys

import msgspec

if sys.platform == "linux":
    from agent.guard.fuse.channel import Channel
    from agent.guard.gateway.closing import Closing
    from agent.guard.gateway.landing import Landing
    from agent.guard.gateway.nodes import Tree
    from agent.guard.gateway.staging import Staging
    from agent.guard.gateway.workers import Workers

assert sys.platform == "linux"  # noqa: S101 - no other kernel has it; type checkers skip what follows


class Parts(msgspec.Struct, frozen=True):
    """``owners``: whether the medium keeps owner and mode; ``exact``: whether it tells A from a in names."""

    channel: Channel
    tree: Tree
    staging: Staging
    landing: Landing
    closing: Closing
    workers: Workers
    owners: bool
    exact: bool
