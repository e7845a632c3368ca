import os

from agent.scan.walk import walk


def test_every_file_in_a_steady_order(tmp_path):
    for name in ("b/2", "b/1", "a/x", "c"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "loop").symlink_to(tmp_path)
    names = [str(path.relative_to(tmp_path)) for path in walk(tmp_path)]
    assert names == ["c", "a/x", "b/1", "b/2"]


def test_a_file_is_its_own_walk(tmp_path):
    (tmp_path / "f").touch()
    assert list(walk(tmp_path / "f")) == [tmp_path / "f"]


def test_a_folder_that_cannot_be_listed_is_told(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    real = os.scandir

    def scandir(folder):
        if str(folder).endswith("gone"):
            raise FileNotFoundError(2, "gone")
        return real(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    missed = []
    list(walk(tmp_path, lambda folder, problem: missed.append(folder)))
    assert missed == [tmp_path / "gone"]
