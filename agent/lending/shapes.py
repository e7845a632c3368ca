"""The shapes in which lendings are kept on a PC."""

from __future__ import annotations

from pathlib import PurePosixPath

import msgspec

from config.events import Medium
from config.lending import Asked, Grant, State
from config.masking import mask_name

SCHEMA = """
CREATE TABLE IF NOT EXISTS request (
  id TEXT PRIMARY KEY,
  name BLOB NOT NULL,               -- of the file as it is; stays on this PC
  body BLOB NOT NULL,               -- Asked, as it is told
  state TEXT NOT NULL,              -- as the collector said last
  note TEXT NOT NULL DEFAULT '',
  heard INTEGER NOT NULL DEFAULT 0  -- 1: the collector has it; 2: it never will
) STRICT;
CREATE TABLE IF NOT EXISTS lent (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  file BLOB NOT NULL,               -- the signed file, verified when it came
  body BLOB NOT NULL,               -- the Grant in it
  used INTEGER NOT NULL DEFAULT 0,
  reminded INTEGER NOT NULL DEFAULT 0,
  overdue INTEGER NOT NULL DEFAULT 0,
  seen INTEGER NOT NULL DEFAULT 0,
  closed TEXT NOT NULL DEFAULT ''   -- a State: nothing may be copied under it any more
) STRICT;
CREATE TABLE IF NOT EXISTS act (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  lent TEXT NOT NULL,
  time INTEGER NOT NULL,
  body BLOB NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'waiting', 'told', 'refused')),
  note TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX IF NOT EXISTS act_state ON act (state, seq);
CREATE TABLE IF NOT EXISTS copy (
  act TEXT PRIMARY KEY,             -- the use that made it
  lent TEXT NOT NULL,
  place BLOB NOT NULL,              -- path on the medium, as its bytes
  sha256 TEXT NOT NULL,
  size INTEGER NOT NULL,
  medium BLOB NOT NULL,
  time INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'out', 'erasing', 'gone'))
) STRICT;
CREATE INDEX IF NOT EXISTS copy_lent ON copy (lent, state);
CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
"""


class Request(msgspec.Struct, frozen=True):
    """What somebody here asked for, and what the collector said of it."""

    asked: Asked
    name: str  # of the file as it is
    state: State
    note: str
    heard: bool


class Lent(msgspec.Struct, frozen=True):
    """A grant that was verified, and how much of it is used."""

    grant: Grant
    version: int
    used: int
    reminded: int  # the due time of the last reminder, UTC milliseconds
    overdue: bool  # the collector was told
    seen: bool
    closed: str  # a State, or empty

    @property
    def left(self) -> int:
        """Uses left."""
        return max(0, self.grant.uses - self.used)


class Copy(msgspec.Struct, frozen=True):
    """One copy that a grant made possible."""

    act: str
    grant: str
    place: PurePosixPath  # on the medium
    sha256: str
    size: int
    medium: Medium
    time: int  # UTC, milliseconds
    state: str  # pending, out, erasing


def masked(place: PurePosixPath) -> str:
    """A place on a medium as it may be told: every name masked, at most 500 characters."""
    return "/".join(mask_name(part) for part in place.parts)[-500:]
