from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from config.errors import ConfigurationError
from config.events import Action, Channel, Medium
from config.levels import Level
from config.policy import LOCAL, Match, Place, fits, load_policy

SHIPPED = Path(config.__file__).parent / "policy.yaml"
HEAD = "version: 1\nzones:\n"
STICK = Medium(mount="/media/x", bus="usb", vendor="SanDisk", product="Ultra", serial="4C530001", label="WORK")


def write(tmp_path, text):
    path = tmp_path / "policy.yaml"
    path.write_text(text, "utf-8")
    return path


def test_the_shipped_policy_loads():
    from agent.home import SHIPPED_POLICY

    policy = load_policy(SHIPPED_POLICY)
    assert policy.zone(Place("/media/x", STICK)).clearance is Level.PUBLIC
    assert policy.warnings == ()
    assert policy.zone(Place("/home/x")) is LOCAL


@pytest.mark.parametrize(
    ("text", "line", "key", "en", "hint"),
    [
        ("version: 1\nzones:\n  - name: a\n    clearence: secret\n", 4, "zones[0]", "clearence", "clearance"),
        ("version: 1\nzones:\n  - name: a\n    clearance: secrte\n", 4, "clearance", "secrte", "secret"),
        ("version: one\nzones: []\n", 1, "version", "whole number", ""),
        ("zones: []\n", 1, "", "version", "add 'version:'"),
        ("version: 1\nversion: 2\nzones: []\n", 2, "version", "twice", "remove"),
        ("version: 1\nzones: [\n", 3, "", "", "indentation"),
        (
            "version: 1\nzones:\n  - {name: a, clearance: public}\n  - {name: b, clearance: public}\n",
            3,
            "match",
            "'b'",
            "end",
        ),
        (
            f"{HEAD}  - {{name: a, clearance: public, match: {{bus: usb}}}}\n  - {{name: a, clearance: public}}\n",
            4,
            "name",
            "twice",
            "name",
        ),
        ("version: 1\nzones:\n  - {name: local, clearance: public}\n", 3, "name", "twice", "local"),
        (
            "version: 1\nzones:\n  - {name: a, clearance: public, on_violation: shred}\n",
            3,
            "on_violation",
            "shred",
            "block",
        ),
        (
            "version: 1\nzones:\n  - {name: a, clearance: public, access: gate}\n",
            3,
            "access",
            "gate",
            "read_only",
        ),
        (
            "version: 1\nzones:\n  - {name: a, clearance: public, match: {channel: cloud}}\n",
            3,
            "channel",
            "cloud",
            "phone",
        ),
        ("version: 1\nlending: {days: 31}\nzones: []\n", 2, "lending.days", "too large", ""),
        ("version: 1\ncoaching:\n  secrte: {en: x, zh: x}\nzones: []\n", 3, "coaching.secrte", "secrte", "secret"),
        ("version: 1\ncoaching:\n  secret: {en: x, zh: ' '}\nzones: []\n", 3, "coaching.secret", "language", "zh"),
        ("version: 1\nzones: &a\n  - *a\n", 2, "zones", "itself", ""),
    ],
)
def test_a_broken_policy_says_file_line_key_and_hint(tmp_path, text, line, key, en, hint):
    with pytest.raises(ConfigurationError) as caught:
        load_policy(write(tmp_path, text))
    error = caught.value
    assert error.file.endswith("policy.yaml")
    assert error.line == line
    assert key in error.key
    assert en in error.text.en
    assert hint in error.hint.en
    assert error.text.zh


def test_what_is_not_utf8_or_not_there(tmp_path):
    path = tmp_path / "policy.yaml"
    with pytest.raises(ConfigurationError, match="does not exist"):
        load_policy(path)
    path.write_bytes("version: 1\n# 密\n".encode("gb18030"))
    with pytest.raises(ConfigurationError) as caught:
        load_policy(path)
    assert caught.value.line == 2


def test_paths_are_anchored_and_links_followed(tmp_path):
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / "link").symlink_to(real)
    text = "version: 1\nzones:\n  - {name: a, clearance: public, match: {path: link}}\n"
    policy = load_policy(write(tmp_path, text))
    assert policy.zone(Place(real / "sub" / "x.txt")).name == "a"
    assert policy.zone(Place(tmp_path / "realer" / "x.txt")) is LOCAL
    assert policy.folders == (real,)


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        (Match(), True),
        (Match(removable=True), True),
        (Match(removable=False), False),
        (Match(bus="usb", vendor="sandisk"), True),
        (Match(bus="usb", vendor="kingston"), False),
        (Match(serial=("1", "4C53*")), True),
        (Match(label="WORK", serial="x"), False),
        (Match(path="/media/*"), True),
        (Match(path="/mnt"), False),
    ],
)
def test_matching(match, expected):
    from pathlib import Path

    assert fits(match, Place(Path("/media/x/a.docx"), STICK)) is expected


def test_a_serial_never_fits_a_place_without_a_medium():
    assert not fits(Match(serial="*?"), Place("/x"))


@given(st.text(max_size=300))
def test_any_text_loads_or_explains_itself(text):
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "policy.yaml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            load_policy(path)
        except ConfigurationError as error:
            assert error.line >= 0
            assert error.text.zh


def test_actions_have_words():
    from agent.explain import ACTIONS

    assert set(ACTIONS) == set(Action)


def test_patterns_are_watched_as_far_as_they_are_there(tmp_path):
    for name in ("a", "b"):
        (tmp_path / "srv" / name / "public").mkdir(parents=True)
    policy = load_policy(write(tmp_path, HEAD + "  - {name: x, clearance: public, match: {path: 'srv/*/public'}}\n"))
    assert set(policy.folders) == {tmp_path / "srv" / "a" / "public", tmp_path / "srv" / "b" / "public"}
    assert policy.zone(Place(tmp_path / "srv" / "b" / "public" / "x" / "y.txt")).name == "x"


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("{name: x, clearance: public}", "nothing watches it"),
        ("{name: x, clearance: public, match: {removable: false}}", "nothing watches it"),
        ("{name: x, clearance: secret, match: {removable: true, label: OFFICE}}", "serial"),
        ("{name: x, clearance: secret, match: {removable: true, serial: '1'}}", None),
        ("{name: x, clearance: public, match: {removable: true}}", None),
        ("{name: x, clearance: secret, access: trusted, match: {removable: true}}", "trusted"),
        ("{name: x, clearance: top_secret, access: trusted, match: {removable: true}}", None),
        ("{name: x, clearance: public, access: block, match: {channel: sync}}", "removable media only"),
        ("{name: x, clearance: public, access: read_only, match: {path: /srv/x}}", "removable media only"),
        ("{name: x, clearance: public, access: read_only, match: {path: /media, removable: true}}", None),
        ("{name: x, clearance: secret, match: {channel: share, label: nas/finance}}", None),
    ],
)
def test_what_is_hardly_meant_is_said(tmp_path, zone, words):
    warnings = load_policy(write(tmp_path, f"{HEAD}  - {zone}\n")).warnings
    assert (words in warnings[0].en) if words else warnings == ()


def test_thresholds(tmp_path):
    path = write(tmp_path, "version: 1\nthresholds:\n  cn.mobile: {100: internal, 1000: secret}\nzones: []\n")
    assert load_policy(path).thresholds == {"cn.mobile": {100: Level.INTERNAL, 1000: Level.SECRET}}


@pytest.mark.parametrize(
    ("steps", "words"),
    [("{100: secret, 1000: internal}", "already give"), ("{}", "no step"), ("{0: secret}", ""), ("{many: secret}", "")],
)
def test_wrong_thresholds(tmp_path, steps, words):
    path = write(tmp_path, f"version: 1\nthresholds:\n  cn.mobile: {steps}\nzones: []\n")
    with pytest.raises(ConfigurationError) as caught:
        load_policy(path)
    assert caught.value.line == (3 if words else 2)  # the shape names the group, the check the rule
    assert words in caught.value.text.en


@pytest.mark.parametrize(
    ("match", "channel", "expected"),
    [
        (Match(removable=True), Channel.REMOVABLE, True),
        (Match(removable=True), Channel.SHARE, False),
        (Match(removable=False), Channel.SHARE, True),
        (Match(channel=Channel.SHARE), Channel.SHARE, True),
        (Match(channel=Channel.REMOVABLE), Channel.REMOVABLE, True),
        (Match(channel=(Channel.PHONE, Channel.SYNC)), Channel.SYNC, True),
        (Match(channel=(Channel.PHONE, Channel.SYNC)), Channel.SHARE, False),
    ],
)
def test_channels(match, channel, expected):
    from pathlib import Path

    from msgspec.structs import replace

    assert fits(match, Place(Path("/media/x/a"), replace(STICK, channel=channel))) is expected
    if match.channel:
        assert not fits(match, Place(Path("/home/x/a")))


def test_a_folder_of_this_computer_is_on_no_channel():
    from pathlib import Path

    assert not fits(Match(channel=Channel.REMOVABLE), Place(Path("/home/x/a")))


def test_coaching_is_taken_from_the_nearest(tmp_path):
    text = """version: 1
coaching:
  mark.cn: {en: mark, zh: 标志}
  secret: {en: secret, zh: 机密}
  unfinished: {en: big, zh: 大}
lending: {days: 5}
zones: []
"""
    policy = load_policy(write(tmp_path, text))
    assert policy.coach(["mark.cn", "secret"]).en == "mark"
    assert policy.coach(["cn.mobile", "secret"]).en == "secret"
    assert policy.coach(["cn.mobile"]) is None
    assert policy.lending.days == 5
    assert load_policy(write(tmp_path, "version: 1\nzones: []\n")).lending.days == 2


def test_what_a_medium_may_be_used_as_has_words_in_both_languages():
    from config.access import Access

    assert all(one.text.en and one.text.zh for one in Access)
    assert load_policy(SHIPPED).zones[0].access is Access.GATEWAY


@pytest.mark.parametrize(
    ("match", "watched"),
    [
        (Match(removable=True), False),
        (Match(path="/srv/share"), True),
        (Match(path="/media", bus="usb"), False),
        (Match(channel=Channel.SYNC), True),
        (Match(channel=(Channel.SYNC, Channel.REMOVABLE)), False),
        (Match(), False),
    ],
)
def test_where_nothing_can_stand_in_between(match, watched):
    from config.policy import Zone

    assert Zone("x", Level.PUBLIC, match).is_watched_only is watched
