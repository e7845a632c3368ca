from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.levels import Level
from config.verdict import Outcome, Segment, Zone

LEVELS = {"绝密": Level.TOP_SECRET, "机密": Level.SECRET, "秘密": Level.CONFIDENTIAL}


@pytest.mark.parametrize(
    ("text", "level", "term", "condition", "outcome"),
    [
        ("机密★10年", Level.SECRET, "10年", None, Outcome.VALID),
        ("000017\n绝密★20年\n特急\n某某省人民政府文件", Level.TOP_SECRET, "20年", None, Outcome.VALID),
        ("机密 ★ 10年", Level.SECRET, "10年", None, Outcome.VALID),
        ("机　密★１０年", Level.SECRET, "10年", None, Outcome.VALID),
        ("秘 密 ★ 6 个 月", Level.CONFIDENTIAL, "6个月", None, Outcome.VALID),
        ("機密★5年", Level.SECRET, "5年", None, Outcome.VALID),
        ("祕密☆3年", Level.CONFIDENTIAL, "3年", None, Outcome.VALID),
        ("绝密★长期", Level.TOP_SECRET, "长期", None, Outcome.VALID),
        ("绝密·永久", Level.TOP_SECRET, "永久", None, Outcome.VALID),
        ("绝密★(30年)", Level.TOP_SECRET, "30年", None, Outcome.VALID),
        ("秘密★2031年6月30日", Level.CONFIDENTIAL, "2031年6月30日", None, Outcome.VALID),
        ("机密★", Level.SECRET, None, None, Outcome.VALID),
        ("机密★招标开标前", Level.SECRET, None, "招标开标前", Outcome.CONDITION),
        ("绝密★启用前", Level.TOP_SECRET, None, "启用前", Outcome.EXAM),
        ("绝 密 ★ 启 封 前", Level.TOP_SECRET, None, "启封前", Outcome.EXAM),
        ("机密★十年", Level.SECRET, "10年", None, Outcome.MALFORMED),
        ("秘密★15年", Level.CONFIDENTIAL, "15年", None, Outcome.MALFORMED),
        ("机密10年", Level.SECRET, "10年", None, Outcome.MALFORMED),
        ("★机密 10年", Level.SECRET, "10年", None, Outcome.MALFORMED),
        ("机密太10年", Level.SECRET, "10年", None, Outcome.VALID),
        ("机密 10年 ★", Level.SECRET, "10年", None, Outcome.VALID),
        ("机\n密\n★\n10\n年", Level.SECRET, "10年", None, Outcome.VALID),
        ("机密\n★10年", Level.SECRET, "10年", None, Outcome.VALID),
        ("密级：秘密　保密期限：3年", Level.CONFIDENTIAL, "3年", None, Outcome.FIELD_FILLED),
        ("密级\t机密★2年", Level.SECRET, "2年", None, Outcome.FIELD_FILLED),
        ("文件密级：□绝密 ☑机密 □秘密", Level.SECRET, None, None, Outcome.FIELD_FILLED),
        ("机密★5年　指人专办", Level.SECRET, "5年", None, Outcome.VALID),
        ("附件2　秘密★1年", Level.CONFIDENTIAL, "1年", None, Outcome.VALID),
        ("机密★至2031年6月30日", Level.SECRET, "2031年6月30日", None, Outcome.VALID),
        ("关于选址的报告（秘密★3年）", Level.CONFIDENTIAL, "3年", None, Outcome.VALID),
        ("机　密　　特　急", Level.SECRET, None, None, Outcome.VALID),
        ("甲" * 3000 + "机密★10年", Level.SECRET, "10年", None, Outcome.VALID),
        ("机密✦10年", Level.SECRET, "10年", None, Outcome.VALID),
        ("机密古10年", Level.SECRET, "10年", None, Outcome.VALID),
        ("秘密+5年", Level.CONFIDENTIAL, "5年", None, Outcome.VALID),
        ("绝密k启用前", Level.TOP_SECRET, None, "启用前", Outcome.EXAM),
        ("★10年机密", Level.SECRET, "10年", None, Outcome.MALFORMED),
        ("10年机密★", Level.SECRET, "10年", None, Outcome.MALFORMED),
        ("绝密★答题前", Level.TOP_SECRET, None, "答题前", Outcome.EXAM),
        ("绝密★使用前", Level.TOP_SECRET, None, "使用前", Outcome.EXAM),
        ("○绝密 ●秘密 ○公开", Level.CONFIDENTIAL, None, None, Outcome.FIELD_FILLED),
        ("机密件\n某某委员会", Level.SECRET, None, None, Outcome.VALID),
        ("绝密资料，严禁外传", Level.TOP_SECRET, None, None, Outcome.MALFORMED),
        ("机密文件\n请妥善保管", Level.SECRET, None, None, Outcome.MALFORMED),
        ("机密★会议论证时间确定前", Level.SECRET, None, None, Outcome.MALFORMED),
        ("密级,机密★10年\n标题,某方案", Level.SECRET, "10年", None, Outcome.FIELD_FILLED),
        ("<密级>机密</密级>", Level.SECRET, None, None, Outcome.FIELD_FILLED),
        ("机密★10年，知悉范围：党委常委", Level.SECRET, "10年", None, Outcome.VALID),
        ("机宓★10年", Level.SECRET, "10年", None, Outcome.VALID),
        ("启用前 绝密", Level.TOP_SECRET, None, "启用前", Outcome.MALFORMED),
        ("绝密★　关于某工程", Level.TOP_SECRET, None, None, Outcome.MALFORMED),
        ("本报告密级为机密★10年。", Level.SECRET, "10年", None, Outcome.FIELD_FILLED),
    ],
)
def test_reads_a_mark(mark, text, level, term, condition, outcome):
    found = mark(text)
    assert (found.regime, found.level, found.term, found.condition, found.outcome) == (
        "cn",
        level,
        term,
        condition,
        outcome,
    )
    assert found.reason.zh
    assert found.reason.en


@pytest.mark.parametrize(
    "text",
    [
        "国家秘密的密级分为绝密、机密、秘密三级。",
        "属于国家绝密、机密的文件不得携带出境。",
        "本单位不产生国家秘密。",
        "系统应当保证数据的机密性。",
        "机密计算白皮书",
        "她守着一个秘密",
        "《绝密档案》读书笔记",
        "★秘密花园★ 全场五折",
        "采用举行秘密会议、秘密写票的方式",
        "机密级2年，秘密级1年",
        "本系统按机密级保护要求建设",
        "密级：公开",
        "密级：内部参考",
        "密级：________",
        "密级：□绝密 □机密 □秘密",
        "档案密级：公开/内部/秘密/机密/绝密",
        "国家秘密标志应当标注为“秘密★5年”",
        "例如：机密★会议开始前",
        "下列标注正确的是( )。A.机密★10年 B.★机密10年",
        "原机密★10年　已解密",
        "绝密行动小组于昨日成立。",
        "1. 机密",
        "知悉机密以上国家秘密的人员应当登记",
    ],
)
def test_prose_forms_examples_and_cancelled_marks_are_none(marks, text):
    assert marks(text) == ()
    assert marks("第一条　为了规范管理，制定本办法。\n" + text + "\n第三条　本办法自发布之日起施行。") == ()


@given(
    word=st.sampled_from(sorted(LEVELS)),
    star=st.sampled_from("★☆"),
    gap=st.sampled_from(["", " ", "  ", "\u3000", "\u00a0", "\u2009"]),
    inner=st.sampled_from(["", " ", "\u3000", "\u00a0"]),
    term=st.sampled_from(["1年", "5年", "10年", "6个月", "长期", "2035年3月1日", "１０年", "启用前"]),
)
@settings(max_examples=120, deadline=None)
def test_every_rendering_is_read_back(engine, word, star, gap, inner, term):
    text = f"{word[0]}{inner}{word[1]}{gap}{star}{gap}{term}"
    found = engine.detect(f"{text}\n关于某事的通知", date(2020, 1, 1)).marks
    assert len(found) == 1
    mark = found[0]
    assert mark.level is LEVELS[word]
    assert (mark.term or mark.condition) == term.replace("１０", "10")
    assert text[mark.start : mark.end].split() == mark.text.split()
    assert mark.original == word


@given(
    hidden=st.lists(
        st.sampled_from(["\u200b", "\u00ad", "\ufeff", "\u2060", "\u200d", "\ufe0f"]), min_size=1, max_size=4
    ),
    at=st.integers(1, 4),
)
@settings(max_examples=60, deadline=None)
def test_invisible_characters_hide_nothing(engine, hidden, at):
    plain = "机密★10年"
    text = plain[:at] + "".join(hidden) + plain[at:]
    found = engine.detect(text, date(2020, 1, 1)).marks
    assert [mark.level for mark in found] == [Level.SECRET]
    assert (found[0].start, found[0].end) == (0, len(text))


def _file(engine, mark, dated, today):
    body = f"{mark}\n某某委员会文件\n关于开展工作的通知\n各有关单位：\n请认真执行。\n某某委员会\n{dated}\n"
    return engine.inspect([Segment(body, "page 1", page=1)], today)


def test_a_term_counts_from_the_date_of_issue(engine):
    found = _file(engine, "机密★10年", "2023年5月1日", date(2026, 1, 1))
    (mark,) = found.marks
    assert (mark.dated, mark.expires, mark.outcome) == ("2023-05-01", "2033-05-01", Outcome.VALID)
    assert mark.where == "page 1 line 1"
    assert found.level is Level.SECRET
    assert mark.reason.zh == "密级“机密”，保密期限10年，位于第1页第1行，自2023年5月1日起算，2033年5月1日到期"


def test_an_expired_mark_stays_visible_and_raises_nothing(engine):
    found = _file(engine, "秘密★1年", "二〇二〇年三月五日", date(2026, 1, 1))
    (mark,) = found.marks
    assert (mark.expires, mark.outcome, mark.level) == ("2021-03-05", Outcome.EXPIRED, Level.CONFIDENTIAL)
    assert found.level is Level.PUBLIC


def test_a_date_in_the_future_is_not_the_date_of_issue(engine):
    (mark,) = _file(engine, "秘密★1年", "2030年1月1日", date(2026, 1, 1)).marks
    assert mark.expires is None


def test_a_declassification_stamp_cancels(engine):
    found = engine.inspect([Segment("机密★10年\n此件已解密\n某某局文件", "page 1", page=1)], date(2026, 1, 1))
    assert found.marks == ()
    assert [mention.outcome for mention in found.mentions] == [Outcome.CANCELLED]
    assert found.level is Level.PUBLIC


def test_exam_papers_raise_as_policy_says(rules, compiled):
    from detectors.engine import Engine

    for exam in (Level.PUBLIC, Level.INTERNAL, Level.TOP_SECRET):
        found = Engine(rules, b"k", exam_level=exam, cache=compiled).detect("绝密★启用前", date(2026, 1, 1))
        assert found.marks[0].level is Level.TOP_SECRET
        assert found.level is exam


@pytest.mark.parametrize("zone", [Zone.HEADER, Zone.FOOTER, Zone.TEXTBOX, Zone.WATERMARK, Zone.MASTER])
def test_a_lone_word_counts_where_marks_stand(engine, zone):
    far = Segment("正文。\n" * 500, "body")
    assert engine.inspect([far, Segment("秘密", zone.value, zone)], date(2026, 1, 1)).level is Level.CONFIDENTIAL


def test_a_lone_word_in_the_middle_of_a_text_is_none(engine):
    far = Segment("正文。\n" * 800 + "秘密\n" + "正文。\n" * 10, "body")
    assert engine.inspect([far], date(2026, 1, 1)).marks == ()


@pytest.mark.parametrize(("text", "there"), [("机密太10年", True), ("机密#10年", False)])
def test_a_sign_that_is_not_like_a_star_is_a_damaged_one_at_the_head_alone(engine, text, there):
    middle = Segment("正文。\n" * 800 + f"{text}\n" + "正文。\n" * 10, "body")
    assert bool(engine.inspect([middle], date(2026, 1, 1)).marks) is there
    assert engine.inspect([Segment(f"{text}\n某某局文件", "body")], date(2026, 1, 1)).marks


def test_a_register_of_documents_is_not_marked_by_its_rows(engine):
    rows = [Segment("机密", f"登记表!D{row}", Zone.CELL, lines=False) for row in range(20, 30)]
    assert engine.inspect(rows, date(2026, 1, 1)).marks == ()


@pytest.mark.parametrize("line", ["5,机密★10年,0.00,末行", "机密★10年;甲;乙", "甲|乙|机密★10年"])
def test_a_field_of_a_record_is_a_mark(engine, line):
    found = engine.detect(f"编号,密级,金额,备注\n{line}\n", date(2026, 1, 1))
    assert [mark.text for mark in found.marks] == ["机密★10年"]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("机密\n★\n某某局文件\n", "机密 ★"),
        ("机密\n★", "机密 ★"),
        ("机密\n★某某局文件", "机密"),
        ("机密\n★\n10年\n某某局文件", "机密 ★ 10年"),
        ("机密★\n10年", "机密★ 10年"),
    ],
)
def test_a_narrow_box_breaks_a_mark_over_lines(mark, text, read):
    found = mark(text)
    assert (found.text, found.outcome) == (read, Outcome.VALID)


@pytest.mark.parametrize(
    "text",
    [
        "密级：____",
        "密级：____\n" + "各单位应当认真执行。" * 50,
        "各单位应当认真执行。" * 50 + "\n密级：（　）\n各单位应当认真执行。",
        "编号：1　密级：" + "_" * 120 + "\n各单位",
    ],
)
def test_an_empty_field_is_a_mention(engine, text):
    found = engine.detect(text, date(2026, 1, 1))
    assert [mention.outcome for mention in found.mentions] == [Outcome.FIELD_BLANK]


@pytest.mark.parametrize(
    "text", ["\n" + " " * 30 + "机\n密\n★\n10年\n某某局文件", "某" * 250 + "\n机\n密\n★\n10年\n某某局文件"]
)
def test_a_mark_written_downwards_may_be_indented(mark, text):
    assert (mark(text).text, mark(text).outcome) == ("机 密 ★ 10年", Outcome.VALID)


@pytest.mark.parametrize(("label", "found"), [("密级", True), ("标题", False)])
def test_the_cell_beside_the_name_of_the_field_is_the_field(engine, label, found):
    row = [
        Segment(text, f"登记表!{column}20", Zone.CELL, lines=False) for column, text in (("A", label), ("B", "机密"))
    ]
    outcomes = [mark.outcome for mark in engine.inspect(row, date(2026, 1, 1)).marks]
    assert outcomes == ([Outcome.FIELD_FILLED] if found else [])


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("编号（机密★10年）", Outcome.MENTION),
        ("附件【机密★10年】", Outcome.MENTION),
        ("某某方案　机密★10年", Outcome.VALID),
        ("某某方案\t机密★10年", Outcome.VALID),
    ],
)
def test_in_brackets_in_the_middle_of_a_text_it_belongs_to_a_list(engine, line, outcome):
    found = engine.detect("甲\n" * 30 + line, date(2026, 1, 1))
    assert [each.outcome for each in (*found.marks, *found.mentions)] == [outcome]


@pytest.mark.parametrize(
    ("head", "row", "found"),
    [
        ("密级 文件名称 份数", "机密 关于选址的通知 3", True),
        ("密级 文件名称 份数", "机密 " + "关于选址的通知" * 6, False),
        ("密级 " + "文件名称" * 16, "机密 关于选址的通知 3", False),
        ("编号 文件名称 份数", "机密 关于选址的通知 3", False),
    ],
)
def test_a_row_under_the_head_of_a_table_without_a_grid(engine, head, row, found):
    outcomes = [mark.outcome for mark in engine.detect(f"{head}\n{row}", date(2026, 1, 1)).marks]
    assert outcomes == ([Outcome.FIELD_FILLED] if found else [])


@pytest.mark.parametrize(("zone", "found"), [(Zone.HEADER, True), (Zone.FOOTER, True), (Zone.BODY, False)])
def test_a_page_number_may_stand_beside_a_lone_word_in_a_header(engine, zone, found):
    there = Segment("秘密　第3页\n甲\n乙\n丙", "page 7", zone, page=7)
    assert bool(engine.inspect([there], date(2026, 1, 1)).marks) is found


@pytest.mark.parametrize(
    ("zone", "text", "sure"),
    [
        (Zone.BODY, "秘密\n某某局文件", 0.7),
        (Zone.BODY, "秘　密\n某某局文件", 0.85),
        (Zone.HEADER, "秘密", 0.85),
        (Zone.NAME, "秘密", 0.85),
    ],
)
def test_how_sure_a_lone_word_is(engine, zone, text, sure):
    (found,) = engine.inspect([Segment(text, "x", zone)], date(2026, 1, 1)).marks
    assert found.confidence == sure


@pytest.mark.parametrize(
    ("text", "level", "outcome"),
    [
        ("机密（保密期限10年）\n关于防护方案的报告", Level.SECRET, Outcome.VALID),
        ("等级 特提·明电　密级 机密　清机发12号", Level.SECRET, Outcome.FIELD_FILLED),
        ("等级 特急     机密     江公机发 45 号", Level.SECRET, Outcome.FIELD_FILLED),
        ("分类号 TJ76    密级 秘密    编号 107", Level.CONFIDENTIAL, Outcome.FIELD_FILLED),
        ("机密 Confidential\n图纸编号 HX-3301", Level.SECRET, Outcome.VALID),
        ("机密文件，严禁复印\n地块竞买方案", Level.SECRET, Outcome.MALFORMED),
        ("机密 未经批准不得复制\n方案", Level.SECRET, Outcome.MALFORMED),
        ("★秘密·启用前\n初中学业水平考试", Level.CONFIDENTIAL, Outcome.EXAM),
        ("绝密★交卷前\n数学", Level.TOP_SECRET, Outcome.EXAM),
    ],
)
def test_fields_among_others_and_words_beside_a_level(mark, text, level, outcome):
    found = mark(text)
    assert (found.level, found.outcome) == (level, outcome)


@pytest.mark.parametrize(
    "text",
    [
        "国家秘密标志示例\n绝密级：绝密★30年\n机密级：机密★20年\n秘密级：秘密★10年",
        "该文件密级 机密 以上的",
        "服务等级 秘密",
        "等级 特急机密事项",
        "机密计算 CONFIDENTIAL COMPUTING",
    ],
)
def test_levels_that_are_explained_are_none(marks, text):
    assert marks(text) == ()


def test_the_name_of_an_institute_stands_before_it_in_a_header(engine):
    line = "某研究所    机密★10年"
    header = engine.inspect([Segment(line, "header", Zone.HEADER)], date(2026, 1, 1)).marks
    assert [mark.outcome for mark in header] == [Outcome.VALID]
    prose = engine.inspect([Segment("属于机密★10年", "header", Zone.HEADER)], date(2026, 1, 1)).marks
    assert prose == ()


@pytest.mark.parametrize(
    ("text", "found"), [("机密件", True), ("机密文件", True), ("机密资料", True), ("机密会议纪要", False)]
)
def test_a_header_names_a_paper_by_its_level_but_no_other_thing(engine, text, found):
    assert bool(engine.inspect([Segment(text, "header", Zone.HEADER)], date(2026, 1, 1)).marks) is found
