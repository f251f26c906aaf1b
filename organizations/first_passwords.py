"""First passwords: random, easy to read out, and cheap to keep until they are changed."""

import secrets

from django.contrib.auth.hashers import Argon2PasswordHasher

# Without characters that look alike on paper: 0 and o, 1, l and i.
LETTERS = "abcdefghjkmnpqrstuvwxyz"
DIGITS = "23456789"


def random_password() -> str:
    """Twelve letters and digits in three groups, some of each."""
    while True:
        groups = ["".join(secrets.choice(LETTERS + DIGITS) for _n in range(4)) for _group in range(3)]
        text = "".join(groups)
        if any(c in DIGITS for c in text) and any(c in LETTERS for c in text):
            return "-".join(groups)


class _QuickArgon2(Argon2PasswordHasher):
    """Argon2 with little work: nobody guesses 58 random bits, and thousands are hashed in one import.

    The parameters stand in the hash, so it is checked like any other and renewed at the first log-in.
    """

    time_cost = 1
    memory_cost = 1024
    parallelism = 1


def hash_of(password: str) -> str:
    """The hash of a random first password; never use it for one a person chose."""
    hasher = _QuickArgon2()
    return hasher.encode(password, hasher.salt())
