import os
from pathlib import Path

import msgspec
import pytest

from agent.report.event import finish, owner, readable_medium, ticket
from config.events import MAX_EVENT_BYTES, Channel, Done, Event, Medium
from config.levels import Level
from config.policy import Place
from config.signing import utc_now
from config.verdict import Coverage, Finding
from tests.events import STICK, event, mark


def test_an_event_is_an_ocsf_data_security_finding():
    made = msgspec.to_builtins(event(done=Done.QUARANTINED))
    assert (made["category_uid"], made["class_uid"], made["type_uid"], made["activity_id"]) == (2, 2006, 200601, 1)
    assert made["severity_id"] == 4
    assert made["disposition_id"] == 3
    assert made["data_security"]["confidentiality_id"] == 3
    assert made["data_security"]["confidentiality"] == "机密★10年"
    assert {"name", "type_id"} <= made["file"].keys()
    assert made["file"]["hashes"][0] == {"algorithm_id": 3, "value": "ab" * 32}
    assert made["metadata"]["product"]["name"] == "shoumi"
    assert abs(made["time"] / 1000 - utc_now().timestamp()) < 5


def test_it_survives_the_wire():
    made = event()
    assert msgspec.json.decode(msgspec.json.encode(made), type=Event) == made


def test_repeats_share_a_finding_and_other_copies_do_not():
    same = {event().finding_info.uid for _ in range(2)}
    assert len(same) == 1
    assert event().metadata.uid != event().metadata.uid
    other = event(place=Place(Path("/media/x/方案.docx"), msgspec.structs.replace(STICK, serial="other")))
    assert other.finding_info.uid not in same


def test_a_long_name_does_not_leave_the_pc():
    name = "关于某某重点工程秘密建设方案调整的请示.docx"
    made = event(path=f"/media/x/{name}", place=Place(Path(f"/media/x/{name}"), STICK))
    assert name.encode() not in msgspec.json.encode(made)
    assert made.file.name.endswith(".docx")


def test_an_event_of_a_huge_file_still_fits():
    findings = tuple(
        Finding(rule="x", level=Level.SECRET, confidence=1, where="w" * 4000, excerpt="e" * 4000) for _ in range(20)
    )
    marks = tuple(mark(excerpt="m" * 3000) for _ in range(20))
    made = finish(
        event(marks=marks, findings=findings, coverage=Coverage(False, ("corrupt: " + "p" * 3000,) * 50)), Done.LEFT
    )
    assert len(msgspec.json.encode(made)) <= MAX_EVENT_BYTES


def test_the_owner_of_a_file(tmp_path):
    (tmp_path / "a").touch()
    assert owner(tmp_path / "a").uid == str(os.getuid())


def test_a_ticket_can_be_said_on_the_phone():
    number = ticket(utc_now())
    assert len(number) == len("2026-1123-ABCDEF")
    assert not set("01OIL") & set(number.rpartition("-")[2])


@pytest.mark.parametrize(
    ("done", "action", "disposition", "after"),
    [
        (Done.QUARANTINED, 2, 3, True),
        (Done.LEFT, 3, 15, True),
        (Done.HELD, 3, 14, True),
        (Done.GONE, 3, 15, True),
        (Done.REFUSED, 2, 2, False),
        (Done.RELEASED, 1, 1, False),
    ],
)
def test_what_was_done_in_the_numbers_of_ocsf(done, action, disposition, after):
    made = event(done=done)
    assert (made.action_id, made.disposition_id, made.unmapped.after_the_fact) == (action, disposition, after)


def test_a_medium_of_any_bytes_keeps_its_channel():
    medium = Medium(label="a\udcffb", channel=Channel.PHONE)
    assert readable_medium(medium) == Medium(label="a\\xffb", channel=Channel.PHONE)
    assert readable_medium(None) is None
