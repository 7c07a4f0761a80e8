"""Why the studio cannot start, in one line for the person at the terminal."""


class CannotStart(Exception):
    """A condition of the machine that the operator can mend; its text is one clear line and says how."""
