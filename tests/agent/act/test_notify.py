import io

from rich.console import Console

from agent.act.notify import Notifier, words
from config.events import Done
from config.text import Text
from tests.events import event

HELP = Text("Ask your officer.", "请联系管理员。")


def shown(language, **kinds):
    out = io.StringIO()
    notifier = Notifier(language, HELP, stream=Console(file=out, width=300), desktop=False)
    notifier.tell(event(**kinds), "方案\x1b[31m.docx")
    notifier.finish()
    return out.getvalue()


def test_it_says_what_why_what_to_do_and_that_nothing_is_lost():
    chinese = shown("zh", done=Done.QUARANTINED)
    for part in (
        "已阻止复制",
        "机密★10年",
        "SanDisk Ultra 0001",
        "只能存放公开文件",
        "原文件未受影响",
        "解封归还",
        "请联系管理员",
        "编号 20",
    ):
        assert part in chinese
    english = shown("en", done=Done.QUARANTINED)
    for part in (
        "Copy stopped",
        "机密★10年",
        "may hold public files only",
        "nothing is lost",
        "Ask your officer",
        "No. 20",
    ):
        assert part in english


def test_a_held_file_is_not_called_stopped():
    assert "keeps trying" in shown("en", done=Done.HELD)
    assert "sealed in quarantine" not in shown("en", done=Done.HELD)


def test_a_file_name_cannot_steer_the_terminal():
    assert "\x1b" not in shown("en", done=Done.LEFT)


def test_no_blame_and_no_exclamation_marks():
    for done in Done:
        for text in words(event(done=done), "a.docx", HELP):
            assert not set("!！") & set(text.en + text.zh)
