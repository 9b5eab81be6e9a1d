"""Files that come with jobs, from the request to the worker and to their end."""

import gc
import io
from xml.etree.ElementTree import fromstring

import pytest
import requests
from sqlalchemy import select

from portal.db import db
from portal.uws.models import Job
from portal.uws.models import Upload
from tests.support import weigher
from tests.support.instances import settings_in
from tests.support.remote import serving
from tests.uws.routes.test_jobs import UWS

ROOT = "/uws/test.scale"
MOST = 3_000_000
FORM = "/archives/scales/test.scale"
BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;">]><a>&c;</a>'


@pytest.fixture
def plugins():
    return [("weigher", weigher)]


@pytest.fixture
def settings(tmp_path):
    return settings_in(tmp_path, max_upload_bytes=MOST)


@pytest.fixture
def program(app):
    """Return a client without cookies."""
    return app.test_client(use_cookies=False)


def a_file(content=b"a,b\n1,2\n", name="stars.csv", mime_type="text/csv"):
    return (io.BytesIO(content), name, mime_type)


def create(client, root=ROOT, **fields):
    answer = client.post(root, data=fields or {"sample": a_file()})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].removeprefix("http://localhost")


def stored(settings):
    """Return every file that is kept."""
    folder = settings.instance / "uploads"
    return sorted(path for path in folder.glob("*/*") if path.is_file())


@pytest.mark.parametrize(
    "fields",
    [
        {"sample": a_file},
        {"SAMPLE": a_file},
        {"sample": lambda: "param:one", "one": a_file},
        {"UPLOAD": lambda: "sample,param:one", "one": a_file},
        {"sample": a_file, "UPLOAD": lambda: "Sample,param:sample"},
        {"upload": lambda: "SAMPLE,param:one;tare,param:two", "one": a_file, "two": a_file},
    ],
    ids=["field", "case", "inline", "dali", "twice said", "several"],
)
@pytest.mark.parametrize("root", [ROOT, "/uws/jobs?TYPE=test.scale"])
def test_a_file_is_the_value_of_a_parameter_however_it_is_sent(program, settings, root, fields):
    path = create(program, root, **{name: make() for name, make in fields.items()})

    [sample, *_] = fromstring(program.get(path).data).iter(f"{UWS}parameter")
    assert (sample.get("id"), sample.get("byReference")) == ("sample", "true")
    assert sample.text == f"http://localhost{path}/parameters/sample"
    sent = program.get(sample.text, buffered=True)
    assert sent.data == b"a,b\n1,2\n"
    assert sent.headers["Content-Type"] == "text/csv"
    assert sent.headers["Cache-Control"] == "no-store"
    assert sent.headers["Content-Disposition"] == "attachment; filename=stars.csv"
    assert len(stored(settings)) == len([make for make in fields.values() if make is a_file])


def test_a_job_reads_the_files_it_came_with(client, work):
    path = create(client, sample=a_file(), tare=a_file(b"box"), PHASE="RUN")

    assert work() == 1

    assert client.get(f"{path}/phase").text == "COMPLETED"
    job_id = path.rpartition("/")[2]
    table = client.get(f"/jobs/{job_id}/results/result.csv").text
    assert table.split()[1:] == ['"sample",8,"a,b"', '"tare",3,"box"']


def test_nothing_in_the_web_looks_into_a_file(program, settings):
    path = create(program, sample=a_file(BOMB, "bomb.vot", "application/x-votable+xml"))

    assert program.get(f"{path}/parameters/sample", buffered=True).data == BOMB
    assert [one.read_bytes() for one in stored(settings)] == [BOMB]


@pytest.mark.parametrize(
    "mime_type", ["text/html", "image/svg+xml", "application/xml", "nonsense", "a/" + "b" * 200, ""]
)
def test_a_file_is_never_shown_as_a_page(program, mime_type):
    path = create(program, sample=a_file(b"<script>", "x.html", mime_type))

    sent = program.get(f"{path}/parameters/sample", buffered=True)

    assert sent.mimetype == "application/octet-stream"
    assert sent.headers["Content-Disposition"].startswith("attachment")
    assert sent.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("$(touch x)", "$(touch x)"),
        ("a\x07b.csv", "ab.csv"),
        ("...", "upload"),
        ("long" * 100 + ".csv", "long" * 49 + ".csv"),
    ],
)
def test_the_name_of_a_file_is_for_people_and_never_a_path(program, app, settings, name, shown):
    create(program, sample=a_file(name=name))

    with app.app_context():
        assert db.session.scalar(select(Upload.name)) == shown
    [path] = stored(settings)
    assert len(path.name) == len(path.parent.name) == 32


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"maxrec": a_file, "sample": a_file}, "maxrec: takes no file"),
        ({"other": a_file, "sample": a_file}, "other: takes no file"),
        ({"UPLOAD": lambda: "maxrec,param:one", "one": a_file}, "maxrec: takes no file"),
        ({"UPLOAD": lambda: "sample,param:one"}, "sample: there is no file one"),
        ({"UPLOAD": lambda: "sample,http://127.0.0.1/"}, "sample: there is no file"),
        ({"UPLOAD": lambda: "sample", "sample": a_file}, "sample: there is no file"),
        ({"sample": lambda: "http://127.0.0.1/x"}, "sample: send a file"),
        ({"sample": lambda: "file:///etc/passwd"}, "sample: send a file"),
        ({"sample": lambda: "upload:" + "0" * 32}, "sample: There is no such file"),
        ({"tare": a_file}, "sample: a value is needed"),
        (
            {"UPLOAD": lambda: "sample,param:one;tare,param:one", "one": a_file},
            "one: is meant for two parameters",
        ),
        ({"sample": lambda: [a_file(), a_file()]}, "sample: is sent more than once"),
    ],
)
def test_a_file_that_is_not_meant_is_refused_and_leaves_nothing(
    program, app, settings, fields, words
):
    answer = program.post(ROOT, data={name: make() for name, make in fields.items()})

    assert answer.status_code == 403
    assert words in answer.text
    assert stored(settings) == []
    with app.app_context():
        assert db.session.scalar(select(Job.id)) is None


def send(client, url, size):
    """Send a file as its bytes: the test client would leave a file of its own open."""
    head = b'--cut\r\nContent-Disposition: form-data; name="sample"; filename="a"\r\n\r\n'
    body = head + b"x" * size + b"\r\n--cut--\r\n"
    return client.post(url, data=body, content_type="multipart/form-data; boundary=cut")


def test_files_that_are_too_large_are_refused(program, settings):
    assert send(program, ROOT, MOST + 2_100_000).status_code == 413
    assert stored(settings) == []


def test_a_large_file_comes_with_a_new_job_only(program, settings):
    path = send(program, ROOT, MOST).location.removeprefix("http://localhost")
    assert [one.stat().st_size for one in stored(settings)] == [MOST]

    for url in (path, f"{path}/parameters", "/uws/types/test.scale/validate"):
        assert send(program, url, MOST).status_code == 413
    assert program.post(ROOT, data={"sample": "x" * MOST}).status_code == 413


def in_chunks(content):
    """Return a multipart form with a file as Java's clients send it: without its length."""
    head = 'Content-Disposition: form-data; name="sample"; filename="s.csv"\r\n\r\n'
    yield b"--b\r\n" + head.encode()
    for first in range(0, len(content), 10_000):
        yield content[first : first + 10_000]
    yield b"\r\n--b--\r\n"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # werkzeug's
@pytest.mark.parametrize(("size", "status"), [(50_000, 303), (MOST + 2_100_000, 413)])
def test_a_file_that_comes_in_chunks_is_taken_up_to_the_same_size(app, settings, size, status):
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    with serving(app) as url:
        answer = requests.post(
            f"{url.rstrip('/')}{ROOT}",
            data=in_chunks(b"x" * size),
            headers=kind,
            allow_redirects=False,
            timeout=30,
        )

    assert answer.status_code == status
    assert [one.stat().st_size for one in stored(settings)] == [size] * (status == 303)
    gc.collect()  # a form that is too large leaves a file to the collector


def test_a_file_for_a_job_that_is_there_is_refused(program):
    path = create(program)

    answer = program.post(path, data={"sample": a_file(b"others")})

    assert answer.status_code == 403
    assert "when the job is created" in answer.text
    assert program.get(f"{path}/parameters/sample", buffered=True).data == b"a,b\n1,2\n"


def test_a_job_keeps_the_file_it_was_made_with(program):
    path = create(program)
    other = create(program)
    reference = program.get(other, headers={"Accept": "application/json"}).json["parameters"][0]

    for value in ("upload:" + "0" * 32, reference["value"]):
        assert program.post(path, data={"sample": value}).status_code == 403
    assert program.get(f"{path}/parameters/sample", buffered=True).data == b"a,b\n1,2\n"


def test_the_file_goes_with_its_job(program, settings):
    path = create(program)
    assert len(stored(settings)) == 1

    program.delete(path)

    assert stored(settings) == []
    assert list((settings.instance / "uploads").iterdir()) == []


def test_what_another_owner_sent_does_not_exist(app, settings):
    one, other = app.test_client(), app.test_client()
    page = one.post(FORM, data={"sample": a_file()}).location
    job_id = page.rpartition("/")[2]
    with app.app_context():
        upload_id = db.session.scalar(select(Upload.id))
    assert one.get(f"/uws/jobs/{job_id}/parameters/sample", buffered=True).status_code == 200

    assert other.get(f"/uws/jobs/{job_id}/parameters/sample", buffered=True).status_code == 404
    stolen = other.post(FORM, data={"sample": f"upload:{upload_id}"})

    assert stolen.status_code == 422
    assert "There is no such file" in stolen.text
    assert len(stored(settings)) == 1


def test_a_repeated_job_has_a_file_of_its_own(app, client, work, settings):
    first = client.post(FORM, data={"sample": a_file()}).location
    again = client.post(f"{first}/repeat").location
    assert len(stored(settings)) == 2

    client.post(f"{first}/delete")

    assert work() == 1
    assert "stars.csv" in client.get(again).text
    job_id = again.rpartition("/")[2]
    assert client.get(f"/uws/jobs/{job_id}/phase").text == "COMPLETED"
    assert client.get(f"/uws/jobs/{job_id}/parameters/sample", buffered=True).data == b"a,b\n1,2\n"


def test_a_form_takes_files_and_offers_the_one_of_the_job_it_is_filled_in_from(client, settings):
    page = client.get(FORM).text
    assert 'enctype="multipart/form-data"' in page
    assert '<input type="file" name="sample" accept="text/csv,text/plain"' in page
    assert client.post(FORM, data={"sample": (io.BytesIO(), "")}).status_code == 422
    reference = f"upload:{stored_id(client, settings)}"

    filled = client.get(FORM, query_string={"sample": reference}).text
    assert f'<input type="hidden" name="sample" value="{reference}">' in filled
    client.post(FORM, data={"sample": [reference, (io.BytesIO(), "")]})
    client.post(FORM, data={"sample": [reference, a_file(b"newer")]})

    kept = [path.read_bytes() for path in stored(settings)]
    assert sorted(kept) == [b"a,b\n1,2\n", b"a,b\n1,2\n", b"newer"]


def stored_id(client, settings):
    client.post(FORM, data={"sample": a_file()})
    return stored(settings)[0].name


def test_a_type_says_what_files_it_takes(program):
    schema = program.get("/uws/types/test.scale/schema").json["properties"]["sample"]

    assert schema["format"] == "uri"
    assert schema["x-upload"] == ["text/csv", "text/plain"]
    limits = program.get("/uws/types/test.scale").json["limits"]
    assert limits["uploadBytes"] == MOST
