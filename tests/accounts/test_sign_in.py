"""Signing in and out at a real provider, from the portal's page and back."""

import re
from datetime import timedelta
from urllib.parse import parse_qs
from urllib.parse import urlsplit

import pytest
import requests
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy import update

from portal.accounts.identity.logins import unseal
from portal.accounts.identity.providers import providers
from portal.accounts.models import ApiToken
from portal.accounts.models import LoginSession
from portal.accounts.models import Person
from portal.cli import main
from portal.config import IdentityProvider
from portal.db import clock
from portal.db import db
from portal.uws.models import Job
from tests.services.oidc import CLIENT_SECRET
from tests.services.oidc import oidc_provider
from tests.support import lab
from tests.support.callers import make_token
from tests.support.instances import settings_in

FORM = "/archives/lab/query.lab-stars"
OWN = "http://localhost/"
WITH_TEXTS = pytest.mark.parametrize(
    "options", [{"acceptable_use": "Be kind.\n\nBe brief.", "privacy_notice": "https://x.org/p"}]
)

pytestmark = [pytest.mark.peers, pytest.mark.slow]


@pytest.fixture(scope="module")
def institute():
    with oidc_provider(OWN) as provider:
        yield provider


@pytest.fixture
def plugins():
    return [("lab", lab)]


@pytest.fixture
def options():
    """Name the settings of a test."""
    return {}


@pytest.fixture
def settings(tmp_path, institute, options):
    provider = IdentityProvider(
        id="iam",
        title="The Institute",
        issuer=institute.issuer,
        client_id="portal",
        client_secret=CLIENT_SECRET,
        scopes=("openid", "profile", "email", "offline_access"),
        archive_team_groups=("/escape/ada",),
    )
    return settings_in(tmp_path, identity_providers=(provider,), **options)


class Visitor:
    """A browser at the portal and at the institute."""

    def __init__(self, app):
        self.portal = app.test_client()
        self.elsewhere = requests.Session()

    def follow(self, there, **form):
        """Go on at the institute until it leads back; return the portal's path."""
        answer = self.elsewhere.get(there, allow_redirects=False, timeout=10)
        while not answer.headers.get("Location", "").startswith(OWN):
            if answer.is_redirect:
                target = requests.compat.urljoin(answer.url, answer.headers["Location"])
                answer = self.elsewhere.get(target, allow_redirects=False, timeout=10)
            else:
                assert answer.status_code == 200, answer.text
                answer = self.elsewhere.post(
                    target_of(answer), data=hidden(answer) | form, allow_redirects=False, timeout=10
                )
        return answer.headers["Location"].removeprefix(OWN.rstrip("/"))

    def sign_in(self, user, then="/jobs"):
        there = self.portal.get("/login/at/iam", query_string={"next": then}).location
        self.came_back = self.follow(there, login=user)
        return self.portal.get(self.came_back)

    def name(self):
        found = re.search(r"Signed in as </span>([^<]*)", self.portal.get("/jobs").text)
        return found and found[1].strip()


def target_of(page):
    found = re.search(r'action="([^"]+)"', page.text)
    return requests.compat.urljoin(page.url, found[1]) if found else page.url


def hidden(page):
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))


@pytest.fixture
def visitor(app):
    return Visitor(app)


def test_somebody_signs_in_and_comes_back_to_where_he_was(app, visitor):
    page = visitor.portal.get("/account?x=1").text
    assert 'href="/login?next=/account?x%3D1"' in page

    answer = visitor.sign_in("ada", then="/account?x=1")

    assert (answer.status_code, answer.location) == (303, "/account?x=1")
    assert visitor.name() == "Ada of the tests"
    with app.app_context():
        person = db.session.scalar(select(Person))
        assert person.email == "ada@iam.example.org"
        assert person.roles == ["archive team"]


def test_what_the_browser_had_is_there_for_the_person_in_every_browser(app, visitor):
    location = visitor.portal.post(FORM, data={"rows": "3"}).location
    secret = make_token(visitor.portal)
    visitor.portal.post(f"{FORM}/save", data={"rows": "3", "saved.name": "Three"})
    before = visitor.portal.get_cookie("portal").value

    visitor.sign_in("grace")
    other = Visitor(app)
    other.sign_in("grace")

    for browser in (visitor, other):
        assert browser.portal.get(location).status_code == 200
        assert "Three" in browser.portal.get(FORM).text
    bearer = {"Authorization": f"Bearer {secret}"}
    assert other.portal.get(location, headers=bearer).status_code == 401
    thief = app.test_client()
    thief.set_cookie("portal", before)
    assert thief.get(location).status_code == 404


def test_a_running_job_goes_on_and_its_new_owner_follows_it(visitor, work):
    location = visitor.portal.post(FORM, data={"rows": "3"}).location
    visitor.sign_in("emmy")

    assert work() == 1
    assert "COMPLETED" in visitor.portal.get(f"/uws/jobs/{location.rpartition('/')[2]}/phase").text


def test_two_browsers_of_one_person_bring_both_what_they_had(app, visitor):
    other = Visitor(app)
    jobs = [one.portal.post(FORM, data={"rows": "3"}).location for one in (visitor, other)]

    visitor.sign_in("vera")
    other.sign_in("vera")

    assert [visitor.portal.get(job).status_code for job in jobs] == [200, 200]
    with app.app_context():
        assert len(set(db.session.scalars(select(Job.owner)))) == 1


def test_signing_out_ends_both_sides_and_an_old_cookie_opens_nothing(app, visitor, institute):
    visitor.sign_in("ada")
    visitor.portal.post(FORM, data={"rows": "3"})
    cookie = visitor.portal.get_cookie("portal").value
    with app.app_context():
        assert db.session.scalar(select(LoginSession.refresh_token)) is not None

    page = visitor.portal.post("/logout").text
    there = re.search(r'class="button" href="([^"]+)"', page)[1].replace("&amp;", "&")
    back = visitor.follow(there, logout="yes")

    assert urlsplit(back).path == "/logged-out"
    assert visitor.portal.get(back).status_code == 200
    assert visitor.name() is None
    visitor.portal.set_cookie("portal", cookie)
    assert visitor.name() is None
    assert "lab-stars" not in visitor.portal.get("/jobs").text
    there = visitor.portal.get("/login/at/iam").location
    asked = visitor.elsewhere.get(there, timeout=10)
    assert "Sign in at the institute" in asked.text  # its own session is over as well


def test_a_new_session_begins_with_each_sign_in(app, visitor):
    visitor.portal.get("/login/at/iam")
    planted = visitor.portal.get_cookie("portal").value

    visitor.sign_in("ada")
    fixed = app.test_client()
    fixed.set_cookie("portal", planted)

    assert visitor.portal.get_cookie("portal").value != planted
    assert "Signed in as" not in fixed.get("/jobs").text


def test_a_code_that_is_sent_again_is_refused(visitor):
    visitor.sign_in("ada")

    assert visitor.portal.get(visitor.came_back).status_code == 400
    assert visitor.name() == "Ada of the tests"


def test_nothing_of_the_provider_is_readable_in_the_database(app, visitor):
    visitor.sign_in("ada")

    with app.app_context():
        row = db.session.scalar(select(LoginSession))
    assert b"eyJ" not in row.id_token
    assert visitor.portal.get_cookie("portal").value not in str(vars(row))
    code = parse_qs(urlsplit(visitor.came_back).query)["code"][0]
    assert code not in visitor.portal.get("/account").text


def test_a_token_of_a_person_is_the_persons(app, visitor):
    visitor.sign_in("ada")
    make_token(visitor.portal)

    with app.app_context():
        person = db.session.scalar(select(Person.id))
        assert db.session.scalar(select(ApiToken.owner)) == f"user:{person}"


def make_due(app):
    with app.app_context():
        db.session.execute(update(LoginSession).values(renewal=clock() - timedelta(seconds=1)))
        db.session.commit()


def test_a_session_is_renewed_after_a_visit_and_rotation_logs_nobody_out(app, visitor):
    visitor.sign_in("ada")
    kept = set()
    for _ in range(3):
        make_due(app)
        with visitor.portal.get("/jobs") as page:
            assert page.status_code == 200
        with app.app_context():
            row = db.session.scalar(select(LoginSession))
            assert row.renewal > clock() + timedelta(minutes=4)
            kept.add(unseal(row.refresh_token, row.digest))

    assert len(kept) == 3
    assert visitor.name() == "Ada of the tests"


def test_whom_the_institute_knows_no_longer_is_signed_out(app, visitor, institute):
    visitor.sign_in("leaver")
    institute.forget("leaver")
    assert visitor.name() == "Leaver of the tests"

    make_due(app)
    with visitor.portal.get("/jobs"):
        pass

    assert visitor.name() is None


def test_an_access_token_of_the_institute_opens_the_api(app, visitor, institute):
    visitor.sign_in("ada")
    location = visitor.portal.post(FORM, data={"rows": "3"}).location
    with app.app_context():
        row = db.session.scalar(select(LoginSession))
        token = providers()["iam"].refresh(unseal(row.refresh_token, row.digest))
    bearer = {"Authorization": f"Bearer {token['access_token']}"}

    program = app.test_client()
    assert location.rpartition("/")[2] in program.get("/uws/jobs", headers=bearer).text
    assert program.get("/uws/jobs", headers={"Authorization": "Bearer x"}).status_code == 401
    id_token = {"Authorization": f"Bearer {token['id_token']}"}
    assert program.get("/uws/jobs", headers=id_token).status_code == 401


def test_forms_are_checked_for_signed_in_people_too(app, visitor):
    app.config["WTF_CSRF_ENABLED"] = True
    visitor.sign_in("ada")

    assert visitor.portal.post("/logout").status_code == 403
    assert visitor.name() == "Ada of the tests"


@WITH_TEXTS
def test_texts_are_accepted_once_for_each_version(app, visitor):
    location = visitor.portal.post(FORM, data={"rows": "3"}).location

    answer = visitor.sign_in("ada", then="/account")

    assert answer.location == "/login/terms"
    assert visitor.name() is None
    page = visitor.portal.get("/login/terms").text
    assert '<p class="prose">Be brief.</p>' in page
    assert 'href="https://x.org/p"' in page
    assert visitor.portal.post("/login/terms").status_code == 400
    done = visitor.portal.post("/login/terms", data={"accepted": "1"})
    assert (done.status_code, done.location) == (303, "/account")
    assert visitor.name() == "Ada of the tests"
    assert visitor.portal.get(location).status_code == 200

    visitor.portal.post("/logout")
    assert visitor.sign_in("ada").location == "/jobs"
    with app.app_context():
        db.session.execute(update(Person).values(terms_version="0"))
        db.session.commit()
    assert visitor.sign_in("ada").location == "/login/terms"


@WITH_TEXTS
def test_every_page_leads_to_the_texts(visitor):
    page = visitor.portal.get("/").text

    assert 'href="/about/acceptable_use"' in page
    assert 'href="https://x.org/p"' in page
    assert "Be kind." in visitor.portal.get("/about/acceptable_use").text
    assert visitor.portal.get("/about/imprint").status_code == 404
    assert visitor.portal.get("/about/secret_key").status_code == 404


@pytest.mark.parametrize(
    ("ending", "words", "code"),
    [
        ("", "identity_providers, iam: ok", 0),
        ("/", "identity_providers, iam: What answers for The Institute has another name", 1),
    ],
)
def test_the_doctor_looks_at_the_provider(institute, tmp_path, monkeypatch, ending, words, code):
    (tmp_path / "portal.toml").write_text(
        '[[identity_providers]]\nid = "iam"\ntitle = "The Institute"\nclient_id = "portal"\n'
        f'issuer = "{institute.issuer}{ending}"\n'
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORTAL_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.setenv("PORTAL_PLUGINS_DISABLED", "astron,files,names,vo,zooniverse")
    monkeypatch.setattr("portal.logs.set_up", lambda level: None)

    said = CliRunner().invoke(main, ["doctor"])

    assert words in said.stdout
    assert said.exit_code == code
