import shutil
import tomllib
from pathlib import Path

import pytest

from matching import InvalidTables, config_dir, load_tables, tables

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    target = tmp_path / "copied"
    shutil.copytree(CONFIG, target)
    return target


def test_a_checkout_uses_its_own_config() -> None:
    assert config_dir() == CONFIG


def test_the_environment_names_another(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_CONFIG", str(copied))
    assert config_dir() == copied
    assert load_tables().policy == load_tables(CONFIG).policy


def test_a_wheel_finds_its_own(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied.rename(copied.parent / "dragoman_config")
    monkeypatch.setattr(tables, "__file__", str(copied.parent / "matching" / "tables.py"))
    assert config_dir().name == "dragoman_config"


def test_no_tables_is_an_error_that_names_the_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAGOMAN_CONFIG", str(tmp_path))
    with pytest.raises(InvalidTables, match=str(tmp_path)):
        config_dir()


def test_the_version_is_of_the_bytes(copied: Path) -> None:
    before = load_tables(copied).policy.version
    weights = copied / "weights.toml"
    weights.write_text(weights.read_text().replace("0.60", "0.61"))
    assert load_tables(copied).policy.version != before


@pytest.mark.parametrize(
    ("name", "text"),
    [("qualifications.toml", "tiers = ["), ("substitutes.toml", ""), ("weights.toml", "x = 1")],
)
def test_a_broken_table_is_an_error_of_its_own(copied: Path, name: str, text: str) -> None:
    (copied / name).write_text(text)
    with pytest.raises(InvalidTables):
        load_tables(copied)


def test_every_row_names_its_source() -> None:
    for name in ("languages", "substitutes", "qualifications"):
        data = tomllib.loads((CONFIG / f"{name}.toml").read_text(encoding="utf-8"))
        rows = [row for table in data.values() if isinstance(table, list) for row in table]
        assert all(row["source"] for row in rows if isinstance(row, dict))
