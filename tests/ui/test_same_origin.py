from pathlib import Path

import pytest
import reflex_base

from credit_studio.ui.same_origin import follow_the_port

STATE_JS = Path(reflex_base.__file__).parent / ".templates" / "web" / "utils" / "state.js"


def test_the_port_of_the_page_is_followed_in_the_script_of_this_reflex() -> None:
    changed = follow_the_port(STATE_JS.read_text())
    assert changed.count("endpoint.port = window.location.port;") == 1
    assert follow_the_port(changed) == changed


def test_another_script_is_refused() -> None:
    with pytest.raises(ValueError, match="has changed"):
        follow_the_port("export const other = 1;")
