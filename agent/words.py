"""`shoumi words`: rule files of word lists as signed registers, for machines that fetch what they look for."""

from __future__ import annotations

import argparse

from rich.console import Console

from agent import home, signer
from config.errors import UsageError
from config.text import Text
from detectors.ruleset import load_rules
from detectors.wordlists import pack

KIND = "words"


def add(options: argparse.Namespace) -> int:
    """Sign the keyword rules of a file, the words of their lists with them; each must pass its own examples."""
    rules = load_rules([options.file], verify=True).rules
    for rule in rules:
        if rule.kind != "keywords":
            raise UsageError(
                Text(f"{options.file}: {rule.id} is no word list", f"{options.file}：{rule.id} 不是词表"),
                Text("keep rules of `kind: keywords` in a file of their own", "请将 kind: keywords 的规则单独成文件"),
            )
    path = signer.write_register(home.find(options.home).home, KIND, options.name, pack(rules))
    done = Text(
        "{path} is written: {lists} lists, {words} words.", "已写入 {path}：{lists} 个词表，共 {words} 个词。"
    ).fill(path=path, lists=len(rules), words=sum(len(rule.words) for rule in rules))
    Console(highlight=False, soft_wrap=True).print(done.say(options.language), markup=False)
    return 0


def remove(options: argparse.Namespace) -> int:
    """Withdraw what was signed under a name."""
    signer.withdraw(home.find(options.home).home, KIND, options.name)
    done = Text("'{name}' is withdrawn.", "“{name}”已撤销。").fill(name=options.name)
    Console(highlight=False).print(done.say(options.language), markup=False)
    return 0
