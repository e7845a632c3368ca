"""A collector of its own for every test: the migrated database is made once and copied."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

_FOLDER = tempfile.TemporaryDirectory(prefix="shoumi-service-")
HOME = Path(_FOLDER.name) / "home"


def _prepare():
    """Settings are read once in a process, so there is one home; its database is put back before every test."""
    from django.contrib.auth.hashers import Argon2PasswordHasher

    from service.initialise import prepare

    Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost = 1, 64  # slowness is not what is tested
    before = os.environ.get("SHOUMI_HOME")
    made = prepare(HOME, None, [], want_token=True, say=lambda text: None)
    if before is None:
        del os.environ["SHOUMI_HOME"]
    else:
        os.environ["SHOUMI_HOME"] = before
    from django.conf import settings
    from django.db import connections

    settings.ALLOWED_HOSTS.append("testserver")
    connections.close_all()
    shutil.copytree(HOME, Path(_FOLDER.name) / "fresh")
    passwords = {login["username"]: login["password"] for login in made["logins"]}
    return Path(_FOLDER.name) / "fresh", passwords, made["token"]


FRESH, PASSWORDS, TOKEN = _prepare()  # as `init` left it; the one-time passwords; a token for one agent


@pytest.fixture
def home():
    """The folder of a collector as `init` left it."""
    from django.db import connections
    from django.utils import translation

    from service.audit import services as audit
    from service.audit.chain import NOTHING
    from service.ingest.views import enrolments
    from service.officers.views import tries

    connections.close_all()
    shutil.rmtree(HOME)
    shutil.copytree(FRESH, HOME)
    audit._verified = (0.0, NOTHING)
    enrolments.clear()
    tries.clear()
    with translation.override("zh-hans"):
        yield HOME
    connections.close_all()


@pytest.fixture
def officers(home):
    """The three and an approver, each with an own password and a second factor, as after their first login."""
    from django_otp.plugins.otp_totp.models import TOTPDevice

    from service.officers.models import Officer

    Officer.objects.create(username="approver", role="approver", department="研发一部", name="部门负责人")
    Officer.objects.update(has_own_password=True)
    for officer in Officer.objects.all():
        TOTPDevice.objects.create(user=officer, name="app", confirmed=True)
    return {officer.role: officer for officer in Officer.objects.all()}


@pytest.fixture
def enter(officers):
    """A function: a browser in which an officer, or the one of a role, is logged in."""
    from django.test import Client
    from django_otp import DEVICE_ID_SESSION_KEY
    from django_otp.plugins.otp_totp.models import TOTPDevice

    def enter(role, language="zh-hans", **options):
        officer = officers[role] if isinstance(role, str) else role
        client = Client(**options)
        client.cookies["shoumi_language"] = language
        client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session[DEVICE_ID_SESSION_KEY] = TOTPDevice.objects.get(user=officer).persistent_id
        session.save()
        return client

    return enter


@pytest.fixture
def post(home):
    """A function that carries an agent's request to the views: (status, headers, body)."""
    from django.test import Client

    client = Client()

    def post(path, body, headers):
        names = {"content_type": "application/json", "headers": headers}
        answer = client.post(path, data=body, **names)
        return answer.status_code, answer.headers, answer.content

    return post


@pytest.fixture
def token(home):
    """An enrolment token for many agents."""
    from service.fleet.services import make_token

    return make_token("研发一部", 50, 3)


@pytest.fixture
def agent(post, token):
    """An enrolled agent."""
    from tests.service.factory import Agent

    made = Agent(post)
    assert made.enrol(token)[0] == 200
    return made
