import pytest

from portal import config
from portal.config import SettingsError


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_without_any_setting_there_is_a_sensible_default_for_all():
    settings = config.load()

    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.instance.is_absolute()
    assert settings.sqlalchemy_url().startswith("sqlite:///")


def test_the_environment_wins_over_the_file(tmp_path, monkeypatch):
    (tmp_path / "portal.toml").write_text('port = 9000\nhost = "0.0.0.0"\n')
    monkeypatch.setenv("PORTAL_PORT", "9001")

    settings = config.load()

    assert (settings.host, settings.port) == ("0.0.0.0", 9001)


def test_the_file_may_lie_elsewhere(tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere.toml"
    elsewhere.write_text("port = 9002\n")
    monkeypatch.setenv("PORTAL_CONFIG", str(elsewhere))

    assert config.load().port == 9002


def test_every_wrong_setting_is_named_at_once(monkeypatch):
    monkeypatch.setenv("PORTAL_PORT", "many")
    monkeypatch.setenv("PORTAL_WORKERS", "0")

    with pytest.raises(SettingsError) as error:
        config.load()

    assert "port: " in error.value.message
    assert "workers: " in error.value.message


def test_a_misspelt_setting_in_the_file_is_refused(tmp_path):
    (tmp_path / "portal.toml").write_text("prot = 9000\n")

    with pytest.raises(SettingsError, match="prot"):
        config.load()


def test_a_file_that_is_not_toml_is_named(tmp_path):
    (tmp_path / "portal.toml").write_text("port: 9000\n")

    with pytest.raises(SettingsError, match=r"portal\.toml"):
        config.load()


def test_a_named_file_that_is_not_there_is_an_error(monkeypatch):
    monkeypatch.setenv("PORTAL_CONFIG", "/nowhere/portal.toml")

    with pytest.raises(SettingsError, match="does not exist"):
        config.load()


def test_lists_are_read_from_one_variable(monkeypatch):
    monkeypatch.setenv("PORTAL_REMOTE_ALLOW", "vo.example.org, 10.0.0.1:8080")

    assert config.load().remote_allow == ("vo.example.org", "10.0.0.1:8080")


def test_settings_of_a_plugin_come_from_file_and_environment(tmp_path, monkeypatch):
    (tmp_path / "portal.toml").write_text('[plugins.vo]\nregistry_url = "http://a"\n')
    monkeypatch.setenv("PORTAL_PLUGINS__VO__REGISTRY_URL", "http://b")

    assert config.load().plugins["vo"] == {"registry_url": "http://b"}


def test_an_empty_url_means_the_embedded_one(monkeypatch):
    monkeypatch.setenv("PORTAL_REDIS_URL", "")

    assert config.load().redis_url is None


def test_a_postgresql_url_gets_the_driver_that_is_installed():
    settings = config.load(database_url="postgresql://u@h/d")

    assert settings.sqlalchemy_url() == "postgresql+psycopg://u@h/d"


@pytest.mark.parametrize("url", ["portal.example.org", "ftp://x", "https://"])
def test_a_public_address_must_be_whole(url):
    with pytest.raises(SettingsError, match="public_url"):
        config.load(public_url=url)


def test_the_public_address_ends_without_a_slash():
    assert config.load(public_url="https://x.org/esap/").public_url == "https://x.org/esap"


def test_the_secret_key_is_made_once_and_private(tmp_path):
    first = config.secret_key(tmp_path / "instance")

    assert config.secret_key(tmp_path / "instance") == first
    assert len(first) == 64
    assert (tmp_path / "instance" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_archives_are_described_in_the_file_and_not_in_a_variable(tmp_path, monkeypatch):
    (tmp_path / "portal.toml").write_text("[[archives]]\nid = 5\n[[archives]]\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    assert config.load().archives == ({"id": 5}, {})

    monkeypatch.setenv("PORTAL_ARCHIVES", "a.toml")
    with pytest.raises(config.SettingsError, match="archive_files names files"):
        config.load()


def test_files_with_archives_are_named_in_a_variable(monkeypatch):
    monkeypatch.setenv("PORTAL_ARCHIVE_FILES", "a.toml, /etc/portal/archives")

    assert config.load().archive_files == ("a.toml", "/etc/portal/archives")


PROVIDER = """
[[identity_providers]]
id = "iam"
title = "ESCAPE IAM"
issuer = "https://iam.example.org/"
client_id = "portal"
scopes = ["profile", "offline_access"]
admin_groups = ["escape/admins"]
"""


def test_identity_providers_are_in_the_file_and_their_secrets_in_the_environment(
    tmp_path, monkeypatch
):
    (tmp_path / "portal.toml").write_text(PROVIDER)
    monkeypatch.setenv("PORTAL_IDENTITY_SECRETS__IAM", "canary")

    settings = config.load()
    provider = settings.identity_providers[0]

    assert provider.scopes == ("openid", "profile", "offline_access")
    assert provider.metadata_url == "https://iam.example.org/.well-known/openid-configuration"
    assert settings.client_secret(provider) == "canary"
    assert "canary" not in repr(settings)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('id = "iam"', 'id = "I AM"'), "id"),
        (("https://iam", "http://iam"), "https"),
        (("client_id", "client_identifier"), "client_identifier"),
        (("[[", PROVIDER + "[["), "same id"),
        (("[[", PROVIDER.replace('"iam"', '"iam2"') + "[["), "same issuer: https://iam"),
    ],
)
def test_a_wrong_identity_provider_is_named(tmp_path, change, words):
    (tmp_path / "portal.toml").write_text(PROVIDER.replace(*change, 1))

    with pytest.raises(SettingsError, match=words):
        config.load()


def test_a_secret_of_nobody_is_refused(monkeypatch):
    monkeypatch.setenv("PORTAL_IDENTITY_SECRETS__IAM", "canary")

    with pytest.raises(SettingsError, match="there is no provider iam") as error:
        config.load()
    assert "canary" not in error.value.message


PUBLIC = [
    {"PORTAL_HOST": "0.0.0.0"},
    {"PORTAL_PUBLIC_URL": "https://portal.example.org"},
    {"PORTAL_TRUSTED_PROXIES": "1"},
]


@pytest.mark.parametrize("public", PUBLIC)
def test_the_development_login_cannot_be_on_where_others_come(monkeypatch, public):
    for name, value in public.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PORTAL_DEVELOPMENT_LOGIN", "true")
    with pytest.raises(SettingsError, match="development_login lets anybody in"):
        config.load()

    monkeypatch.setenv("PORTAL_DEVELOPMENT_LOGIN", "auto")
    assert not config.load().has_development_login


def test_the_development_login_is_on_where_it_was_asked_for_and_nobody_else_comes(
    tmp_path, monkeypatch
):
    assert not config.load().has_development_login
    for value in ("true", "auto"):
        monkeypatch.setenv("PORTAL_DEVELOPMENT_LOGIN", value)
        assert config.load().has_development_login
    (tmp_path / "portal.toml").write_text(PROVIDER)
    assert not config.load().has_development_login
