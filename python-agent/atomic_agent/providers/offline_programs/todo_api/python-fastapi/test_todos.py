import pytest
from fastapi.testclient import TestClient

from main import create_app


@pytest.fixture
def client():
    return TestClient(create_app())


def add(client, title="buy milk", **more):
    return client.post("/todos", json={"title": title, **more})


def test_a_new_todo_is_answered_with_its_place(client):
    answer = add(client, "  buy milk ")
    assert answer.status_code == 201
    assert answer.headers["Location"] == "/todos/1"
    assert answer.json() == {"id": 1, "title": "buy milk", "done": False}


def test_todos_are_listed_in_order_and_can_be_filtered(client):
    add(client, "one")
    add(client, "two", done=True)
    add(client, "three")
    titles = [todo["title"] for todo in client.get("/todos").json()["todos"]]
    assert titles == ["one", "two", "three"]
    open_ones = client.get("/todos?done=false").json()["todos"]
    assert [todo["title"] for todo in open_ones] == ["one", "three"]
    assert client.get("/todos?done=maybe").status_code == 400


def test_a_todo_can_be_read_changed_and_completed(client):
    add(client)
    changed = client.patch("/todos/1", json={"done": True})
    assert changed.json() == {"id": 1, "title": "buy milk", "done": True}
    assert client.patch("/todos/1", json={"title": "buy bread"}).json()["done"] is True
    assert client.get("/todos/1").json()["title"] == "buy bread"


def test_a_deleted_todo_is_gone_and_its_id_is_not_used_again(client):
    add(client)
    assert client.delete("/todos/1").status_code == 204
    assert client.get("/todos/1").status_code == 404
    assert client.delete("/todos/1").status_code == 404
    assert add(client).json()["id"] == 2


@pytest.mark.parametrize("body", [
    None, [], "text", {}, {"title": ""}, {"title": "   "}, {"title": 5}, {"title": "x" * 201},
    {"title": "x", "done": "yes"}, {"title": "x", "colour": "red"},
])
def test_a_wrong_body_is_refused_and_changes_nothing(client, body):
    answer = client.post("/todos", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert client.get("/").json()["count"] == 0


def test_a_body_that_is_not_json_is_refused(client):
    answer = client.post("/todos", content="{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_an_unknown_id_is_not_found(client, method):
    more = {"json": {"done": True}} if method == "patch" else {}
    answer = getattr(client, method)("/todos/7", **more)
    assert answer.status_code == 404
    assert "7" in answer.json()["error"]
