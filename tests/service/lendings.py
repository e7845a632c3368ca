"""Requests and acts of PCs, with invented content, and the talk about them."""

import base64
import secrets

import msgspec
from django.test import Client

from config import events, lending
from config.levels import Level
from config.signing import sign, utc_now
from tests.service.factory import DEVICES, STICKS

DAY = lending.DAY_MS


def now_ms():
    return int(utc_now().timestamp() * 1000)


def asked(**changes):
    fields = {
        "id": secrets.token_hex(16),
        "time": now_ms(),
        "user": events.User("lixm", "李某", "1000"),
        "hostname": DEVICES[0],
        "file": "关于开…通知.docx",
        "sha256": secrets.token_hex(32),
        "size": 48_231,
        "level": Level.SECRET,
        "marks": ("机密★10年",),
        "medium": STICKS[1],
        "reason": "赴外地参加联合演练协调会，需现场使用。",
        "days": 2,
    }
    return lending.Asked(**(fields | changes))


def acted(grant, act, **changes):
    fields = {"id": secrets.token_hex(16), "grant": grant, "act": lending.Act(act), "time": now_ms(), "user": "lixm"}
    fields |= {"place": "/外出/关于开…通知.docx", "medium": STICKS[1]}
    return lending.Acted(**(fields | changes))


def tell(agent, *items, raw=None):
    """Requests and acts in one message: (status, Heard or the words of a refusal)."""
    told = lending.Told(
        tuple(one for one in items if isinstance(one, lending.Asked)),
        tuple(one for one in items if isinstance(one, lending.Acted)),
    )
    status, _, body = agent.signed(lending.PATH, raw if raw is not None else msgspec.json.encode(told))
    return status, msgspec.json.decode(body, type=lending.Heard) if status == 200 else body.decode()


def decisions(agent):
    """What the agent is told, by id."""
    answer = Client().get(lending.PATH, headers=sign(agent.key, "GET", lending.PATH, b"", utc_now()))
    assert answer.status_code == 200, answer.content
    told = msgspec.json.decode(answer.content, type=lending.Decisions)
    return {one.id: one for one in told.lendings}


def opened(decided, folder):
    """The grant in a decision, its signature checked as an agent does: (header, grant)."""
    from config.signed import verify
    from service.approvals.keys import lenders
    from service.home import find

    path = folder / "x.grant"
    path.write_bytes(base64.b64decode(decided.grant))
    header, begin = verify(path, lenders(find(folder)))
    return header, msgspec.json.decode(path.read_bytes()[begin:], type=lending.Grant)
