"""A file's whole way through the agent, with the real sandbox, rules, quarantine and spool."""

import io
import os
import shutil
from datetime import date

import msgspec
import pyrage
import pytest
from rich.console import Console

from agent.act.notify import Notifier
from agent.act.quarantine import Quarantine
from agent.extract.sandbox.pool import Sandbox, Setup
from agent.pipeline import Pipeline
from agent.report.spool import Spool
from agent.sample import write_sample
from agent.watch.files import Found
from config.errors import QuarantineError
from config.events import Action, Done, Kind
from config.levels import Level
from config.limits import Limits
from config.policy import Match, Policy, Zone
from config.text import Text
from tests.events import STICK


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(Setup(Limits(), None, b"k" * 32, Level.INTERNAL), 1) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    path = tmp_path_factory.mktemp("sample") / "样本.docx"
    write_sample(path, date.today())
    return path


class Bench:
    """The parts around a pipeline, and a zone to put files into."""

    def __init__(self, tmp_path, sandbox, action=Action.QUARANTINE):
        self.zone = tmp_path / "zone"
        self.zone.mkdir()
        self.said = io.StringIO()
        policy = Policy(1, (Zone("stick", Level.PUBLIC, Match(path=str(self.zone)), on_violation=action),))
        notifier = self.notifier = Notifier(
            "zh", Text("Ask.", "请申请。"), stream=Console(file=self.said, width=400), desktop=False
        )
        self.quarantine = Quarantine(tmp_path / "q", str(pyrage.x25519.Identity.generate().to_public()))
        self.spool = Spool(tmp_path / "spool.db", reserve=0)
        self.pipeline = Pipeline(sandbox, policy, self.quarantine, self.spool, notifier)

    def put(self, source, name=None):
        return shutil.copy(source, self.zone / (name or source.name))

    def handle(self, name, *, first=False):
        return self.pipeline.handle(Found(self.zone / name, self.zone, STICK, first))

    def heard(self):
        self.notifier.finish()
        return self.said.getvalue()

    def events(self):
        return [event for _, _, event in self.spool.history()]


@pytest.fixture
def bench(tmp_path, sandbox):
    bench = Bench(tmp_path, sandbox)
    yield bench
    bench.spool.close()


def test_a_marked_copy_is_taken_told_and_reported_and_the_source_untouched(bench, sample):
    before = sample.read_bytes()
    bench.put(sample)
    assert bench.handle(sample.name)
    assert not (bench.zone / sample.name).exists()
    assert sample.read_bytes() == before
    (event,) = bench.events()
    facts = event.unmapped
    assert (facts.level, facts.zone, facts.done, facts.kind) == (
        Level.SECRET,
        "stick",
        Done.QUARANTINED,
        Kind.VIOLATION,
    )
    assert facts.marks[0].where == "page 1 line 2"
    assert bench.quarantine.list()[0].id == facts.quarantine
    assert "已阻止复制" in bench.heard()
    assert facts.ticket in bench.heard()
    assert list(bench.quarantine.unreported()) == []


def test_a_file_may_be_read_by_another_way_than_people_see(bench, sample, tmp_path):
    behind = tmp_path / "behind"
    behind.symlink_to(bench.zone)
    bench.pipeline.way = lambda path: behind / path.name
    bench.put(sample)
    assert bench.handle("样本.docx")
    (event,) = bench.events()
    assert event.file.path.startswith(str(bench.zone))
    assert not (bench.zone / "样本.docx").exists()


def test_a_clean_copy_passes_in_silence(bench, tmp_path):
    (bench.zone / "a.txt").write_text("hello")
    assert bench.handle("a.txt")
    assert (bench.zone / "a.txt").exists()
    assert bench.events() == []
    assert bench.heard() == ""
    assert bench.pipeline.inspected == 1


def test_an_unreadable_copy_is_left_told_and_reported_once_over_a_restart(bench, sample):
    (bench.zone / "b.docx").write_bytes(sample.read_bytes()[:300])
    assert bench.handle("b.docx")
    assert (bench.zone / "b.docx").exists()
    (event,) = bench.events()
    assert (event.unmapped.kind, event.unmapped.done) == (Kind.UNINSPECTED, Done.LEFT)
    assert bench.handle("b.docx", first=True)
    assert len(bench.events()) == 1, "what was there before the agent started, and was reported then"
    assert bench.pipeline.uninspected == 2


def test_a_copy_that_cannot_be_sealed_is_said_once_and_tried_again(bench, sample, monkeypatch):
    real = bench.quarantine.take

    def full(*_):
        raise QuarantineError(Text("the disk is full", "磁盘已满"))

    monkeypatch.setattr(bench.quarantine, "take", full)
    bench.put(sample)
    assert not bench.handle(sample.name)
    assert not bench.handle(sample.name)
    assert [event.unmapped.done for event in bench.events()] == [Done.HELD]
    assert (bench.zone / sample.name).exists()
    assert bench.pipeline.problem
    monkeypatch.setattr(bench.quarantine, "take", real)
    assert bench.handle(sample.name)
    assert [event.unmapped.done for event in bench.events()] == [Done.QUARANTINED, Done.HELD]
    assert bench.pipeline.problem is None
    assert len({event.finding_info.uid for event in bench.events()}) == 1, "one incident for the officer"


def test_a_warning_leaves_the_file(tmp_path, sandbox, sample):
    bench = Bench(tmp_path, sandbox, Action.WARN)
    bench.put(sample)
    assert bench.handle(sample.name)
    assert (bench.zone / sample.name).exists()
    assert bench.events()[0].unmapped.done is Done.LEFT
    bench.spool.close()


def test_allow_says_nothing(tmp_path, sandbox, sample):
    bench = Bench(tmp_path, sandbox, Action.ALLOW)
    bench.put(sample)
    assert bench.handle(sample.name)
    assert bench.events() == []
    bench.spool.close()


def test_a_violation_that_is_away_before_it_could_be_sealed_is_still_reported(bench, sample, monkeypatch):
    bench.put(sample)
    real = bench.quarantine.take

    def pulled(root, path, *rest):
        path.unlink()
        return real(root, path, *rest)

    monkeypatch.setattr(bench.quarantine, "take", pulled)
    assert bench.handle(sample.name)
    (event,) = bench.events()
    assert (event.unmapped.done, event.unmapped.level) == (Done.GONE, Level.SECRET)


def test_a_name_in_gbk_is_no_way_past(bench, sample):
    name = os.fsdecode("机密方案.docx".encode("gb18030"))
    bench.put(sample, name)
    assert bench.handle(name)
    assert not (bench.zone / name).exists()
    (event,) = bench.events()
    assert "\\x" in event.file.name
    assert bench.heard()


def test_a_terminal_that_is_closed_costs_no_event(bench, sample):
    class Closed:
        def write(self, _):
            raise BrokenPipeError

        def flush(self):
            raise BrokenPipeError

    bench.notifier._console = Console(file=Closed())
    for name in ("a.docx", "b.docx"):
        bench.put(sample, name)
        assert bench.handle(name)
    assert len(bench.events()) == 2


def test_files_that_cannot_be_read_are_told_one_by_one(bench, sample, monkeypatch):
    for name in ("a.bin", "b.bin"):
        (bench.zone / name).write_bytes(b"x")
    real = bench.pipeline._sandbox.verdict

    def slow(path, today):
        from msgspec.structs import replace

        from config.verdict import Coverage

        return replace(real(path, today), sha256="", coverage=Coverage(False, ("timeout",)))

    monkeypatch.setattr(bench.pipeline._sandbox, "verdict", slow)
    for name in ("a.bin", "b.bin"):
        assert bench.handle(name, first=True)
    assert len({event.finding_info.uid for event in bench.events()}) == 2


def test_a_file_that_changes_under_every_look_is_told_in_the_end(bench, sample, monkeypatch):
    (bench.zone / "log.txt").write_text("x")
    real = bench.pipeline._sandbox.verdict

    def restless(path, today):
        from msgspec.structs import replace

        from config.verdict import Coverage

        return replace(real(path, today), coverage=Coverage(False, ("changed while read",)))

    monkeypatch.setattr(bench.pipeline._sandbox, "verdict", restless)
    looks = [bench.handle("log.txt") for _ in range(5)]
    assert looks == [False] * 4 + [True]
    assert [event.unmapped.kind for event in bench.events()] == [Kind.UNINSPECTED]


def test_a_file_that_is_gone_is_no_trouble(bench):
    assert bench.handle("none.docx")
    assert bench.events() == []


def test_what_a_crash_interrupted_is_reported_at_the_next_start(bench, sample, monkeypatch):
    bench.put(sample)
    monkeypatch.setattr(bench.spool, "put", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        bench.handle(sample.name)
    monkeypatch.undo()
    assert bench.events() == []
    assert bench.pipeline.resume() == 1
    assert len(bench.events()) == 1
    assert bench.pipeline.resume() == 0


def test_no_raw_value_leaves_in_an_event(bench, sample):
    import msgspec

    from agent.sample import resident_number

    bench.put(sample)
    bench.handle(sample.name)
    wire = msgspec.json.encode(bench.events()[0]).decode()
    assert resident_number() not in wire
    assert resident_number()[6:14] not in wire
    assert "演练时间" not in wire, "no text of the document beyond the masked excerpt"


# what is lent


@pytest.fixture
def lent(bench, tmp_path, monkeypatch, sample):
    """A grant for the sample onto the stick, for whoever owns the files there."""
    import hashlib

    from agent.report.event import owner
    from config.signing import utc_now
    from tests.lendings import Bench as Lendings

    now = int(utc_now().timestamp() * 1000)
    store = Lendings(tmp_path, monkeypatch)
    store.wall.milliseconds = now
    store.sha256 = hashlib.sha256(sample.read_bytes()).hexdigest()
    store.medium = msgspec.structs.replace(STICK, serial="4C530001")
    changes = {"since": now - 1000, "until": now + 86_400_000, "serial": STICK.serial, "user": owner(tmp_path).name}
    store.grant = lambda **more: store.lend(sha256=store.sha256, **(changes | more))
    bench.pipeline.grants = store.grants
    yield store
    store.store.close()


def test_a_lent_copy_stays_and_its_use_is_recorded_once(bench, sample, lent):
    lent.grant()
    bench.put(sample)
    for _ in range(3):
        assert bench.handle(sample.name)
    assert (bench.zone / sample.name).exists()
    assert bench.events() == []
    assert [(act.value, left) for act, left, _ in lent.acts()] == [("used", 0)]
    assert "外借" in bench.heard()


def test_a_second_copy_than_was_lent_is_taken(bench, sample, lent):
    lent.grant()
    bench.put(sample)
    bench.handle(sample.name)
    bench.put(sample, "second.docx")
    assert bench.handle("second.docx")
    assert [path.name for path in bench.zone.iterdir()] == [sample.name]
    assert len(bench.events()) == 1


def test_a_lent_copy_may_be_renamed_on_its_medium(bench, sample, lent):
    lent.grant()
    bench.put(sample)
    bench.handle(sample.name)
    (bench.zone / sample.name).rename(bench.zone / "renamed.docx")
    assert bench.handle("renamed.docx")
    assert (bench.zone / "renamed.docx").exists()
    assert len(lent.acts()) == 1


@pytest.mark.parametrize(
    "other",
    [{"user": "somebody"}, {"serial": "other"}, {"level": Level.CONFIDENTIAL}, {"uses": 0}, {"revoked": True}],
    ids=str,
)
def test_another_grant_lets_nothing_stay(bench, sample, lent, other):
    lent.grant(**other)
    bench.put(sample)
    assert bench.handle(sample.name)
    assert not (bench.zone / sample.name).exists()
    assert [act for act, *_ in lent.acts()] == []


def test_a_copy_that_is_overdue_is_left_for_its_return(bench, sample, lent):
    made = lent.grant()
    bench.put(sample)
    bench.handle(sample.name)
    lent.wall.milliseconds = made.until + 1
    assert bench.handle(sample.name)
    assert (bench.zone / sample.name).exists()


def test_other_content_in_the_place_of_a_lent_copy_is_taken(bench, sample, lent, tmp_path):
    lent.grant()
    bench.put(sample)
    bench.handle(sample.name)
    (bench.zone / sample.name).write_bytes("机密★10年\n关于另一件事的通知\n".encode())
    assert bench.handle(sample.name)
    assert not (bench.zone / sample.name).exists()
