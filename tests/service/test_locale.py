import re

import pytest

from tests.service import messages

NAMED = re.compile(r"%\((\w+)\)[sd]")


def test_every_message_used_is_translated_and_none_is_left_over():
    translated = {message.id: message.string for message in messages.read() if message.id}
    assert messages.used() == set(translated)
    assert not [key for key, text in translated.items() if not text or not all(text)]


def test_the_compiled_catalogue_is_that_of_the_words():
    assert messages.MO.read_bytes() == messages.compiled(messages.read())


def test_translations_fill_in_the_same_things():
    for message in messages.read():
        if message.id:
            english = message.id[1] if isinstance(message.id, tuple) else message.id
            chinese = message.string[0] if isinstance(message.string, tuple) else message.string
            assert set(NAMED.findall(english)) == set(NAMED.findall(chinese)), english


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "登录"), ("en", "Log in")])
def test_the_choice_of_language_is_remembered(home, client_of, language, word):
    client = client_of()
    client.post("/language/", {"language": language, "next": "/login/"})
    assert f"<h1>{word}</h1>" in client.get("/login/", headers={"Accept-Language": "fr"}).content.decode()


@pytest.fixture
def client_of():
    from django.test import Client

    return Client
