"""Tests of where the SQL is looked for."""

from pathlib import Path

import pytest

import slimy_dal
from slimy_dal.compiler import project


def test_the_repositorys_sql_is_found() -> None:
    found = project.find()
    assert (found.queries / "users.sql").is_file()
    assert found.migrations.is_dir()
    assert found.audit.parent == found.sql
    assert found.root == found.sql.parent


def test_another_folder_can_be_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sql" / "queries").mkdir(parents=True)
    monkeypatch.setenv("SLIMY_SQL", str(tmp_path / "sql"))
    assert project.find().sql == tmp_path / "sql"
    assert project.find().root == tmp_path


def test_a_told_folder_without_queries_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLIMY_SQL", str(tmp_path))
    with pytest.raises(project.ProjectNotFound, match="SLIMY_SQL"):
        project.find()


def test_an_installed_package_carries_its_sql_and_keeps_its_data_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slimy_dal, "__path__", [str(tmp_path / "slimy_dal")])
    with pytest.raises(project.ProjectNotFound, match="SLIMY_SQL"):
        project.find()
    (tmp_path / "slimy_dal" / "sql" / "queries").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert project.find().sql == tmp_path / "slimy_dal" / "sql"
    assert project.find().root == tmp_path
