"""The rules: who may allow what, and where a lending stands."""

import itertools

import pytest

from config import events
from config.levels import Level
from tests.service.factory import DEVICES, STICKS, Agent
from tests.service.lendings import DAY, acted, asked, decisions, now_ms, opened, tell
from tests.service.test_approvals_wire import row, yes


@pytest.fixture
def services():
    from service.approvals import services

    return services


@pytest.fixture
def reach():
    from service.approvals import reach

    return reach


@pytest.fixture
def clock(monkeypatch, services):
    """A function that sets the collector's clock some days ahead."""

    def ahead(days):
        monkeypatch.setattr(services, "now", lambda: now_ms() + int(days * DAY))

    return ahead


@pytest.fixture
def person(officers):
    """A function: one more officer."""
    from service.officers.models import Officer

    def person(username, role="officer", **fields):
        return Officer.objects.create(username=username, role=role, **fields)

    return person


@pytest.fixture
def lent(agent, officers):
    """A function: a request, approved; its id."""

    def lent(**changes):
        one = asked(**changes)
        tell(agent, one)
        yes(one.id, officers["officer"])
        return one.id

    return lent


def audit():
    from service.audit.models import Record

    return list(Record.objects.filter(act__startswith="lending.").order_by("seq").values_list("act", flat=True))


def test_nobody_approves_an_own_request(agent, officers, person, services, reach):
    own = [
        (officers["officer"], events.User("officer")),
        (officers["officer"], events.User("OFFICER", "某人")),
        (officers["officer"], events.User("CORP\\officer")),
        (officers["approver"], events.User("zhang3", "部门 负责人")),
        (person("li", name="李某"), events.User("lixm", "李某")),
    ]
    for by, user in own:
        one = asked(user=user)
        tell(agent, one)
        for decide in (
            lambda uid=one.id, by=by: yes(uid, by),
            lambda uid=one.id, by=by: services.deny(row(uid).pk, 1, by, "不同意"),
        ):
            with pytest.raises(services.ForbiddenError, match="本人"):
                decide()
        assert row(one.id).state == "requested"
        assert row(one.id) not in reach.waiting_for(by)
    assert reach.waiting_for(person("wang")).count() == len(own)
    assert set(audit()) == {"lending.asked"}


@pytest.mark.parametrize("role", ["sysadmin", "auditor"])
def test_the_other_roles_decide_nothing(agent, officers, services, role, reach):
    one = asked()
    tell(agent, one)
    by = officers[role]
    for decide in (
        lambda: yes(one.id, by),
        lambda: services.deny(1, 1, by, "x"),
        lambda: services.revoke(1, 1, by),
    ):
        with pytest.raises(services.ForbiddenError):
            decide()
    assert reach.waiting_for(officers["sysadmin"]).count() == 0
    assert reach.visible(officers["sysadmin"]).count() == 0


def test_somebody_who_has_left_decides_nothing(agent, officers, services):
    one = asked()
    tell(agent, one)
    officers["officer"].is_active = False
    with pytest.raises(services.ForbiddenError):
        yes(one.id, officers["officer"])


def test_an_approver_decides_for_the_own_department_alone(agent, officers, post, services, reach):
    from service.approvals.models import Lending
    from service.fleet.services import make_token

    finance = Agent(post, DEVICES[2])
    finance.enrol(make_token("财务处", 1, 1))
    nowhere = Agent(post, DEVICES[3])
    nowhere.enrol(make_token("", 1, 1))
    mine, theirs, nobodys = asked(), asked(), asked()
    tell(agent, mine)
    tell(finance, theirs)
    tell(nowhere, nobodys)
    by = officers["approver"]
    assert [one.uid for one in reach.visible(by)] == [mine.id]
    for uid in (theirs.id, nobodys.id):
        for decide in (
            lambda uid=uid: yes(uid, by),
            lambda uid=uid: services.deny(row(uid).pk, 1, by, "x"),
            lambda uid=uid: services.revoke(row(uid).pk, 1, by),
        ):
            with pytest.raises(Lending.DoesNotExist):
                decide()
    assert yes(mine.id, by) == "approved"
    assert yes(theirs.id, officers["officer"]) == "approved"


def test_a_pc_that_moves_leaves_its_requests_with_the_department_they_were_made_in(agent, officers, reach, post):
    from service.fleet.services import make_token

    one, two = asked(), asked()
    tell(agent, one)
    agent.enrol(make_token("财务处", 1, 1))
    tell(agent, two)
    assert [each.uid for each in reach.visible(officers["approver"])] == [one.id]


def test_top_secret_needs_two_different_people(agent, officers, person, services, home, reach):
    one = asked(level=Level.TOP_SECRET, marks=("绝密★20年",))
    tell(agent, one)
    assert yes(one.id, officers["officer"], 2) == "requested"
    assert row(one.id).grant is None
    assert decisions(agent)[one.id].grant == ""
    assert row(one.id) not in reach.waiting_for(officers["officer"])
    assert row(one.id) in reach.waiting_for(officers["approver"])
    with pytest.raises(services.ForbiddenError):
        yes(one.id, officers["officer"])
    officers["officer"].name = "王某某"
    officers["officer"].save()
    with pytest.raises(services.ForbiddenError):
        yes(one.id, person("another-login", name="王某某"))
    assert yes(one.id, officers["approver"], 1) == "approved"
    _, grant = opened(decisions(agent)[one.id], home)
    assert grant.approved_by == ("officer", "approver")
    assert grant.until - grant.since == DAY  # the shorter of the two
    assert audit() == ["lending.asked", "lending.approved", "lending.approved"]


def test_the_second_approver_cannot_lengthen_what_the_first_gave(agent, officers, services):
    one = asked(level=Level.TOP_SECRET)
    tell(agent, one)
    yes(one.id, officers["officer"], 1)
    with pytest.raises(services.ForbiddenError):
        yes(one.id, officers["approver"], 2)


def test_the_database_itself_refuses_a_second_approval_of_one_person(agent, officers):
    from django.db import IntegrityError

    from service.approvals.models import Approval

    one = asked(level=Level.TOP_SECRET)
    tell(agent, one)
    yes(one.id, officers["officer"])
    with pytest.raises(IntegrityError):
        Approval.objects.create(lending=row(one.id), officer=officers["officer"], time=1, days=1)


def test_the_database_itself_lets_nothing_out_without_a_grant(agent):
    from django.db import IntegrityError

    from service.approvals.models import Lending

    tell(agent, asked())
    for state in ("approved", "out", "overdue"):
        with pytest.raises(IntegrityError):
            Lending.objects.update(state=state)


@pytest.mark.parametrize(
    ("days", "given", "good"), [(2, 2, 1), (2, 1, 1), (1, 2, 0), (30, 2, 1), (30, 3, 0), (2, 0, 0)]
)
def test_how_long_is_bounded_by_the_setting_and_by_what_was_asked(agent, officers, services, days, given, good):
    one = asked(days=days)
    tell(agent, one)
    if good:
        yes(one.id, officers["officer"], given)
        assert row(one.id).until - row(one.id).approved == given * DAY
    else:
        with pytest.raises(services.ForbiddenError):
            yes(one.id, officers["officer"], given)


def test_no_needs_a_reason(agent, officers, services):
    one = asked()
    tell(agent, one)
    with pytest.raises(services.ForbiddenError):
        services.deny(row(one.id).pk, 1, officers["officer"], "  ")
    services.deny(row(one.id).pk, 1, officers["officer"], " 请改用内网传输 ")
    decided = decisions(agent)[one.id]
    assert (decided.state, decided.note, decided.grant) == ("denied", "请改用内网传输", "")
    for decide in (lambda: yes(one.id, officers["officer"]), lambda: services.revoke(1, 2, officers["officer"])):
        with pytest.raises(services.ForbiddenError):
            decide()


def test_an_older_form_decides_nothing(agent, officers, services):
    one = asked(level=Level.TOP_SECRET)
    tell(agent, one)
    pk = row(one.id).pk
    services.approve(pk, 1, officers["officer"], 1)
    for decide in (
        lambda: services.approve(pk, 1, officers["approver"], 1),
        lambda: services.deny(pk, 1, officers["approver"], "x"),
        lambda: services.revoke(pk, 1, officers["approver"]),
    ):
        with pytest.raises(services.StaleError):
            decide()


def test_the_ordinary_way(agent, lent):
    uid = lent()
    assert row(uid).state == "approved"
    tell(agent, acted(uid, "used", left=0))
    assert (row(uid).state, row(uid).left, row(uid).closed) == ("out", 0, None)
    tell(agent, acted(uid, "seen"))
    assert row(uid).state == "out"
    tell(agent, acted(uid, "returned"))
    assert row(uid).state == "returned"
    assert row(uid).closed


def test_unused_and_past_its_time_it_expires_by_our_clock(agent, lent, clock):
    uid = lent()
    clock(1.9)
    assert decisions(agent)[uid].state == "approved"
    clock(2.1)
    assert decisions(agent)[uid].state == "expired"
    assert audit()[-1] == "lending.due"


def test_out_and_past_its_time_it_is_overdue_by_our_clock_and_recorded_once(agent, lent, clock, services):
    uid = lent()
    tell(agent, acted(uid, "used"))
    clock(2.1)
    for _ in range(3):
        services.due()
    assert row(uid).state == "overdue"
    assert audit().count("lending.due") == 1
    tell(agent, acted(uid, "erased", time=now_ms() + 1))
    assert row(uid).state == "returned"
    services.due()
    assert row(uid).state == "returned"


def test_the_pc_may_say_first_that_it_is_overdue(agent, lent):
    uid = lent()
    tell(agent, acted(uid, "used"), acted(uid, "overdue", time=now_ms() + 1))
    assert row(uid).state == "overdue"
    tell(agent, acted(uid, "returned", time=now_ms() + 2))
    assert row(uid).state == "returned"


def test_told_late_a_use_still_counts(agent, lent, clock):
    uid = lent()
    used = now_ms()
    clock(3)
    assert decisions(agent)[uid].state == "expired"
    tell(agent, acted(uid, "used", time=used))
    assert (row(uid).state, row(uid).closed) == ("overdue", None)
    assert row(uid).used == used


def test_the_order_in_which_acts_arrive_changes_nothing(agent, lent, clock):
    """Every order of one story ends where the story ends."""
    stories = {
        ("used", "erased"): "returned",
        ("used", "seen", "returned"): "returned",
        ("used", "returned", "used"): "out",
        ("erased", "used"): "out",
        ("used", "overdue", "erased"): "returned",
        ("used", "returned", "overdue"): "overdue",
        ("used", "returned", "seen"): "out",
    }
    for story, end in stories.items():
        for order in itertools.permutations(range(len(story))):
            uid = lent()
            begin = now_ms() - 60_000
            acts = [acted(uid, name, time=begin + number) for number, name in enumerate(story)]
            for number in order:
                tell(agent, acts[number])
            assert row(uid).state == end, (story, order)


def test_a_return_of_another_medium_proves_nothing(agent, lent):
    uid = lent()
    tell(agent, acted(uid, "used"))
    tell(agent, acted(uid, "returned", medium=STICKS[0], time=now_ms() + 1))
    assert row(uid).state == "out"
    tell(agent, acted(uid, "returned", medium=None, time=now_ms() + 2))
    assert row(uid).state == "returned"


def test_a_medium_without_a_serial_is_known_by_its_file_system(agent, lent):
    uid = lent(medium=STICKS[2])
    tell(agent, acted(uid, "used", medium=STICKS[2]))
    tell(agent, acted(uid, "returned", medium=STICKS[1], time=now_ms() + 1))
    assert row(uid).state == "out"
    tell(agent, acted(uid, "returned", medium=STICKS[2], time=now_ms() + 2))
    assert row(uid).state == "returned"


def test_an_act_without_a_grant_is_refused(agent, officers, services):
    one = asked()
    tell(agent, one)
    for name in ("used", "seen", "erased", "returned", "overdue"):
        bad = acted(one.id, name)
        assert tell(agent, bad)[1].refused == {bad.id: "nothing was granted"}
    services.deny(row(one.id).pk, 1, officers["officer"], "x")
    bad = acted(one.id, "used")
    assert tell(agent, bad)[1].refused == {bad.id: "nothing was granted"}
    assert row(one.id).state == "denied"


def test_the_person_withdraws(agent, officers, lent, services, home):
    one = asked()
    tell(agent, one, acted(one.id, "withdrawn"))
    assert row(one.id).state == "withdrawn"
    with pytest.raises(services.ForbiddenError):
        yes(one.id, officers["officer"])
    approved = lent()
    tell(agent, acted(approved, "withdrawn"))
    decided = decisions(agent)[approved]
    header, grant = opened(decided, home)
    assert (decided.state, header.version, grant.revoked) == ("withdrawn", 2, True)
    out = lent()
    tell(agent, acted(out, "used"), acted(out, "withdrawn"))
    assert row(out).state == "out"  # too late: the copy is there


def test_a_use_told_after_withdrawal_or_revocation_is_a_copy_that_is_out(agent, officers, lent, services):
    first, second = lent(), lent()
    before = now_ms()
    tell(agent, acted(first, "withdrawn"))
    services.revoke(row(second).pk, row(second).edition, officers["officer"])
    assert (row(first).state, row(second).state) == ("withdrawn", "revoked")
    tell(agent, acted(first, "used", time=before), acted(second, "used", time=before))
    assert (row(first).state, row(second).state) == ("out", "overdue")


def test_revoking_what_is_out_makes_it_due_at_once(agent, officers, lent, services, home):
    uid = lent()
    tell(agent, acted(uid, "used"))
    assert services.revoke(row(uid).pk, row(uid).edition, officers["officer"]) == "overdue"
    header, grant = opened(decisions(agent)[uid], home)
    assert (header.version, grant.revoked) == (2, True)
    with pytest.raises(services.ForbiddenError):
        services.revoke(row(uid).pk, row(uid).edition, officers["officer"])
    tell(agent, acted(uid, "erased", time=now_ms() + 1))
    assert row(uid).state == "returned"


def test_a_clock_far_ahead_does_not_return_what_is_taken_later(agent, lent):
    """What is told as of next year counts as of now."""
    uid = lent()
    tell(agent, acted(uid, "returned", time=now_ms() + 365 * DAY))
    used = now_ms() + 5
    while now_ms() <= used:
        pass
    tell(agent, acted(uid, "used", time=used))
    assert row(uid).state == "out"


def test_nothing_ever_forgets_a_copy_that_is_out(agent, officers, lent, services, clock):
    """Whatever happens after a use, only a proof of its absence closes the lending."""
    uid = lent(uses=9)
    tell(agent, acted(uid, "used"))
    clock(5)
    others = [acted(uid, "withdrawn"), acted(uid, "seen", time=now_ms() + 1), acted(uid, "overdue", time=now_ms() + 2)]
    for act in others:
        tell(agent, act)
        assert row(uid).closed is None, act
    services.revoke(row(uid).pk, row(uid).edition, officers["officer"])
    services.due()
    assert (row(uid).state, row(uid).closed) == ("overdue", None)


def together(*works):
    """Run them at the same moment, each with a database connection of its own; what each gave or raised."""
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    from django.db import connection

    start = Barrier(len(works))

    def run(work):
        start.wait(10)
        try:
            return work()
        except Exception as problem:
            return type(problem).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [one.result(30) for one in [pool.submit(run, work) for work in works]]


def test_of_two_who_decide_at_once_one_is_told_to_look_again(agent, officers, services):
    one = asked()
    tell(agent, one)
    pk = row(one.id).pk
    said = together(
        lambda: services.approve(pk, 1, officers["officer"], 2),
        lambda: services.deny(pk, 1, officers["approver"], "不同意") or "denied",
    )
    assert sorted(said) in (["StaleError", "approved"], ["StaleError", "denied"])
    assert row(one.id).state in said


def test_a_key_needed_by_many_at_once_is_made_once(home):
    from service.approvals.keys import lenders
    from service.home import find

    (home / "approvals.key").unlink()
    said = together(*[lambda: lenders(find(home))] * 6)
    assert len(set(said)) == 1
    assert len(said[0]) == 1
