from datetime import date

import pytest

from config.levels import Level
from config.verdict import Segment, Zone

GUID = "2096f6a2-d2f7-48be-b329-b73aaa526e5d"
TODAY = date(2026, 1, 1)


def _named(engine, text, zone=Zone.NAME, where="file name"):
    return engine.inspect([Segment(text, where, zone, lines=False)], TODAY)


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("[机密]年度报告.docx", Level.SECRET),
        ("【秘密】方案.pdf", Level.CONFIDENTIAL),
        ("机密★10年 关于选址的请示.docx", Level.SECRET),
        ("2026预算_核心商密_v2.xlsx", Level.CONFIDENTIAL),
        ("内部-通讯录.xlsx", Level.INTERNAL),
        ("CUI_report.docx", Level.INTERNAL),
        ("TOP SECRET plan.docx", Level.TOP_SECRET),
        ("OFFICIAL-SENSITIVE minutes.docx", Level.INTERNAL),
    ],
)
def test_a_file_name_that_carries_its_level(engine, name, level):
    assert _named(engine, name).level is level


@pytest.mark.parametrize(
    "name",
    [
        "不能说的秘密.mp4",
        "保守国家秘密法.docx",
        "商业秘密保护规定.pdf",
        "机密性测试报告.docx",
        "client_secret.json",
        "secretary-minutes.docx",
        "内部控制制度.docx",
        "Confidentiality agreement.docx",
    ],
)
def test_a_file_name_that_only_speaks_of_secrets(engine, name):
    assert _named(engine, name).marks == ()


@pytest.mark.parametrize(
    ("where", "text", "level"),
    [
        ("property:Classification", "Confidential", Level.CONFIDENTIAL),
        ("property:密级", "机密", Level.SECRET),
        ("property:Keywords", "预算, 秘密★5年, 2026", Level.CONFIDENTIAL),
        (f"property:MSIP_Label_{GUID}_Name", "Highly Confidential", Level.CONFIDENTIAL),
        ("property:Classification", "Public", Level.PUBLIC),
        ("property:Title", "Confidential matters of the heart", Level.PUBLIC),
    ],
)
def test_properties(engine, where, text, level):
    assert _named(engine, text, Zone.PROPERTY, where).level is level


def test_a_label_that_is_switched_off_gives_nothing(engine):
    def label(attribute, text):
        return Segment(text, f"property:MSIP_Label_{GUID}_{attribute}", Zone.PROPERTY, lines=False)

    for word in ("Secret", "SECRET", "机密"):
        on = [label("Enabled", "true"), label("Name", word)]
        off = [label("Enabled", "false"), label("Name", word)]
        assert engine.inspect(on, TODAY).level is Level.SECRET
        assert engine.inspect(off, TODAY).level is Level.PUBLIC


def test_a_name_keeps_its_words_in_the_excerpt(engine):
    (mark,) = _named(engine, "[机密]年度报告.docx").marks
    assert (mark.text, mark.excerpt, mark.where) == ("机密", "[机密]年度报告.docx", "file name")


def _property(name, text, zone=Zone.PROPERTY):
    return Segment(text, name, zone, lines=False)


@pytest.fixture
def engine_with(rules, compiled):
    """An engine that knows these labels of an organisation."""
    from config.rules import Label
    from detectors.engine import Engine
    from detectors.ruleset import RuleSet

    def made(labels):
        table = tuple(Label(name, level) for name, level in labels)
        return Engine(RuleSet(rules.rules, table), b"k", cache=compiled)

    return made


@pytest.mark.parametrize("where", [f"property:MSIP_Label_{GUID.upper()}_Enabled", "label"])
def test_a_label_means_what_the_organisation_says(engine_with, where):
    text = "true" if "MSIP" in where else f"id={{{GUID}}} enabled=1 method=Standard"
    segment = _property(where, text, Zone.LABEL)
    assert engine_with([]).inspect([segment], TODAY).level is Level.PUBLIC
    assert engine_with([(GUID, Level.SECRET)]).inspect([segment], TODAY).level is Level.SECRET
    assert engine_with([(GUID, Level.PUBLIC)]).inspect([segment], TODAY).marks == ()


def test_a_label_with_many_attributes_is_one_mark_and_goes_before_its_name(engine_with):
    segments = [
        _property(f"property:MSIP_Label_{GUID}_Enabled", "true", Zone.LABEL),
        _property(f"property:MSIP_Label_{GUID}_Name", "Confidential", Zone.LABEL),
        _property(f"property:MSIP_Label_{GUID}_SiteId", "x", Zone.LABEL),
    ]
    (mark,) = engine_with([(GUID, Level.INTERNAL)]).inspect(segments, TODAY).marks
    assert mark.level is Level.INTERNAL


@pytest.mark.parametrize(
    "flags", ["enabled=0", "enabled=false", "enabled=1 removed=1", f"MSIP_Label_{GUID}_Enabled=false"]
)
def test_a_label_that_was_taken_away_gives_nothing(engine_with, flags):
    segment = _property("label", f"id={{{GUID}}} {flags} Name=Secret", Zone.LABEL)
    assert engine_with([(GUID, Level.SECRET)]).inspect([segment], TODAY).level is Level.PUBLIC


def test_the_words_of_a_companys_own_label(engine_with):
    engine = engine_with([("Blue  paper", Level.SECRET), ("Company Internal", Level.CONFIDENTIAL)])
    assert engine.inspect([_property("property:Classification", "company internal")], TODAY).level is Level.CONFIDENTIAL
    assert engine.inspect([_property("property:Title", "company internal")], TODAY).level is Level.PUBLIC


def test_titus_and_boldon_james(engine):
    import base64
    import json

    said = {"Metadata": {"props": [{"n": "Classification", "vals": [{"value": "SECRET"}]}]}}
    coded = base64.b64encode(json.dumps(said).encode()).decode()
    for segment in (
        _property("property:headers", f"X-Mailer: x\nX-TITUS-Metadata-40: {coded}"),
        _property("property:headers", "X-Classification: Secret"),
        _property("property:TitusClassification", "Secret"),
        _property("property:bjDocumentSecurityLabel", "Secret"),
    ):
        assert [mark.level for mark in engine.inspect([segment], TODAY).marks] == [Level.SECRET]
    for text in (
        "X-MS-Exchange-Organization-Classification: Secret",
        "X-Spam-Classification: Secret",
        "X-TITUS-Metadata-40: !!!",
        "X-Classification: Public",
        "no colon here Secret classification",
    ):
        assert engine.inspect([_property("property:headers", text)], TODAY).marks == ()


def test_the_term_in_a_property_of_its_own(engine):
    level, term = _property("property:密级", "机密"), _property("property:保密期限", " 10年 ")
    (mark,) = engine.inspect([level, term], TODAY).marks
    assert (mark.term, mark.level) == ("10年", Level.SECRET)
    assert "10年" in mark.reason.zh
    (other,) = engine.inspect([level, _property("b.docx > property:保密期限", "10年")], TODAY).marks
    assert other.term is None
    (kept,) = engine.inspect([_property("property:密级", "机密★5年"), term], TODAY).marks
    assert kept.term == "5年"


def test_a_label_may_have_one_level_only(tmp_path):
    from config.errors import RuleError
    from detectors.ruleset import load_rules

    (tmp_path / "a.yaml").write_text(
        "labels:\n  - {id: A, level: secret}\n  - {id: a, level: internal}\n", encoding="utf-8"
    )
    with pytest.raises(RuleError, match="already has a level"):
        load_rules([tmp_path])
    (tmp_path / "a.yaml").write_text(
        "labels:\n  - {id: A, level: secret}\naggregation: {documents: 2, records: 7}\n", encoding="utf-8"
    )
    rules = load_rules([tmp_path])
    assert (rules.labels[0].level, rules.aggregation.documents, rules.aggregation.records) == (Level.SECRET, 2, 7)


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("2026_budget_INTERNAL_ONLY.xlsx", Level.INTERNAL),
        ("TOP_SECRET_plan.docx", Level.TOP_SECRET),
        ("Strictly Confidential_Teaser.pdf", Level.CONFIDENTIAL),
        ("internal_audit_only.xlsx", None),
    ],
)
def test_two_words_of_a_level_in_a_file_name(engine, name, level):
    found = engine.inspect([Segment(name, "file name", Zone.NAME)], date(2026, 1, 1)).marks
    assert [mark.level for mark in found] == ([level] if level else [])
