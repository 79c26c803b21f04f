"""Which file systems are refused for the database."""

from pathlib import Path, PurePosixPath

import psutil
import pytest

from reslib.storage.filesystem import (
    _NETWORK,
    filesystem_type,
    network_filesystem,
    type_among,
    where_it_is_instead,
)

MOUNTS = [
    ("/", "ext4"),
    ("/home", "autofs"),
    ("/home", "nfs4"),
    ("/home/ada/scratch", "xfs"),
    ("/mnt/box", "fuse.sshfs"),
]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/research.db", "ext4"),
        ("/home/ada/research.db", "nfs4"),
        ("/home/ada/scratch/research.db", "xfs"),
        ("/home/ada/scratchpad/research.db", "nfs4"),
        ("/mnt/box", "fuse.sshfs"),
        ("/mnt/boxes/research.db", "ext4"),
    ],
)
def test_the_deepest_and_latest_mount_that_holds_a_path_decides(path, kind):
    assert type_among(PurePosixPath(path), MOUNTS) == kind


def test_no_mounts_means_that_nothing_is_known():
    assert type_among(PurePosixPath("/data/research.db"), []) is None


def test_every_mount_of_this_machine_is_judged_by_its_own_type():
    for mount in psutil.disk_partitions(all=True):
        kind = filesystem_type(mount.mountpoint)
        unsafe = network_filesystem(mount.mountpoint)
        assert unsafe in (None, kind)
        assert (unsafe is not None) == (kind is not None and kind.removeprefix("fuse.") in _NETWORK)


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "lustre", "gpfs", "9p", "afs"])
def test_the_network_file_systems_of_universities_are_known(kind):
    assert kind in _NETWORK


@pytest.mark.parametrize(
    "kind", ["ext4", "xfs", "btrfs", "zfs", "apfs", "tmpfs", "overlay", "f2fs"]
)
def test_local_file_systems_are_not_refused(kind):
    assert kind not in _NETWORK


def test_a_file_that_does_not_exist_yet_is_judged_by_its_folder(tmp_path: Path):
    assert filesystem_type(tmp_path / "new" / "research.db") == filesystem_type(tmp_path)


def test_a_relative_path_is_told_where_it_is_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "samples" / "papers").mkdir(parents=True)
    below = tmp_path / "notebooks" / "mine"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    words = where_it_is_instead("samples/papers")
    assert words.endswith("from there it is '../../samples/papers'")
    assert str(below) in words
    assert str(below) in where_it_is_instead("elsewhere/papers")
    assert "from there" not in where_it_is_instead("elsewhere/papers")


def test_an_absolute_path_needs_no_such_words(tmp_path: Path):
    assert where_it_is_instead(str(tmp_path / "none")) == ""
    assert where_it_is_instead("~/no such folder") == ""


def test_a_name_that_is_too_long_is_nowhere():
    assert "from there" not in where_it_is_instead("x" * 5000)
