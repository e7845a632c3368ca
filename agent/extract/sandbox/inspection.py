"""Detection inside the worker, so that text never leaves it."""

from __future__ import annotations

import contextlib
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from agent.disk import read_own, replace
from agent.extract.sandbox.frames import Hello
from config.signing import utc_now
from config.verdict import Segment

if TYPE_CHECKING:
    from detectors.engine import Engine

# One of everything whose validator may load tables when first asked: afterwards no file can be opened any more.
_WARM = """机密★10年 身份证号：11010519491231002X 统一社会信用代码：91350100M000100Y43 银行卡号：6222021234567890128
手机：13800138000 电话：010-62345678 车牌号：京A12345 护照号：E12345678 IBAN: GB82WEST12345698765432 SSN: 078-05-1120
E-mail: a@example.com IP: 192.168.0.1 TOP SECRET//SI//NOFORN OFFICIAL-SENSITIVE NATO SECRET EU RESTRICTED
工资 8,000.00 元 password = "correct horse battery staple" AKIAIOSFODNN7EXAMPLE 商业秘密 内部资料 试卷 绝密★启用前"""


def load(hello: Hello) -> Engine:
    """The engine with the rule files named, or with the shipped ones, warmed up.

    Raises:
        RuleError: a rule file is wrong.
    """
    from detectors.engine import Engine
    from detectors.registers import Registers
    from detectors.registers import load as load_registers
    from detectors.ruleset import load_rules

    files = None if hello.rules is None else [Path(rule) for rule in hello.rules]
    registers = load_registers(Path(hello.registers), hello.signers) if hello.registers else Registers()
    engine = Engine(
        load_rules(files, verify=hello.verify).with_thresholds(hello.thresholds),
        hello.key,
        exam_level=hello.exam_level,
        detectors=registers.detectors,
        cache=read_own(Path(hello.cache)) if hello.cache else b"",
    )
    if hello.cache and (compiled := engine.compiled()):
        with contextlib.suppress(OSError):  # a full disk costs the next worker a second, nothing else
            replace(Path(hello.cache), compiled)
    if registers.corrections:
        engine.correct(registers.corrections, utc_now().astimezone().date())
    engine.inspect([Segment(_WARM, "")], date(2026, 1, 1))
    return engine
