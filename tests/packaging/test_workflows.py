"""The workflows of GitHub, as far as they can be checked without GitHub."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PROGRAMS = {"gh"}  # what GitHub's machines have

pytestmark = pytest.mark.skipif(not GITHUB.exists(), reason="an sdist has no workflows")


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def jobs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path in sorted((GITHUB / "workflows").glob("*.yml")):
        for name, job in load(path)["jobs"].items():
            yield path.name, name, job


def steps(key: str) -> list[str]:
    return [step[key] for _, _, job in jobs() for step in job.get("steps", ()) if key in step]


def test_every_script_that_is_run_is_there() -> None:
    programs = {command.split()[0] for command in steps("run")}
    assert {"scripts/test", "scripts/audit", "scripts/release", "scripts/demo"} <= programs
    for program in programs - PROGRAMS:
        assert os.access(ROOT / program, os.X_OK), program


def test_actions_are_pinned_to_a_commit_that_has_a_version() -> None:
    """A tag can be moved to other code; the comment is for people and for Dependabot."""
    text = "".join(path.read_text() for path in (GITHUB / "workflows").glob("*.yml"))
    used = re.findall(r"uses: (?!\./)(.*)", text)
    assert len(used) == len([one for one in steps("uses") if not one.startswith("./")])
    for one in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one), one


def test_workflows_and_classifiers_have_the_same_pythons() -> None:
    prefix = "Programming Language :: Python :: 3."
    declared = sorted((one.removeprefix(prefix) for one in PROJECT["classifiers"] if one.startswith(prefix)), key=int)
    versions = [f"3.{minor}" for minor in declared]
    matrices = [
        job["strategy"]["matrix"]["python"]
        for _, _, job in jobs()
        if "python" in job.get("strategy", {}).get("matrix", {})
    ]
    assert matrices == [versions] * len(matrices)
    assert len(matrices) == 2  # the tests, and the release's wheel
    assert PROJECT["requires-python"] == f">={versions[0]}"


def test_only_the_job_that_publishes_can_prove_who_it_is() -> None:
    """All other jobs, tests and builds among them, cannot publish and hold no secret."""
    with_token = [(file, name) for file, name, job in jobs() if "id-token" in job.get("permissions", {})]
    assert with_token == [("release.yml", "publish")]
    publish = load(GITHUB / "workflows" / "release.yml")["jobs"]["publish"]
    assert publish["environment"] == "release"
    assert set(publish["needs"]) == {"test", "build", "wheel"}
    assert not [step for step in publish["steps"] if "run" in step or "checkout" in step["uses"]]
    assert "secrets." not in "".join(path.read_text() for path in GITHUB.rglob("*.yml"))


def test_issue_forms_parse_and_name_each_question_once() -> None:
    forms = [load(path) for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml"]
    assert len(forms) == 2
    for form in forms:
        ids = [one["id"] for one in form["body"] if one["type"] != "markdown"]
        assert len(ids) == len(set(ids)) > 0


def test_links_lead_to_files_of_this_repository() -> None:
    pages = [ROOT / "SECURITY.md", GITHUB / "pull_request_template.md"]
    for page in pages:
        for target in re.findall(r"\]\((?!https:)([^)#]*)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
    base = PROJECT["urls"]["Repository"]
    assert {name for name, url in PROJECT["urls"].items() if url.startswith(base)} == set(PROJECT["urls"])
    for url in PROJECT["urls"].values():
        path = re.sub(r"^/(tree|blob)/main/", "", url.removeprefix(base))
        assert path.startswith(("/issues", "/security")) or (ROOT / path).exists(), url


def test_no_file_names_a_registrys_host() -> None:
    hosts = ["pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "deb.debian" + ".org"]
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in done.stdout.splitlines():
        text = (ROOT / name).read_bytes().decode(errors="ignore")
        assert not [host for host in hosts if host in text], name


@pytest.mark.parametrize(
    ("tag", "version", "heading", "why"),
    [
        ("v1.2.4", "1.2.3", "## 1.2.3 (2026-12-01)", "The tag is v1.2.4, but the package's version is 1.2.3"),
        ("1.2.3", "1.2.3", "## 1.2.3 (2026-12-01)", "The tag is 1.2.3, but the package's version is 1.2.3"),
        ("v1.2.3", "1.2.3", "## 1.2.3 (unreleased)", 'CHANGELOG.md has no section "## 1.2.3 (YYYY-MM-DD)"'),
        ("v1.2.3", "1.2.3", "## 1x2.3 (2026-12-01)", 'CHANGELOG.md has no section "## 1.2.3 (YYYY-MM-DD)"'),
    ],
)
def test_a_release_is_refused_before_it_builds(tmp_path: Path, tag: str, version: str, heading: str, why: str) -> None:
    for name in ("release", "_environment.sh"):
        (tmp_path / "scripts").mkdir(exist_ok=True)
        (tmp_path / "scripts" / name).write_text((ROOT / "scripts" / name).read_text())
    (tmp_path / "agentomatic_sql").mkdir()
    (tmp_path / "agentomatic_sql" / "__init__.py").write_text(f'__version__ = "{version}"\n')
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n{heading}\n\n- What changed.\n")
    done = subprocess.run(["bash", "scripts/release", tag], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert why in done.stderr
    assert not list(tmp_path.glob(".venv*"))
