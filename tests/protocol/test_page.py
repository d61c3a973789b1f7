"""The human page is well-formed, complete, and carries no script."""

from html.parser import HTMLParser

import pytest

from signalling.protocol.openrpc import openrpc
from signalling.protocol.page import render
from signalling.protocol.registry import EVENTS, METHODS

VOID = {"meta", "br"}
OPTIONAL_END = {"th"}


class Reader(HTMLParser):
    """Collects ids and links, and checks that elements close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag not in VOID | OPTIONAL_END:
            self.open.append(tag)
        for name, value in attrs:
            assert not name.startswith("on")
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.links.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page() -> str:
    return render(openrpc())


@pytest.fixture(scope="module")
def reader(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


def test_elements_close_in_order(reader: Reader) -> None:
    assert reader.open == []
    assert {"header", "nav", "main", "section", "table", "caption"} <= reader.seen
    assert not {"script", "img", "link", "iframe"} & reader.seen


def test_ids_are_unique_and_every_link_inside_leads_somewhere(reader: Reader) -> None:
    assert len(set(reader.ids)) == len(reader.ids)
    inside = {link[1:] for link in reader.links if link.startswith("#")}
    assert inside <= set(reader.ids)
    outside = {link for link in reader.links if not link.startswith("#")}
    assert outside == {"/openrpc.json", "/openapi.json"}


def test_everything_is_on_it(page: str, reader: Reader) -> None:
    assert set(METHODS) <= set(reader.ids)
    assert {f"event-{name}" for name in EVENTS} <= set(reader.ids)
    assert {"error--32602", "error-1009", "type-Assignment"} <= set(reader.ids)
    assert "number -90 … 90" in page
    assert "width=device-width" in page


def test_text_is_escaped() -> None:
    document = openrpc()
    method = document["methods"][0] | {"summary": "<script>alert(1)</script>"}
    page = render(document | {"methods": [method]})
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_field_without_a_type_may_be_anything() -> None:
    document = openrpc()
    field = {"name": "x", "required": False, "schema": {}}
    page = render(document | {"methods": [document["methods"][0] | {"params": [field]}]})
    assert "<td>anything<p>" in page
