import subprocess
import sys

import pytest

from credit_studio.settings import PROJECT_ROOT
from tests.house import rules
from tests.house.floors import broken_floors


@pytest.mark.parametrize("rule", rules.ALL, ids=lambda rule: rule.__name__)
def test_the_house_keeps_its_rule(rule: rules.Rule) -> None:
    broken = list(rule(PROJECT_ROOT))
    assert not broken, "\n".join(broken)


def test_the_floors_hold() -> None:
    broken = broken_floors(PROJECT_ROOT)
    assert not broken, broken


def test_reflex_is_not_loaded_by_what_stands_below_the_pages() -> None:
    below = "credit_studio.engine.service, credit_studio.ledger.service, credit_studio.identity.flow, credit_studio.tools.registry"
    seen = subprocess.run(
        [sys.executable, "-c", f"import sys, {below}; print('reflex' in sys.modules)"], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    )
    assert seen.stdout.strip() == "False"
