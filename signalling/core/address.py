"""Addresses: how a user, and their inbox, is named inside a marketplace."""


def interpreter(user: str) -> str:
    return f"i:{user}"


def customer(app: str, user: str) -> str:
    return f"c:{app}:{user}"


def operator(app: str, user: str) -> str:
    return f"o:{app}:{user}"


def app(key: str) -> str:
    return f"a:{key}"


def guest(meeting: str, user: str) -> str:
    return f"g:{meeting}:{user}"


def user_id(address: str) -> str:
    """Return the id that the user's own app knows them by."""
    return address.rsplit(":", 1)[-1]


def role(address: str) -> str:
    """Return the role that an address stands for."""
    letters = {"i": "interpreter", "c": "customer", "o": "operator", "a": "app", "g": "guest"}
    return letters[address[0]]
