"""Fetching files from folders and from a server that misbehaves."""

from __future__ import annotations

import hashlib
import http.server
import threading
from functools import partial

import pytest

from workbench.error import DataFileError, MXNetError
from workbench.gluon import _download
from workbench.gluon._download import DownloadError, check_sha1, download

CONTENT = b"the content" * 1000
SHA1 = hashlib.sha1(CONTENT).hexdigest()


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "there" / "file.bin"
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    return path.as_uri()


@pytest.fixture
def target(tmp_path):
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(_download, "_LONGEST_PAUSE", 0.0)


class Server(http.server.BaseHTTPRequestHandler):
    """Answers with the planned (status, length that is announced) in turn."""

    def __init__(self, plan, asked, *args):
        self.plan, self.asked = plan, asked
        super().__init__(*args)

    def do_GET(self):
        self.asked.append(self.path)
        status, length = self.plan.pop(0)
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(CONTENT)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def serve():
    servers = []

    def start(*plan):
        asked: list[str] = []
        server = http.server.HTTPServer(("127.0.0.1", 0), partial(Server, list(plan), asked))
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/file.bin", asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_file_url_into_a_folder(source, target):
    path = download(source, str(target))
    assert path == str(target / "file.bin")
    assert check_sha1(path, SHA1)
    assert [entry.name for entry in target.iterdir()] == ["file.bin"]


def test_into_a_folder_that_is_made(source, target):
    path = download(source, str(target / "a" / "b.bin"), sha1_hash=SHA1)
    assert (target / "a" / "b.bin").read_bytes() == CONTENT
    assert path.endswith("b.bin")


def test_into_the_working_folder(source, target, monkeypatch):
    monkeypatch.chdir(target)
    assert download(source) == "file.bin"
    assert (target / "file.bin").read_bytes() == CONTENT
    with pytest.raises(ValueError, match="file-name"):
        download("file:///")


def test_what_is_there_is_kept_unless_it_must_not(source, target):
    path = target / "file.bin"
    path.write_bytes(b"old")
    download(source, str(path))
    assert path.read_bytes() == b"old"
    download(source, str(path), overwrite=True)
    assert path.read_bytes() == CONTENT
    path.write_bytes(b"old")
    download(source, str(path), sha1_hash=SHA1)
    assert path.read_bytes() == CONTENT


def test_another_hash_is_thrown_away(source, target):
    path = target / "file.bin"
    path.write_bytes(b"old")
    with pytest.raises(DataFileError, match=r"(?s)another hash.*not 0123.*fix:"):
        download(source, str(path), sha1_hash="0123")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in target.iterdir()] == ["file.bin"]


def test_what_is_missing_is_not_tried_again(target, serve):
    with pytest.raises(DownloadError, match=r"(?s)cannot fetch.*wanted at.*fix:") as caught:
        download((target / "absent").as_uri(), str(target / "x"))
    assert isinstance(caught.value, (MXNetError, OSError))
    url, asked = serve((404, 0))
    with pytest.raises(DownloadError, match="Not Found"):
        download(url, str(target))
    assert asked == ["/file.bin"]
    assert list(target.iterdir()) == []


def test_a_server_that_recovers(target, serve):
    url, asked = serve((503, 0), (200, 2 * len(CONTENT)), (200, len(CONTENT)))
    path = download(url, str(target), sha1_hash=SHA1)
    assert check_sha1(path, SHA1)
    assert len(asked) == 3


def test_retries_come_to_an_end(target, serve):
    url, asked = serve(*[(500, 0)] * 3)
    with pytest.raises(DownloadError):
        download(url, str(target), retries=2)
    assert len(asked) == 3
    with pytest.raises(ValueError, match="at least 0"):
        download(url, retries=-1)


def test_no_server_is_a_download_error(target):
    with pytest.raises(DownloadError, match="Connection refused"):
        download("http://127.0.0.1:9/file.bin", str(target), retries=1)


def test_unverified_requests_warn(source, target):
    with pytest.warns(UserWarning, match="Unverified"):
        download(source, str(target), verify_ssl=False)


def test_two_threads_fetch_it_once(target, serve):
    url, asked = serve((200, len(CONTENT)), (200, len(CONTENT)))
    threads = [
        threading.Thread(target=download, args=(url, str(target / "f")), kwargs={"sha1_hash": SHA1})
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(asked) == 1
    assert (target / "f").read_bytes() == CONTENT


def test_repository(monkeypatch):
    monkeypatch.setenv("MXNET_GLUON_REPO", "file:///mirror")
    assert _download.repo_file_url("gluon/dataset/mnist", "x.gz") == (
        "file:///mirror/gluon/dataset/mnist/x.gz"
    )
    monkeypatch.delenv("MXNET_GLUON_REPO")
    assert _download.repo_url().startswith("https://apache-mxnet.s3")
