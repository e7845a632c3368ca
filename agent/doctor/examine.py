"""Every capability in turn, a line each."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text as Styled

from agent.doctor.configuration import configuration
from agent.doctor.outward import channels, media
from agent.doctor.prevention import prevention, telling
from agent.doctor.reading import reading
from agent.home import Site
from config.text import Language, Text, printable

_SIGNS = {
    "ok": Styled("✓ ", style="green"),
    "limited": Styled("! ", style="yellow"),
    "broken": Styled("✗ ", style="red"),
}
_TOPICS = (
    (Text("This agent", "本客户端"), configuration),
    (Text("Reading files", "读取文件"), lambda _: reading()),
    (Text("Keeping copies from landing", "写入前阻止"), lambda _: prevention()),
    (Text("Removable media", "移动介质"), media),
    (Text("Other ways out", "其他外传途径"), channels),
    (Text("Telling people", "告知用户"), lambda _: telling()),
)


def examine(site: Site, console: Console, language: Language) -> int:
    """Print every capability; 2 when something that should work is broken, else 0."""
    worst = 0
    for number, (topic, look) in enumerate(_TOPICS):
        first = True
        for state, text in look(site):
            if first:
                console.print(Styled(("\n" if number else "") + topic.say(language), style="bold"))
                first = False
            console.print(_SIGNS[state], Styled(printable(text.say(language))), sep="")
            worst = max(worst, 2 if state == "broken" else 0)
    return worst
