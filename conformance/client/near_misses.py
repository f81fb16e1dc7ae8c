"""Values that are almost a secret, which a target must not accept in its place."""

from __future__ import annotations

SHORT_NAMES = {
    "half of the value": "half of it",
    "the value with one character changed": "one character changed",
    "the value with its last character changed": "last character changed",
    "the value with more behind it": "more behind it",
    "a longer password": "longer",
    "a password without its last character": "without its last character",
    "a password in other case": "in other case",
    "an empty password": "empty",
    "a wrong": "one character changed",
    "a differently ending": "last character changed",
    "half of the right": "half of it",
    "an empty": "empty",
}
"""What each is called beside the name of its secret: ``[secret:bearer.token, half of it]``."""


def changed_values(value: str) -> dict[str, str]:
    """A token with something changed, by what is wrong with it.

    Padding stays at the end: a decoder may accept a value without it, and may ignore what follows it.
    """
    core = value.rstrip("=")
    padding = value[len(core) :]
    middle = len(value) // 2
    return {
        "half of the value": value[:middle],
        "the value with one character changed": value[:middle] + distinct_from(value[middle]) + value[middle + 1 :],
        "the value with its last character changed": f"{core[:-1]}{distinct_from(core[-1:])}{padding}",
        "the value with more behind it": f"{core}QUJD{padding}",
    }


def changed_passwords(password: str) -> dict[str, str]:
    """Passwords that are near the right one, but not it."""
    near = {
        "a longer password": password + "x",
        "a password without its last character": password[:-1],
        "a password in other case": password.swapcase(),
        "an empty password": "",
    }
    return {what: value for what, value in near.items() if value != password}


def distinct_from(character: str) -> str:
    """Another character, with other first bits too if it is Base64: decoders may ignore the last ones."""
    return "w" if character in "ABCDEFGHIJKLMNOP" or not character.isalnum() else "A"


def changed_in_the_middle(value: str) -> str:
    """The value with its middle character replaced."""
    middle = len(value) // 2
    return value[:middle] + ("a" if value[middle] != "a" else "b") + value[middle + 1 :]
