"""Turn what msgspec says about a message into our errors, with the field's path."""

import re

import msgspec

from signalling.errors import DragomanError, InvalidParams, ParseError

_AT = re.compile(r" - at (?:`key` in )?`\$\.?(.*?)`$", re.DOTALL)
_FIELD = re.compile(r"^Object (?:missing required|contains unknown) field `(.*)`$", re.DOTALL)
DETAIL_MAX = 300
PATH_MAX = 200


def invalid_params(error: msgspec.ValidationError) -> InvalidParams:
    """Return the error for params of the wrong shape.

    The path is dotted from the params' own top: `languages.from`, `interpreters.3.name`.
    """
    reason, path = str(error), ""
    if at := _AT.search(reason):
        reason, path = reason[: at.start()], at[1]
    if field := _FIELD.match(reason):
        path = f"{path}.{field[1]}" if path else field[1]
    path = path.replace("[...]", ".*").replace("[", ".").replace("]", "").lstrip(".")
    return InvalidParams(reason[:DETAIL_MAX], path=path[:PATH_MAX])


def malformed(error: Exception) -> DragomanError:
    """Return the error for bytes that are not what the codec reads."""
    return ParseError(str(error)[:DETAIL_MAX])
