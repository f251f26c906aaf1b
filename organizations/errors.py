"""How an action of this app says no."""


class Refused(Exception):  # noqa: N818 -- a refusal is an answer, not a fault
    """What was asked cannot be done; the message is a whole sentence for the person who asked."""
