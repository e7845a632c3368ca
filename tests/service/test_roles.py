"""Every address with every visitor."""

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern

from service.officers.roles import ROLES, Who
from tests.service.factory import event

PEOPLE = [Who.SYSADMIN, Who.OFFICER, Who.AUDITOR, Who.APPROVER]
ARGUMENTS = {"pk": 1, "name": "take", "register": "plans"}


def names(patterns, space=""):
    for one in patterns:
        if isinstance(one, URLPattern):
            yield space + (one.name or "?"), one
        else:
            yield from names(one.url_patterns, space + (f"{one.namespace}:" if one.namespace else ""))


ALL = dict(names(get_resolver().url_patterns))


def address(name):
    wanted = ALL[name].pattern.converters
    arguments = {key: "x" if name == "fleet:revoke" else ARGUMENTS[key] for key in wanted}
    return reverse(name, kwargs=arguments)


def test_the_table_lists_every_address_and_nothing_else():
    assert set(ALL) == set(ROLES)


def test_an_unlisted_address_is_open_to_nobody(enter, monkeypatch):
    monkeypatch.delitem(ROLES, "account" if "account" in ROLES else "officers:account")
    for role in PEOPLE:
        assert enter(role).get("/account/").status_code == 403


@pytest.mark.parametrize("name", sorted(ROLES))
def test_who_may_open_what(enter, agent, name):
    agent.receipt([event()])
    allowed = ROLES[name]
    if Who.AGENT in allowed:
        assert Client().post(address(name)).status_code in {400, 401, 405}  # whoever asks: without a signature, nothing
        return
    for method in ("get", "post"):
        answer = getattr(Client(), method)(address(name))
        if Who.ANONYMOUS not in allowed:
            assert answer.status_code == 302, (name, method)
            assert answer["Location"].startswith("/login/"), (name, method)
        for role in PEOPLE:
            answer = getattr(enter(role), method)(address(name))
            if role in allowed:
                assert answer.status_code in {200, 204, 302, 404, 405}, (name, role, method)
            elif Who.HALF in allowed:
                assert answer.status_code in {302, 403}, (name, role, method)
            else:
                assert answer.status_code == 403, (name, role, method)


def test_half_a_login_opens_nothing_of_the_console(officers):
    for role in PEOPLE:
        client = Client()
        client.force_login(officers[role], backend="django.contrib.auth.backends.ModelBackend")
        for name, allowed in ROLES.items():
            if Who.HALF not in allowed and Who.AGENT not in allowed:
                answer = client.get(address(name))
                assert (answer.status_code, answer["Location"]) == (302, "/login/code/"), name


def test_one_role_a_person_and_only_those_there_are(officers):
    from django.db import IntegrityError

    from service.officers.models import Officer

    with pytest.raises(IntegrityError):
        Officer.objects.create(username="x", role="superuser")
    assert not hasattr(Officer, "is_superuser")
