"""How the reader says that it cannot read a file."""


class UnreadableFile(Exception):  # noqa: N818 -- a refusal is an answer, not a fault
    """A file that is not read; the message is a whole sentence which says what to do."""
