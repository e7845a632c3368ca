"""Events and agents with invented content: nobody and nothing in them is real."""

import base64
import random
import secrets

import msgspec
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from config import events as wire
from config.levels import Level
from config.masking import mask_name
from config.signing import agent_id, sign, utc_now
from config.text import Text
from config.verdict import Coverage, Finding
from tests.events import mark as plain_mark

PEOPLE = [
    ("lixm", "李某"),
    ("wangjg", "王某某"),
    ("zhaohy", "赵某"),
    ("chenl", "陈某某"),
    ("sunzq", "孙某"),
    ("zhoum", "周某某"),
]
DEVICES = ["PC-YF-0112", "PC-YF-0127", "PC-CW-0031", "PC-ZH-0008", "PC-SC-0054"]
DOCUMENTS = [
    ("关于开展年度联合演练有关事项的通知.docx", "机密★10年", Level.SECRET, "10年"),
    ("某型装置总体设计方案（送审稿）.pdf", "绝密★20年", Level.TOP_SECRET, "20年"),
    ("第三季度经费使用情况汇总表.xlsx", "秘密★5年", Level.CONFIDENTIAL, "5年"),
    ("干部人事调整方案讨论稿.docx", "机密★5年", Level.SECRET, "5年"),
    ("内部通讯录2026版.xlsx", "内部资料", Level.INTERNAL, None),
]
STICKS = [
    wire.Medium("/media/lixm/KINGSTON", "usb", "Kingston", "DataTraveler 3.0", "E0D55EA5742F1", "KINGSTON", "exfat"),
    wire.Medium("/media/lixm/WORK", "usb", "SanDisk", "Ultra Fit", "4C530001230815", "WORK", "vfat", "6A1B-22F0"),
    wire.Medium("/media/lixm/9C33-6BBD", "usb", "", "", "", "", "vfat", "9C33-6BBD"),
]
ZONE = Text("unregistered removable medium", "未登记移动介质")
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def mark(text="机密★10年", level=Level.SECRET, term="10年", **changes):
    fields = {
        "term": term,
        "expires": "2036-10-01" if term else None,
        "reason": Text(
            "a complete state-secret mark at the upper left of the first page", "首页左上角有完整的国家秘密标志"
        ),
        "excerpt": f"000001 {text} 特急",
    }
    return plain_mark(text, level, **(fields | changes))


def finding(**changes):
    fields = {
        "rule": "cn.resident-id",
        "level": Level.CONFIDENTIAL,
        "confidence": 0.99,
        "where": "Sheet1!C7",
        "name": Text("resident identity number", "居民身份证号"),
        "excerpt": "身份证号码 1101**********1234，联系电话 138****0000",
        "count": 3,
        "reason": Text(
            "18 digits with a right check digit beside the words 身份证", "18位数字校验正确，且邻近“身份证”字样"
        ),
    }
    return Finding(**(fields | changes))


def event(
    *, minutes_ago=0, person=None, document=None, device=None, medium=STICKS[1], done=wire.Done.QUARANTINED, **changes
):
    """One event; ``changes`` go into ``unmapped`` where they are its fields, else into the event itself."""
    name, worded, level, term = document or DOCUMENTS[0]
    user, full_name = person or PEOPLE[0]
    device = device or DEVICES[0]
    now = utc_now()
    time = changes.pop("time", int(now.timestamp() * 1000) - minutes_ago * 60_000)
    folder = medium.mount if medium else "/srv/share/public"
    masked = mask_name(name)
    facts = {
        "kind": wire.Kind.VIOLATION,
        "level": level,
        "zone": "removable",
        "zone_text": ZONE,
        "clearance": Level.PUBLIC,
        "action": wire.Action.QUARANTINE,
        "done": done,
        "rule": "zones.removable.clearance",
        "reason": Text(
            f"it is marked {worded}, and unregistered removable medium may hold public files only",
            f"该文件标有“{worded}”，而未登记移动介质只能存放公开文件",
        ),
        "ticket": f"{now:%Y-%m%d}-{secrets.token_hex(3).upper()}",
        "place": folder,
        "medium": medium,
        "marks": (mark(worded, level, term),) if term else (),
        "findings": (),
        "coverage": Coverage(),
        "quarantine": secrets.token_hex(8) if done is wire.Done.QUARANTINED else "",
    }
    known = {key: changes.pop(key) for key in list(changes) if key in wire.Circumstances.__struct_fields__}
    fields = {
        "time": time,
        "metadata": wire.Metadata(secrets.token_hex(16), product=wire.Product(version="0.1.0")),
        "finding_info": wire.FindingInfo(secrets.token_hex(16), "a marked file", (wire.Kind.VIOLATION,)),
        "severity_id": wire.SEVERITY[level],
        "message": "a marked file",
        "actor": wire.Actor(wire.User(user, full_name, "1000")),
        "device": wire.Device(device, os="Linux 6.1"),
        "file": wire.File(
            masked, f"{folder}/{masked}", 48_231, DOCX, hashes=(wire.Fingerprint(secrets.token_hex(32)),)
        ),
        "data_security": wire.DataSecurity(2, wire.CONFIDENTIALITY[level], worded),
        "unmapped": wire.Circumstances(**(facts | known)),
        "action_id": 2,
        "disposition_id": 3,
    }
    return wire.Event(**(fields | changes))


def repeat(first, **changes):
    """The same copy once more."""
    ticket = f"{utc_now():%Y-%m%d}-{secrets.token_hex(3).upper()}"
    replace = msgspec.structs.replace
    facts = replace(first.unmapped, ticket=ticket, **changes)
    return replace(first, metadata=wire.Metadata(secrets.token_hex(16)), unmapped=facts, time=first.time + 1000)


def heartbeat(**changes):
    now = int(utc_now().timestamp() * 1000)
    fields = {
        "version": "0.1.0",
        "started": now - 3_600_000,
        "time": now,
        "spool": 0,
        "parked": 0,
        "quarantined": 2,
        "inspected": 1840,
        "uninspected": 12,
        "policy": "1 (0ab3f19c2d41)",
        "sandbox": {"network": True, "filesystem": True, "syscalls": True, "memory": True},
        "watched": 3,
    }
    return wire.Heartbeat(**(fields | changes))


class Agent:
    """One enrolled agent; ``post(path, body, headers)`` gives (status, headers, body), whatever carries it."""

    def __init__(self, post, device=DEVICES[0]):
        self.post, self.device = post, device
        self.key = Ed25519PrivateKey.generate()
        self.public = self.key.public_key().public_bytes_raw()
        self.id = agent_id(self.public)

    def enrol(self, token):
        asked = wire.Enrolment(token, base64.b64encode(self.public).decode(), self.device, "Linux 6.1", "0.1.0")
        return self.post("/api/v1/enrol", msgspec.json.encode(asked), {})

    def signed(self, path, body, headers=None, at=None):
        return self.post(path, body, {**(headers or {}), **sign(self.key, "POST", path, body, at or utc_now())})

    def send(self, events, key=None, at=None):
        body = pack(events)
        headers = {"Content-Encoding": "zstd", "Idempotency-Key": key or secrets.token_hex(16)}
        return self.signed("/api/v1/events", body, headers, at)

    def receipt(self, events, **options):
        status, _, answer = self.send(events, **options)
        assert status == 202, answer
        return msgspec.json.decode(answer, type=wire.Receipt)

    def beat(self, **changes):
        return self.signed("/api/v1/heartbeat", msgspec.json.encode(heartbeat(**changes)))


def pack(events):
    """A batch as it goes on the wire; an item that is bytes goes as it is."""
    bodies = [one if isinstance(one, bytes) else msgspec.json.encode(one) for one in events]
    return zstandard.compress(b"[" + b",".join(bodies) + b"]", 3)


def mixture(count, seed=7):
    """A believable morning."""
    choose = random.Random(seed)
    for number in range(count):
        document = choose.choice(DOCUMENTS)
        person, device = PEOPLE[number % len(PEOPLE)], DEVICES[number % len(DEVICES)]
        stick = choose.choice([*STICKS, None])
        extra = (
            {}
            if stick
            else {"zone": "share", "zone_text": Text("open share", "公共共享目录"), "clearance": Level.INTERNAL}
        )
        if document[3] is None:
            telephone = {"rule": "cn.mobile", "name": Text("mobile telephone number", "手机号码"), "count": 41}
            extra["findings"] = (finding(), finding(level=Level.INTERNAL, excerpt="联系电话 138****0000", **telephone))
        done = choose.choices([wire.Done.QUARANTINED, wire.Done.LEFT, wire.Done.HELD], [8, 1, 1])[0]
        if done is wire.Done.LEFT:
            extra["action"] = wire.Action.WARN
        yield event(
            minutes_ago=number * 37, document=document, person=person, device=device, medium=stick, done=done, **extra
        )
    yield event(
        minutes_ago=70,
        kind=wire.Kind.UNINSPECTED,
        level=Level.PUBLIC,
        document=("备份资料.zip", "公开", Level.PUBLIC, None),
        action=wire.Action.WARN,
        done=wire.Done.LEFT,
        coverage=Coverage(False, ("password: 附件一.docx",)),
        reason=Text(
            "it could not be read in full (needs a password: 附件一.docx)", "文件未能完整检查（需要密码：附件一.docx）"
        ),
        rule="zones.removable.on_uninspected",
    )
