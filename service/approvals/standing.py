"""Where a lending stands, from what is known of it alone: never from the order in which that arrived.

A PC may be off the network for days and then tell everything at once, or tell a return before the use it belongs to. So
acts only add facts, and the state is worked out anew from all of them.
"""

from __future__ import annotations

from service.approvals.models import OPEN, Lending, State


def is_out(lending: Lending) -> bool:
    """Whether a copy is on the medium as far as anybody knows. A proof of its absence counts from its moment on."""
    return lending.shown is not None and (lending.gone is None or lending.gone < lending.shown)


def standing(lending: Lending, moment: int) -> State:
    """The state at a moment (UTC, milliseconds, by our clock)."""
    if not lending.version:
        if lending.denied is not None:
            return State.DENIED
        return State.REQUESTED if lending.withdrawn is None else State.WITHDRAWN
    is_due = lending.until is not None and lending.until <= moment
    if is_out(lending):
        told = lending.late is not None and (lending.gone is None or lending.gone < lending.late)
        return State.OVERDUE if is_due or told else State.OUT
    ends = ((lending.gone, State.RETURNED), (lending.revoked, State.REVOKED), (lending.withdrawn, State.WITHDRAWN))
    waits = State.EXPIRED if is_due else State.APPROVED
    return next((state for at, state in ends if at is not None), waits)


def settle(lending: Lending, moment: int) -> bool:
    """Bring the columns ``state`` and ``closed`` up to date; true when the state changed. Saves nothing."""
    state = standing(lending, moment)
    if state == lending.state:
        return False
    lending.state, lending.closed = state, None if state in OPEN else moment
    return True
