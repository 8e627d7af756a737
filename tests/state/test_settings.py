"""The settings: defaults, environment, and one sentence for each mistake."""

from pathlib import Path

import pytest

from anomaly_core.errors import InvalidInput
from state.errors import StoreUnavailable
from state.settings import APP, Settings, is_checkout, load_settings, usual_data_dir


def test_defaults_stay_in_one_directory_of_the_repository(monkeypatch):
    monkeypatch.delenv("RINGFENCE_DATA_DIR", raising=False)
    settings = Settings(_env_file=None)
    assert settings.data_dir == APP / "ringfence-data"
    assert settings.projects_dir.parent == settings.datasets_dir.parent == settings.data_dir
    assert str(settings.default_database).endswith("ringfence-data/ringfence.db")


def test_installed_the_data_lies_in_the_users_own_directory(monkeypatch, tmp_path):
    assert is_checkout(APP)
    assert not is_checkout(tmp_path)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/ada")
    assert usual_data_dir(tmp_path) == Path("/home/ada/.local/share/ringfence")
    monkeypatch.setenv("XDG_DATA_HOME", "/srv/data")
    assert usual_data_dir(tmp_path) == Path("/srv/data/ringfence")


def test_every_field_says_what_it_is():
    assert all(field.description for field in Settings.model_fields.values())


def test_environment_sets_a_field(monkeypatch, tmp_path):
    monkeypatch.setenv("RINGFENCE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("RINGFENCE_STALE_SECONDS", "9")
    assert load_settings().data_dir == tmp_path
    assert load_settings().stale_seconds == 9.0


def test_dotenv_sets_a_field_and_may_hold_others(tmp_path):
    dotenv = tmp_path / "dotenv"
    dotenv.write_text("RINGFENCE_ANNOTATOR=ada\nOTHER=1\n")
    assert Settings(_env_file=dotenv).annotator == "ada"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("RINGFENCE_STALE_SECONDS", "soon"),
        ("RINGFENCE_HEARTBEAT_SECONDS", "-1"),
        ("RINGFENCE_MINIMUM_VIEW_MS", "-5"),
        ("RINGFENCE_ANNOTATOR", ""),
    ],
)
def test_bad_value_is_named_in_one_sentence(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidInput) as caught:
        load_settings()
    assert str(caught.value).startswith(f"{variable} cannot be used: ")
    assert "\n" not in str(caught.value)


def test_values_that_do_not_fit_together_are_refused(monkeypatch):
    monkeypatch.setenv("RINGFENCE_STALE_SECONDS", "0.5")
    with pytest.raises(InvalidInput, match="stale_seconds must be longer than heartbeat_seconds"):
        load_settings()


def test_database_url_is_not_printed(tmp_path):
    settings = Settings(_env_file=None, data_dir=tmp_path, database_url="postgresql://a:secret@b/c")
    assert "secret" not in repr(settings)


def test_prepare_creates_the_directories_twice(tmp_path):
    settings = Settings(_env_file=None, data_dir=tmp_path / "new" / "data")
    settings.prepare()
    settings.prepare()
    assert settings.projects_dir.is_dir()
    assert settings.datasets_dir.is_dir()
    files = [path for path in settings.data_dir.iterdir() if path.is_file()]
    assert [(path.name, path.stat().st_size) for path in files] == [(".locks", 0)]


def test_data_dir_that_cannot_be_written_is_one_sentence_without_a_path(tmp_path):
    (tmp_path / "file").write_text("not a directory")
    settings = Settings(_env_file=None, data_dir=tmp_path / "file" / "data")
    with pytest.raises(StoreUnavailable) as caught:
        settings.prepare()
    assert str(tmp_path) not in str(caught.value)
    assert "RINGFENCE_DATA_DIR" in str(caught.value)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///labels.db", "sqlite:///{here}/labels.db"),
        ("sqlite+pysqlite:///a/b.db", "sqlite+pysqlite:///{here}/a/b.db"),
        ("sqlite:////srv/labels.db", "sqlite:////srv/labels.db"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("postgresql+psycopg://ada@db/labels", "postgresql+psycopg://ada@db/labels"),
    ],
)
def test_an_sqlite_file_is_where_the_command_was_given(monkeypatch, tmp_path, url, expected):
    monkeypatch.chdir(tmp_path)
    assert Settings(_env_file=None, database_url=url).database_url == expected.format(here=tmp_path)
