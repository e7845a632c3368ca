"""Small wrong versions of a module: one comparison or one joining of conditions changed in each."""

import ast
from pathlib import Path
from typing import NamedTuple

FLIPPED = {
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
SHIFTED = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
JOINED = {ast.And: ast.Or, ast.Or: ast.And}
KINDS = {"flip": FLIPPED, "edge": SHIFTED, "join": JOINED}


class Mutant(NamedTuple):
    """One change: its file, its place, and what stands there instead."""

    path: Path
    kind: str
    number: int  # of the place, among those of its kind
    line: int
    was: str
    now: str

    @property
    def module(self):
        return ".".join(self.path.with_suffix("").parts)

    def __str__(self):
        return f"{self.path}:{self.line} {self.kind}: {self.was}  →  {self.now}"

    def code(self):
        """The changed module, compiled."""
        tree = ast.parse(self.path.read_text(encoding="utf-8"))
        if self.kind != "none":
            _change(list(_places(tree, self.kind))[self.number], self.kind)
        return compile(ast.fix_missing_locations(tree), str(self.path), "exec")


def mutants(path, kinds):
    """All mutants of a file, in the order of their lines."""
    found = []
    for kind in kinds:
        count = len(list(_places(ast.parse(path.read_text(encoding="utf-8")), kind)))
        for number in range(count):
            node, at = list(_places(ast.parse(path.read_text(encoding="utf-8")), kind))[number]
            was = ast.unparse(node)
            _change((node, at), kind)
            found.append(Mutant(path, kind, number, node.lineno, was, ast.unparse(node)))
    return sorted(found, key=lambda one: (one.line, one.kind, one.number))


def _places(tree, kind):
    skipped = {id(inner) for node in ast.walk(tree) if _is_typing(node) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Compare) and kind != "join":
            for at, operator in enumerate(node.ops):
                if type(operator) in KINDS[kind]:
                    yield node, at
        elif isinstance(node, ast.BoolOp) and kind == "join":
            yield node, None


def _is_typing(node):
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _change(place, kind):
    node, at = place
    if at is None:
        node.op = JOINED[type(node.op)]()
    else:
        node.ops[at] = KINDS[kind][type(node.ops[at])]()
