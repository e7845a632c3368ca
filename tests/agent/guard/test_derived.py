import threading
import time

import pytest

from agent.guard import derived
from agent.guard.derived import Derived, DerivedFiles
from config.levels import Level


@pytest.fixture
def store(tmp_path):
    one = DerivedFiles(tmp_path / "home" / "lineage.db")
    yield one
    one.close()


def made(name="a", level=Level.SECRET, at=None, source="/home/a/plan.docx", size=5):
    return Derived(name * 64, size, level, source, time.time() if at is None else at)


def test_the_higher_level_counts_whichever_comes_first(store):
    store.add(made(level=Level.SECRET))
    store.add(made(level=Level.INTERNAL, source="/home/a/other"))
    assert (store.get("a" * 64).level, store.get("a" * 64).source) == (Level.SECRET, "/home/a/plan.docx")
    store.add(made(level=Level.TOP_SECRET, source="/home/a/more"))
    assert (store.get("a" * 64).level, store.get("a" * 64).source) == (Level.TOP_SECRET, "/home/a/more")
    assert store.get("b" * 64) is None


def test_what_is_old_goes_and_so_does_what_is_too_much(store, monkeypatch):
    store.add(made("a", at=time.time() - (derived.DAYS + 1) * 86400))
    store.add(made("b", at=time.time() - (derived.DAYS - 1) * 86400))
    store.add(made("c"))
    store.expire()
    assert [store.get(name * 64) is not None for name in "abc"] == [False, True, True]
    monkeypatch.setattr(derived, "_MOST", 1)
    store.expire()
    assert [store.get(name * 64) is not None for name in "abc"] == [False, False, True]


def test_sizes(store):
    store.add(made(size=77))
    assert store.has_size(77)
    assert not store.has_size(78)


def test_only_the_agent_reads_it(store, tmp_path):
    store.add(made())
    for file in (tmp_path / "home").iterdir():
        assert file.stat().st_mode & 0o777 == 0o600, file


def test_many_threads(store):
    def add(name):
        for _ in range(50):
            store.add(made(name))
            assert store.get(name * 64)

    threads = [threading.Thread(target=add, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(store.get(name * 64) for name in "abcd")


def test_a_damaged_list_is_put_aside(tmp_path):
    (tmp_path / "lineage.db").write_bytes(b"no database at all, but long enough to be looked at" * 100)
    one = DerivedFiles(tmp_path / "lineage.db")
    assert one.damaged
    one.add(made())
    one.close()
    again = DerivedFiles(tmp_path / "lineage.db")
    assert not again.damaged
    assert again.get("a" * 64)
    again.close()
    assert len(list(tmp_path.glob("lineage.db.damaged-*"))) == 1
