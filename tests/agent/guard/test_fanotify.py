import errno
import os
import subprocess
import threading

import pytest

from agent.guard import fanotify
from agent.guard.fanotify import Event, Group, Notifications, Permissions
from tests.agent.guard.conftest import until

pytestmark = pytest.mark.root


@pytest.fixture
def told():
    with Notifications() as group:
        yield group


def collected(group, true):
    events = []

    def look():
        events.extend(group.read())
        return true(events)

    assert until(look)
    return events


def test_an_open_is_told_by_a_name_that_lasts(told, memory):
    path = memory / "a"
    path.write_text("content")
    told.mark(fanotify.ADD | fanotify.FILESYSTEM, fanotify.OPEN | fanotify.CLOSE_WRITE, str(memory))
    subprocess.run(["cat", path], check=True, stdout=subprocess.DEVNULL)
    (event,) = collected(told, lambda events: events)
    assert (event.mask, event.descriptor) == (fanotify.OPEN, -1)
    assert event.process != os.getpid()
    root = os.open(memory, os.O_RDONLY)
    path.rename(memory / "elsewhere")
    number = fanotify.open_file(root, event.file, os.O_RDONLY)
    assert os.read(number, 100) == b"content"
    assert fanotify.file_of(number) == event.file
    os.close(number)
    (memory / "elsewhere").unlink()
    with pytest.raises(OSError, match="Stale"):
        fanotify.open_file(root, event.file, os.O_RDONLY)
    os.close(root)


def test_names_agree_on_a_disk(told, disk):
    told.mark(fanotify.ADD | fanotify.FILESYSTEM, fanotify.CLOSE_WRITE, str(disk.folder))
    (disk.folder / "a").write_text("content")
    (event,) = collected(told, lambda events: events)
    number = os.open(disk.folder / "a", os.O_RDONLY)
    assert fanotify.file_of(number) == event.file
    os.close(number)


def test_nothing_is_held_so_the_disk_can_be_taken_away(told, disk):
    told.mark(fanotify.ADD | fanotify.FILESYSTEM, fanotify.OPEN, str(disk.folder))
    (disk.folder / "a").write_text("content")
    subprocess.run(["umount", disk.folder], check=True)
    disk.mounts.clear()


def test_without_names_a_descriptor_is_handed_out(memory):
    with Notifications(names=False) as group:
        group.mark(fanotify.ADD | fanotify.FILESYSTEM, fanotify.OPEN, str(memory))
        (memory / "a").write_text("content")
        (event,) = collected(group, lambda events: events)
        assert event.file == b""
        assert os.read(event.descriptor, 100) == b"content"
        os.close(event.descriptor)


def test_an_inode_is_silenced_until_it_is_written_to(told, memory):
    path = memory / "a"
    path.write_text("content")
    told.mark(fanotify.ADD | fanotify.FILESYSTEM, fanotify.OPEN, str(memory))
    told.mark(fanotify.ADD | fanotify.IGNORED | fanotify.EVICTABLE, fanotify.OPEN, str(path))
    path.read_text()
    assert told.read() == []
    with path.open("a") as file:
        file.write("more")
    assert told.read() == []  # that one was silent still
    path.read_text()
    assert len(told.read()) == 1


def test_a_queue_has_no_bounds(told, memory):
    told.mark(fanotify.ADD | fanotify.FILESYSTEM, fanotify.OPEN, str(memory))
    count = 20_000  # above the kernel's default of 16,384
    for number in range(count):
        (memory / str(number)).touch()
    seen, overflow = 0, 0
    while events := told.read():
        seen += len(events)
        overflow += sum(event.mask & fanotify.OVERFLOW for event in events)
    assert (seen, overflow) == (count, 0)


@pytest.mark.parametrize("error", [0, errno.ENOSPC, errno.EACCES, errno.ENOENT])
@pytest.mark.parametrize("before", [False, True])
def test_whoever_is_refused_is_never_left_waiting(disk, error, before):
    """The kernel takes few errors, and none without the class for it; the plain refusal follows."""
    path = disk.folder / "a"
    path.write_text("content")
    with Permissions(before_content=before) as group:
        group.mark(fanotify.ADD | fanotify.FILESYSTEM, fanotify.OPEN_PERM, str(disk.folder))
        cat = subprocess.Popen(["cat", path], stderr=subprocess.PIPE, text=True)
        (event,) = collected(group, lambda events: events)
        assert event.process == cat.pid
        group.answer(event.descriptor, allow=False, error=error)
        group.answer(event.descriptor, allow=False, error=error)  # once more is harmless
        os.close(event.descriptor)
        said = cat.communicate(timeout=20)[1]
    wanted = errno.ENOSPC if before and error == errno.ENOSPC else errno.EPERM
    assert os.strerror(wanted) in said


def test_threads_are_told_apart(disk):
    (disk.folder / "a").write_text("content")
    with Permissions() as group:
        group.mark(fanotify.ADD | fanotify.FILESYSTEM, fanotify.OPEN_PERM, str(disk.folder))
        thread = threading.Thread(target=(disk.folder / "a").read_text)
        thread.start()
        (event,) = collected(group, lambda events: events)
        assert (group.threads, event.process) == (True, thread.native_id)
        group.answer(event.descriptor, allow=True)
        os.close(event.descriptor)
        thread.join()


def test_events_in_a_block():
    name = b"FILESYST" + b"\x08\0\0\0" + b"\x01\0\0\0" + b"HANDLE!!"
    info = b"\x05\0\x08\0" + b"\0" * 4 + b"\x01\0" + (4 + len(name)).to_bytes(2, "little") + name
    head = fanotify._HEAD.pack(24 + len(info), 3, 0, 24, fanotify.OPEN, -1, 77)
    other = fanotify._HEAD.pack(24, 3, 0, 24, fanotify.OVERFLOW, -1, 0)
    assert fanotify.parse(head + info + other) == [Event(fanotify.OPEN, 77, name), Event(fanotify.OVERFLOW, 0)]
    assert fanotify.parse(head + info + other[:20]) == [Event(fanotify.OPEN, 77, name)]
    assert fanotify.parse(fanotify._HEAD.pack(0, 3, 0, 24, 1, -1, 0)) == []


def test_what_the_kernel_does_not_take_is_said():
    with pytest.raises(OSError, match="Invalid"):
        Group(0x40000000)
    with Notifications() as group, pytest.raises(FileNotFoundError):
        group.mark(fanotify.ADD, fanotify.OPEN, "/nowhere")


def test_abilities(monkeypatch):
    assert set(fanotify.abilities().values()) == {True}

    def refuse(*_, **__):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Group, "__init__", refuse)
    assert set(fanotify.abilities().values()) == {False}
