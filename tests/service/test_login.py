import base64
import re
import time

import pytest
from django.test import Client
from django_otp.oath import totp

from tests.service.conftest import PASSWORDS

OWN = "a quiet river at noon"


@pytest.fixture
def client(home):
    return Client()


def sign_in(client, name, password):
    return client.post("/login/", {"username": name, "password": password})


def code(secret, steps=0):
    return f"{totp(base64.b32decode(secret), t0=-30 * steps):06d}"


def first_login(client, name="officer"):
    """All steps of a first login; the key of the second factor."""
    assert sign_in(client, name, PASSWORDS[name])["Location"] == "/login/password/"
    answer = client.post("/login/password/", {"password": OWN, "again": OWN})
    assert answer["Location"] == "/login/bind/"
    secret = re.search(r'data-secret="(\w+)"', client.get("/login/bind/").content.decode())[1]
    answer = client.post("/login/bind/", {"code": code(secret)})
    assert answer["Location"] == "/login/recovery/"
    return secret


def acts():
    from service.audit.models import Record

    return list(Record.objects.order_by("seq").values_list("act", flat=True))


def test_from_a_one_time_password_to_the_console(client):
    secret = first_login(client)
    page = client.get("/login/recovery/").content.decode()
    assert len(re.findall(r"<li><code>(\w{10})</code>", page)) == 8
    assert client.post("/login/recovery/")["Location"] == "/"
    assert client.get("/").status_code == 200
    assert client.get("/login/recovery/")["Location"] == "/"  # shown once
    assert acts()[-3:] == ["password.set", "totp.set", "login"]
    client.post("/logout/")
    assert client.get("/")["Location"].startswith("/login/")
    assert sign_in(client, "officer", PASSWORDS["officer"]).status_code == 200  # the one-time password is spent
    assert sign_in(client, "officer", OWN)["Location"] == "/login/code/"
    assert client.get("/incidents/")["Location"] == "/login/code/"
    assert client.post("/login/code/", {"code": code(secret, 1)})["Location"] == "/"
    assert client.get("/incidents/").status_code == 200


def test_the_page_that_was_wanted_comes_after_the_login(client):
    wanted = client.get("/incidents/?state=new")["Location"]
    assert wanted == "/login/?next=/incidents/%3Fstate%3Dnew"
    client.get(wanted)
    first_login(client)
    assert client.post("/login/recovery/")["Location"] == "/incidents/?state=new"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"])
def test_nobody_is_sent_elsewhere_after_the_login(client, elsewhere):
    client.get("/login/", {"next": elsewhere})
    first_login(client)
    assert client.post("/login/recovery/")["Location"] == "/"


def test_the_session_changes_with_each_step(client):
    client.get("/login/", {"next": "/incidents/"})
    names = [client.cookies["shoumi"].value]
    sign_in(client, "officer", PASSWORDS["officer"])
    names.append(client.cookies["shoumi"].value)
    client.post("/login/password/", {"password": OWN, "again": OWN})
    names.append(client.cookies["shoumi"].value)
    secret = re.search(r'data-secret="(\w+)"', client.get("/login/bind/").content.decode())[1]
    client.post("/login/bind/", {"code": code(secret)})
    names.append(client.cookies["shoumi"].value)
    assert len(set(names)) == 4


@pytest.mark.parametrize("new", ["short", "123456789012", "password1234", "officer12345"])
def test_weak_passwords_are_refused_in_words(client, new):
    sign_in(client, "officer", PASSWORDS["officer"])
    answer = client.post("/login/password/", {"password": new, "again": new})
    assert answer.status_code == 200
    assert 'class="error"' in answer.content.decode()


def test_the_one_time_password_cannot_stay(client):
    sign_in(client, "officer", PASSWORDS["officer"])
    answer = client.post("/login/password/", {"password": PASSWORDS["officer"], "again": PASSWORDS["officer"]})
    assert answer.status_code == 200
    assert client.post("/login/password/", {"password": OWN, "again": OWN + "x"}).status_code == 200


def test_a_password_alone_can_neither_be_changed_nor_bound_anew(client, officers):
    client.force_login(officers["officer"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.post("/login/password/", {"password": OWN, "again": OWN})["Location"] == "/login/code/"
    assert client.post("/login/bind/", {"code": "000000"})["Location"] == "/login/code/"
    officers["officer"].refresh_from_db()
    assert not officers["officer"].check_password(OWN)


def test_a_code_works_once(client):
    secret = first_login(client)
    client.post("/logout/")
    sign_in(client, "officer", OWN)
    used = code(secret)  # the one that bound the app
    assert client.post("/login/code/", {"code": used}).status_code == 200
    time.sleep(1.1)  # a wrong code makes the next one wait
    assert client.post("/login/code/", {"code": code(secret, 1)}).status_code == 302


def test_a_recovery_code_works_once(client):
    first_login(client)
    codes = client.session["recovery"]
    for tries, expected in ((1, 302), (2, 200)):
        client.post("/logout/")
        sign_in(client, "officer", OWN)
        assert client.post("/login/code/", {"code": codes[0]}).status_code == expected, tries
    assert "totp.recovery" in acts()


def test_five_failures_lock_until_released(client, enter, officers):
    officers["officer"].set_password(OWN)
    officers["officer"].save()
    for _ in range(4):
        assert sign_in(client, "officer", "wrong").status_code == 200
    assert sign_in(client, "officer", "wrong").status_code == 403
    answer = sign_in(client, "officer", OWN)  # the right one comes too late, from wherever
    assert answer.status_code == 403
    assert "锁定" in answer.content.decode()
    assert sign_in(Client(REMOTE_ADDR="10.9.8.7"), "officer", OWN).status_code == 403
    assert acts().count("login.failed") == 5
    assert acts().count("login.locked") == 1
    admin = enter("sysadmin")
    assert "已锁定" in admin.get("/officers/").content.decode()
    admin.post(f"/officers/{officers['officer'].pk}/release/")
    assert sign_in(client, "officer", OWN)["Location"] == "/login/code/"
    assert acts()[-1] == "officer.released"


def test_wrong_codes_lock_too_and_a_right_password_does_not_forgive(client, officers):
    officers["officer"].set_password(OWN)
    officers["officer"].save()
    for _ in range(3):
        sign_in(client, "officer", "wrong")
    assert sign_in(client, "officer", OWN)["Location"] == "/login/code/"
    assert client.post("/login/code/", {"code": "000000"}).status_code == 200
    assert client.post("/login/code/", {"code": "000000"}).status_code == 403
    assert client.post("/login/code/", {"code": "000000"}).status_code == 403


def test_a_name_nobody_has_is_not_written_down(client):
    from service.audit.models import Record

    sign_in(client, "my-secret-password-in-the-wrong-field", "x")
    last = Record.objects.latest("seq")
    assert (last.act, last.object) == ("login.failed", "")
    assert not Record.objects.filter(detail__contains="secret").exists()


def test_trying_many_names_is_slow(client):
    from service.officers.views import tries

    tries.count, before = 3, tries.count
    try:
        assert [sign_in(client, f"n{i}", "x").status_code for i in range(4)] == [200, 200, 200, 429]
    finally:
        tries.count = before


def test_forwarding_headers_are_not_believed(client):
    from axes.models import AccessAttempt

    client.post("/login/", {"username": "officer", "password": "x"}, headers={"X-Forwarded-For": "10.1.2.3"})
    assert AccessAttempt.objects.get().ip_address == "127.0.0.1"


def test_no_password_and_no_code_reaches_the_database(client, officers, home):
    sign_in(client, "officer", "hunter2-hunter2")
    client.force_login(officers["officer"], backend="django.contrib.auth.backends.ModelBackend")
    client.post("/login/code/", {"code": "918273"})
    everything = b"".join(path.read_bytes() for path in home.glob("collector.db*"))
    assert b"hunter2-hunter2" not in everything
    assert b"918273" not in everything


def test_a_reset_starts_anew_and_is_seen_by_the_auditor(enter, officers):
    before = enter("officer")
    assert before.get("/").status_code == 200
    page = enter("sysadmin").post(f"/officers/{officers['officer'].pk}/reset/").content.decode()
    password = re.search(r'id="one-time-password">([\w-]+)<', page)[1]
    assert before.get("/").status_code == 302  # sessions end with the password
    assert sign_in(Client(), "officer", password)["Location"] == "/login/password/"
    assert "重置登录" in enter("auditor").get("/audit/").content.decode()


def test_nobody_resets_the_own_sign_in_in_the_console(enter, officers):
    admin = enter("sysadmin")
    answer = admin.post(f"/officers/{officers['sysadmin'].pk}/reset/", follow=True)
    assert "shoumi collector officer reset" in answer.content.decode()
    assert admin.get("/").status_code == 200


def test_changing_the_password_needs_the_old_one_and_ends_other_sessions(enter, officers):
    officers["officer"].set_password(OWN)
    officers["officer"].save()
    here, there = enter("officer"), enter("officer")
    new = "a different river at dusk"
    assert here.post("/account/", {"current": "x", "password": new, "again": new}).status_code == 200
    assert here.post("/account/", {"current": OWN, "password": new, "again": new}).status_code == 302
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302


def test_leaving_is_a_post_with_its_token(enter):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = enter("officer").cookies
    assert strict.get("/logout/").status_code == 405
    assert strict.post("/logout/").status_code == 403
    assert strict.get("/").status_code == 200


def test_a_session_ends_by_the_clock(client):
    sign_in(client, "officer", PASSWORDS["officer"])
    assert client.session.get_expiry_age() <= 900  # half a login is soon forgotten
    client.post("/logout/")
    first_login(client)
    end = client.session.get_expiry_date()
    client.post("/account/", {"current": "x", "password": OWN, "again": OWN})
    client.post("/login/recovery/")  # changes the session, and does not make it longer
    assert abs((client.session.get_expiry_date() - end).total_seconds()) < 1
    assert 0 < client.session.get_expiry_age() <= 8 * 3600
    session = client.session
    session.set_expiry(-1)
    session.save()
    assert client.get("/").status_code == 302
