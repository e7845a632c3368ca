"""What an agent tells the collector: OCSF Data Security Findings and the requests around them.

Source: OCSF schema 1.8.0, class 2006 (Data Security Finding). Field names and numbers are the schema's; what it has no
word for (marks, zones, quarantine) stands in ``unmapped`` under our own names. No field ever holds a raw value or the
content of a document: excerpts are masked and digests keyed before an event is made.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from config.levels import Level
from config.text import Text
from config.verdict import Coverage, Finding, Mark

CLASS_UID = 2006
MAX_EVENTS = 200  # a batch; measured: larger ones gain nothing and hold the writer longer
MAX_BYTES = 256 * 2**10  # a batch before compression
MAX_EVENT_BYTES = 64 * 2**10


class Action(StrEnum):
    """What policy wants done with a violation."""

    ALLOW = "allow"
    WARN = "warn"
    ASK = "ask"
    BLOCK = "block"
    QUARANTINE = "quarantine"


class Kind(StrEnum):
    """What an incident is about."""

    VIOLATION = "violation"  # a document above the clearance of its place
    UNINSPECTED = "uninspected"  # a document that could not be read, in a place where that matters


class Done(StrEnum):
    """What really happened to the file."""

    QUARANTINED = "quarantined"  # sealed, and gone from the zone
    LEFT = "left"  # still there: policy only warns
    HELD = "held"  # still there: it could not be sealed; the agent keeps trying
    GONE = "gone"  # seen, and away before it could be sealed
    REFUSED = "refused"  # it never landed: there was nothing to take away
    RELEASED = "released"  # it went through, because a grant covers it


class Channel(StrEnum):
    """By what way a file leaves: kinds of places that are not this computer's own disks."""

    REMOVABLE = "removable"  # a stick, card or external disk
    PHONE = "phone"  # a telephone or camera over MTP or PTP
    SHARE = "share"  # a file system of another machine
    BURNER = "burner"  # a drive that writes discs
    SYNC = "sync"  # a folder that a program copies to elsewhere


class Product(msgspec.Struct, frozen=True):
    name: str = "shoumi"
    version: str = ""


class Metadata(msgspec.Struct, frozen=True):
    uid: str  # the event's own id: the same event sent twice is stored once
    version: str = "1.8.0"
    product: Product = Product()


class FindingInfo(msgspec.Struct, frozen=True):
    uid: str  # equal for repeats of the same copy: they make one incident
    title: str
    types: tuple[Kind, ...]


class User(msgspec.Struct, frozen=True):
    name: str
    full_name: str = ""
    uid: str = ""


class Actor(msgspec.Struct, frozen=True):
    user: User
    app_name: str = "shoumi agent"


class Device(msgspec.Struct, frozen=True):
    hostname: str
    type_id: int = 0
    os: str = ""


class Fingerprint(msgspec.Struct, frozen=True):
    value: str
    algorithm_id: int = 3  # SHA-256


class File(msgspec.Struct, frozen=True):
    name: str  # masked
    path: str  # the folder as it is, the name masked
    size: int
    mime_type: str
    type_id: int = 1  # regular file
    hashes: tuple[Fingerprint, ...] = ()


class DataSecurity(msgspec.Struct, frozen=True):
    category_id: int  # 2 governmental, 4 business, 1 personal
    confidentiality_id: int
    confidentiality: str  # the level as the document words it
    data_lifecycle_state_id: int = 2  # in transit
    detection_system_id: int = 1  # endpoint


class Medium(msgspec.Struct, frozen=True):
    """The removable medium, share, telephone or synchronised folder a zone lies on; unknown parts are empty."""

    mount: str = ""
    bus: str = ""
    vendor: str = ""
    product: str = ""
    serial: str = ""
    label: str = ""
    filesystem: str = ""
    uuid: str = ""
    channel: Channel = Channel.REMOVABLE

    @property
    def name(self) -> str:
        """What a person calls it: maker and model with the end of the serial number, else its label, else its place."""
        model = " ".join(part for part in (self.vendor, self.product) if part)
        if model:
            return f"{model} {self.serial[-4:]}".strip()
        return self.label or self.serial or self.mount


class Circumstances(msgspec.Struct, frozen=True):
    """What OCSF has no field for."""

    kind: Kind
    level: Level
    zone: str
    zone_text: Text
    clearance: Level
    action: Action
    done: Done
    rule: str  # the line of policy that decided
    reason: Text
    ticket: str  # the number that staff were told, such as 2026-1123-07
    place: str  # where in the zone, for people: the folder
    medium: Medium | None = None
    marks: tuple[Mark, ...] = ()
    findings: tuple[Finding, ...] = ()
    coverage: Coverage = Coverage()
    quarantine: str = ""  # id of the sealed original
    after_the_fact: bool = True  # the copy had landed before it was removed


class Event(msgspec.Struct, frozen=True):
    """One Data Security Finding; ``time`` is UTC in milliseconds by the agent's clock."""

    time: int
    metadata: Metadata
    finding_info: FindingInfo
    severity_id: int
    message: str
    actor: Actor
    device: Device
    file: File
    data_security: DataSecurity
    unmapped: Circumstances
    action_id: int
    disposition_id: int
    confidence_id: int = 3
    status_id: int = 1
    is_alert: bool = True
    activity_id: int = 1
    category_uid: int = 2
    class_uid: int = CLASS_UID
    type_uid: int = CLASS_UID * 100 + 1


SEVERITY = {  # OCSF severity_id: 1 informational ... 5 critical
    Level.PUBLIC: 2,
    Level.INTERNAL: 3,
    Level.CONFIDENTIAL: 3,
    Level.SECRET: 4,
    Level.TOP_SECRET: 5,
}
CONFIDENTIALITY = {  # OCSF confidentiality_id
    Level.PUBLIC: 1,
    Level.INTERNAL: 6,
    Level.CONFIDENTIAL: 2,
    Level.SECRET: 3,
    Level.TOP_SECRET: 4,
}


class Refusal(msgspec.Struct, frozen=True):
    """One event of a batch that the collector will never take."""

    index: int
    reason: str


class Receipt(msgspec.Struct, frozen=True):
    """The answer to a batch, sent after it is committed."""

    accepted: int
    duplicate: int = 0
    refused: tuple[Refusal, ...] = ()


class Enrolment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An agent asks to be known. ``public_key`` is the raw Ed25519 key in base64; ``token`` came from an officer."""

    token: str
    public_key: str
    hostname: str
    os: str
    version: str


class Enrolled(msgspec.Struct, frozen=True):
    """The collector's answer: ``recipient`` is the officers' age key, to which quarantined files are sealed."""

    agent_id: str
    department: str
    recipient: str
    server_time: int  # UTC, milliseconds
    signers: tuple[str, ...] = ()  # public keys (hex) whose registers the agent is to use from now on
    lenders: tuple[str, ...] = ()  # public keys (hex) whose grants it is to believe; never used for registers


class Heartbeat(msgspec.Struct, frozen=True):
    """How an agent is, every minute. Sets the health an administrator sees; holds nothing of any document."""

    version: str
    started: int  # UTC, milliseconds
    time: int  # UTC, milliseconds, by the agent's clock
    spool: int  # events not yet delivered
    parked: int  # events the collector refused, kept on the PC
    quarantined: int
    inspected: int  # files since the start
    uninspected: int
    policy: str  # version and short digest of the policy in force
    sandbox: dict[str, bool] = {}  # which layers hold
    watched: int = 0  # zones
    problems: tuple[Text, ...] = ()  # what is wrong now, in words
    registers: dict[str, int] = {}  # name and version of each signed register in use
    guard: dict[str, str] = {}  # what prevention rests on here, by name (config.guarding): "yes", or why not in English


class Pulse(msgspec.Struct, frozen=True):
    """The collector's answer to a heartbeat."""

    server_time: int  # UTC, milliseconds
    registers: str = ""  # changes with the list of registers that can be fetched
    lending: str = ""  # changes with this agent's requests and grants
