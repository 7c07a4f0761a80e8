"""Fields that an address leads to."""

import reflex as rx


class Aimed(rx.Component):
    """Draws nothing; puts the focus into the field that the address names ("#daily-cap")."""

    library = f"$/public{rx.asset('./aimed.jsx', shared=True)}"
    tag = "Aimed"
