import base64

import msgspec
import pyrage
import pytest

from agent.home import find
from agent.report.identity import enrol, trust
from config.errors import RejectedError
from config.events import Enrolled, Enrolment
from config.signing import agent_id

OLD, NEW = "0a" * 32, "1b" * 32


def test_signers_are_added_and_none_is_lost(tmp_path):
    path = tmp_path / "signers"
    trust(path, ())
    assert not path.exists()
    trust(path, [OLD])
    trust(path, [NEW, OLD])
    assert path.read_text("ascii").split() == [OLD, NEW]


@pytest.mark.parametrize("wrong", ["", "0a" * 31, "0A" * 32, f"{OLD}\n{NEW}", "x" * 64])
def test_what_is_no_key_changes_nothing(tmp_path, wrong):
    path = tmp_path / "signers"
    path.write_text(OLD + "\n")
    with pytest.raises(RejectedError):
        trust(path, [NEW, wrong])
    assert path.read_text() == OLD + "\n"


class Collector:
    """One that enrols whoever asks."""

    def __init__(self, **answer):
        self.answer = answer

    def post(self, path, body):
        key = base64.b64decode(msgspec.json.decode(body, type=Enrolment).public_key)
        recipient = str(pyrage.x25519.Identity.generate().to_public())
        return msgspec.json.encode(Enrolled(agent_id(key), "", recipient, 0, **self.answer))


def test_those_who_may_lend_are_kept_apart_from_those_who_sign_registers(tmp_path):
    site = find(tmp_path)
    enrol(site.home, Collector(signers=(OLD,), lenders=(NEW,)), "token")
    assert (site.signers(), site.lenders()) == ((OLD,), (NEW,))
    enrol(site.home, Collector(), "token")
    assert (site.signers(), site.lenders()) == ((OLD,), (NEW,))


def test_an_older_collector_names_no_lenders(tmp_path):
    enrol(tmp_path, Collector(), "token")
    assert find(tmp_path).lenders() == ()


def test_a_lender_that_is_no_key_is_refused(tmp_path):
    with pytest.raises(RejectedError):
        enrol(tmp_path, Collector(lenders=("nobody",)), "token")
