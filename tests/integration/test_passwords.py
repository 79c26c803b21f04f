"""Passwords: which documents they open, and where they are never to be found."""

from __future__ import annotations

import io
import json
import logging
import os
import shutil
from pathlib import Path
from typing import Any

import docx
import pypdf
import pytest
import pyzipper
from commandline import command_in, rows
from msoffcrypto.format.ooxml import OOXMLFile
from odflocked import locked
from written import one_page

from reslib import (
    ExtractionWorker,
    ResearchDatabase,
)
from reslib.models import ExtractionRequest, TextStatus
from reslib.sandbox import Sandbox

SECRET = "Gezeiten-9f1c Ü"
OTHERS = ["wrong one", "another wrong one"]
WORDS = "The tide came in at noon."


def plain_pdf(path: Path) -> Path:
    path.write_bytes(one_page(content=b"BT /F1 12 Tf 72 760 Td (%s) Tj ET" % WORDS.encode()))
    return path


def locked_pdf(path: Path, password: str = SECRET, algorithm: str = "RC4-128") -> Path:
    writer = pypdf.PdfWriter(clone_from=plain_pdf(path))
    writer.encrypt(password, algorithm=algorithm)
    writer.write(path)
    return path


def locked_docx(path: Path, password: str = SECRET) -> Path:
    document, plain = docx.Document(), io.BytesIO()
    document.add_paragraph(WORDS)
    document.save(plain)
    with path.open("wb") as file:
        OOXMLFile(plain).encrypt(password, file)
    return path


def locked_zip(path: Path, password: str = SECRET, text: str = WORDS) -> Path:
    with pyzipper.AESZipFile(path, "w", pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as made:
        made.setpassword(password.encode())
        made.writestr("inside.txt", text)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "exams"
    folder.mkdir()
    return folder


def extracted(db: ResearchDatabase, *paths: Path, **settings: Any) -> list[dict[str, Any]]:
    """Return what became of each document."""
    ids = [db.add_attachment(path.name, path) for path in paths]
    with ExtractionWorker(db, num_workers=1, max_retries=0, **settings) as worker:
        worker.enqueue_batch(db.needs_extraction(ids)) or worker.retry_failed_jobs()
        assert worker.wait(timeout=120)
        jobs = {job["attachment_id"]: job for job in worker.get_recent_jobs(100)}
    return [jobs[each] for each in ids]


def text_of(db: ResearchDatabase, job: dict[str, Any]) -> str | None:
    return db.get_attachment(job["attachment_id"]).extracted_text


def test_a_list_is_tried_for_every_protected_document(db: ResearchDatabase, folder: Path) -> None:
    paths = [
        locked_pdf(folder / "a.pdf"),
        locked_pdf(folder / "b.pdf", algorithm="AES-256"),
        locked_docx(folder / "c.docx"),
        folder / "d.odt",
    ]
    paths[-1].write_bytes(locked(WORDS, SECRET))
    jobs = extracted(db, *paths, passwords=[*OTHERS, SECRET])
    assert [text_of(db, job) for job in jobs] == [WORDS] * 4
    assert db.get_attachment(jobs[0]["attachment_id"]).text_status is TextStatus.FULL


@pytest.mark.parametrize("passwords", [[*OTHERS, SECRET], [SECRET], {"exams/*.zip": SECRET}])
def test_what_is_in_an_archive_with_a_password_is_read(
    db: ResearchDatabase, folder: Path, passwords: Any
) -> None:
    extracted(db, locked_zip(folder / "d.zip"))
    [hit] = [row for row in db.store.rows("documents", {"ids": None}) if "//" in row["path"]]
    assert hit["error_code"] == "encrypted"
    assert "is protected with a password" in hit["error_message"]
    [id] = [hit["attachment_id"]]
    with ExtractionWorker(db, num_workers=1, max_retries=0, passwords=passwords) as worker:
        assert worker.retry_failed_jobs() == 1
        assert worker.wait(timeout=60)
    assert db.get_attachment(id).extracted_text == WORDS
    with ExtractionWorker(db, num_workers=1, max_retries=0, passwords=OTHERS) as worker:
        worker.extract_again([id])
        assert worker.wait(timeout=60)
        [job] = worker.queue.get_failed_jobs()
    assert job.error_code == "encrypted"
    assert "none of the" in str(job.error_message)


def test_a_pattern_stands_for_the_end_of_a_path(db: ResearchDatabase, folder: Path) -> None:
    inside, outside = locked_pdf(folder / "a.pdf"), locked_pdf(folder.parent / "b.pdf")
    for pattern in ("exams/*.pdf", "**/exams/**", str(folder / "*.pdf")):
        first, second = extracted(db, inside, outside, passwords={pattern: [SECRET]})
        assert text_of(db, first) == WORDS, pattern
        assert second["error_code"] == "encrypted"
        db.delete_attachment(first["attachment_id"])


def test_a_function_is_asked_only_for_what_is_protected(db: ResearchDatabase, folder: Path) -> None:
    asked: list[Path] = []
    plain = plain_pdf(folder / "plain.pdf")
    locked = locked_pdf(folder / "locked.pdf")

    def ask(path: Path) -> list[str]:
        asked.append(path)
        return [SECRET]

    jobs = extracted(db, plain, locked, passwords=ask)
    assert [text_of(db, job) for job in jobs] == [WORDS] * 2
    assert asked == [locked]


def test_what_a_function_raises_is_no_secret_told(
    db: ResearchDatabase, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def ask(path: Path) -> list[str]:
        raise KeyError(SECRET)

    (job,) = extracted(db, locked_pdf(folder / "a.pdf"), passwords=ask)
    assert job["error_code"] == "encrypted"
    assert "the function that gives passwords raised KeyError" in caplog.text
    assert SECRET not in caplog.text


def test_without_the_right_one_it_is_encrypted_and_says_what_to_do(
    db: ResearchDatabase, folder: Path
) -> None:
    path = locked_pdf(folder / "a.pdf")
    (without,) = extracted(db, path)
    assert without["error_code"] == "encrypted"
    assert "reslib retry --password-file FILE" in without["error_message"]
    (one,) = extracted(db, path, passwords=OTHERS[:1])
    assert "the one that was given does not open it" in one["error_message"]
    (several,) = extracted(db, path, passwords=OTHERS)
    assert "none of the 2 that were given opens it" in several["error_message"]
    assert several["error_code"] == "encrypted"
    (right,) = extracted(db, path, passwords=SECRET)
    assert text_of(db, right) == WORDS


@pytest.mark.parametrize(
    "given", [3, [b"bytes"], ["ok", None], {"*.pdf": 5}, {5: ["a"]}, ["half \udc80"], b"bytes"]
)
def test_what_is_no_password_is_refused_and_not_shown(db: ResearchDatabase, given: Any) -> None:
    with pytest.raises(ValueError, match="password") as error:
        ExtractionWorker(db, passwords=given)
    assert "bytes'" not in str(error.value)
    assert "\udc80" not in str(error.value)


def test_a_password_is_in_no_file_log_message_or_command_line(
    db: ResearchDatabase, folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = [SECRET, "second-secret-77aa"]
    damaged = locked_docx(folder / "damaged.docx")
    damaged.write_bytes(damaged.read_bytes().replace(b"spinCount", b"spinXXXXX"))
    paths = [locked_pdf(folder / "a.pdf"), locked_pdf(folder / "b.pdf", "other"), damaged]
    ids = [db.add_attachment(path.name, path) for path in paths]
    seen: list[object] = []
    with ExtractionWorker(db, num_workers=1, max_retries=0, passwords=secrets) as worker:
        worker.on("job_failed", lambda job, failure: seen.extend((repr(job), repr(failure))))
        worker.enqueue_batch(ids)
        assert worker.wait(timeout=120)
        (child,) = [each["child_pid"] for each in worker.get_status()["workers"]]
        for process in (child, os.getpid()):
            for name in ("cmdline", "environ"):
                seen.append(Path(f"/proc/{process}/{name}").read_bytes())
        scratch = Path(
            dict(
                each.split(b"=", 1)
                for each in Path(f"/proc/{child}/environ").read_bytes().split(b"\0")
                if b"=" in each
            )[b"TMPDIR"].decode()
        )
        assert list(scratch.rglob("*")) == []  # no copy without its password is left
        seen += [repr(worker), worker._repr_html_(), json.dumps(worker.get_status()), vars(worker)]
        seen += [worker.get_recent_jobs(10), [repr(job) for job in worker.queue.get_workers()]]
    assert text_of(db, {"attachment_id": ids[0]}) == WORDS
    request = ExtractionRequest("a.pdf", passwords=tuple(secrets))
    seen += [repr(request), str(request), caplog.text]
    db.close()
    seen += [path.read_bytes() for path in tmp_path.iterdir() if path.name.startswith("research")]
    for secret in secrets:
        for what in seen:
            told = what if isinstance(what, bytes) else str(what).encode()
            assert secret.encode() not in told
            assert json.dumps(secret)[1:-1].encode() not in told


def test_a_document_that_needs_none_is_read_by_a_process_that_was_told_none(folder: Path) -> None:
    told: list[tuple[str, ...]] = []

    class Listening(Sandbox):
        def run(self, attempt: ExtractionRequest, on_progress: Any = None) -> Any:
            told.append(attempt.passwords)
            return super().run(attempt, on_progress)

    class Engine:
        def runner(self) -> Sandbox:
            return Listening()

    with ResearchDatabase(folder / "own.db") as db:
        plain = plain_pdf(folder / "plain.pdf")
        extracted(db, plain, locked_pdf(folder / "locked.pdf"), passwords=[SECRET], engine=Engine())
    assert told == [(), (), (SECRET,)]


def test_a_missing_package_is_named_with_what_installs_it_and_waited_for(
    db: ResearchDatabase, folder: Path, installed: Path
) -> None:
    stand_in = installed / "msoffcrypto.py"
    stand_in.write_text("raise ModuleNotFoundError('no', name='msoffcrypto')")
    path = locked_docx(folder / "a.docx")
    (job,) = extracted(db, path, passwords=[SECRET])
    assert job["error_type"] == "extractor_missing"
    assert "pip install 'reslib-toolkit[office]'" in job["error_message"]
    stand_in.unlink()
    assert db.needs_extraction([job["attachment_id"]]) == [job["attachment_id"]]


def test_the_command_line_takes_a_file(tmp_path: Path, folder: Path) -> None:
    locked_pdf(folder / "a.pdf")
    run = command_in(tmp_path)
    assert run("extract", "exams").returncode == 1
    passwords = tmp_path / "passwords.txt"
    passwords.write_bytes(b"\xef\xbb\xbfwrong\r\n\r\n" + SECRET.encode() + b"\r\n")
    done = run("retry", "--password-file", passwords)
    assert done.returncode == 0, done.stderr
    assert rows(tmp_path / "research.db", "SELECT extracted_text FROM attachments") == [(WORDS,)]


def test_a_file_of_passwords_that_is_not_utf_8_says_in_which_line(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("words")
    (tmp_path / "passwords.txt").write_bytes(b"first\nsch\xfcssel\n")
    done = command_in(tmp_path)("extract", "a.txt", "--password-file", "passwords.txt")
    assert done.returncode == 2
    assert "line 2 is not UTF-8" in done.stderr
    assert "ssel" not in done.stderr


@pytest.mark.skipif(
    not (Path(os.environ.get("RESLIB_SHARED", "../shared")) / "corpus").is_dir(),
    reason="needs ../shared",
)
@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("docx/nolze__msoffcrypto-tool__ecma376standard_password.docx", "Password1234_"),
        ("xlsx/nolze__msoffcrypto-tool__example_password.xlsx", "Password1234_"),
        ("pdf/chromium__pdfium__encrypted_hello_world_r3.pdf", "hôtel"),
        ("pdf/py-pdf__pypdf__r6-both-passwords.pdf", "foo"),
        pytest.param(
            "doc/nolze__msoffcrypto-tool__rc4cryptoapi_password.doc",
            "Password1234_",
            marks=pytest.mark.skipif(not shutil.which("antiword"), reason="needs antiword"),
        ),
    ],
)
def test_documents_of_others_open(name: str, password: str, sandbox: Sandbox) -> None:
    path = Path(os.environ.get("RESLIB_SHARED", "../shared")) / "corpus/encrypted" / name
    outcome = sandbox.run(ExtractionRequest(str(path.absolute()), passwords=("no", password)))
    assert outcome.result is not None, outcome.failure
    assert outcome.result.text.strip()
