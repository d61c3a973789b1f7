"""Every error a client may see: code, name, retry flag and HTTP status, spelled out."""

import pytest

from signalling import errors

ROWS = [
    (-32700, "parse_error", False, 400),
    (-32600, "invalid_request", False, 400),
    (-32601, "method_not_found", False, 404),
    (-32602, "invalid_params", False, 422),
    (-32603, "internal_error", False, 500),
    (1001, "unauthenticated", False, 401),
    (1002, "forbidden", False, 403),
    (1003, "not_found", False, 404),
    (1004, "conflict", False, 409),
    (1005, "illegal_transition", False, 409),
    (1006, "rate_limited", True, 429),
    (1007, "too_large", False, 413),
    (1008, "not_eligible", False, 409),
    (1009, "gone", False, 410),
    (1010, "unavailable", True, 503),
    (1011, "consent_required", False, 403),
    (1012, "reauthentication_required", False, 401),
]


def test_every_error_has_its_row() -> None:
    kinds = errors.DragomanError.__subclasses__()
    assert sorted((k.code, k.name, k.retryable, k.http_status) for k in kinds) == sorted(ROWS)


@pytest.mark.parametrize("row", ROWS)
def test_the_tree_is_drawn(row: tuple[int, str, bool, int]) -> None:
    assert str(row[0]) in (errors.__doc__ or "")


def test_data_says_what_is_known_and_no_more() -> None:
    assert errors.NotFound().data() == {"name": "not_found", "retryable": False}
    assert errors.InvalidParams("too long", path="note").data() == {
        "name": "invalid_params",
        "retryable": False,
        "detail": "too long",
        "path": "note",
    }
    assert errors.Gone(reason="taken").data()["reason"] == "taken"
    assert errors.RateLimited(retry_after_ms=250).data()["retry_after_ms"] == 250


def test_an_error_reads_well_in_a_log() -> None:
    assert str(errors.Unavailable()) == "unavailable"
    assert str(errors.Unavailable("the store is gone")) == "the store is gone"
