"""The versions of other packages that this one declares."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
OWN = [Requirement(one) for one in (*PROJECT["dependencies"], *(one for name in EXTRAS for one in EXTRAS[name]))]


def installed_by_users() -> list[Requirement]:
    """Return the requirements of the package and of the extra `all`."""
    (everything,) = EXTRAS["all"]
    names = Requirement(everything).extras
    return [Requirement(one) for one in (*PROJECT["dependencies"], *(one for name in names for one in EXTRAS[name]))]


def test_the_lowest_versions_are_the_declared_ones() -> None:
    """`lowest_versions` is what the lowest-direct environment and the audit install."""
    script = "source scripts/_environment.sh && lowest_versions"
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    everywhere = [requirement for requirement in installed_by_users() if requirement.marker is None]
    declared = {
        f"{requirement.name}=={bound.version}"
        for requirement in everywhere
        for bound in requirement.specifier
        if bound.operator == ">="
    }
    assert set(done.stdout.split()) == declared
    assert len(declared) == len({requirement.name for requirement in everywhere})


@pytest.mark.parametrize("requirement", OWN, ids=str)
def test_only_sqlalchemys_next_minor_release_is_kept_out(requirement: Requirement) -> None:
    operators = {bound.operator for bound in requirement.specifier}
    if requirement.name == "sqlalchemy":
        assert operators == {">=", "<"}
    else:
        assert operators == (set() if requirement.name == "agentomatic-sql" else {">="})
