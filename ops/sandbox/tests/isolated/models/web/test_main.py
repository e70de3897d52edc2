import json
import time
from unittest import mock

import pytest

import main
from main import app, check_password, hash_password, make_token, read_token, slugify, validate


@pytest.fixture
def client():
    app.config["TESTING"] = True
    main.todos.clear()
    with app.test_client() as client:
        yield client


def test_empty(client):
    response = client.get("/todos")
    assert response.status_code == 200
    assert response.get_json() == []
    assert response.json == []
    assert response.content_type == "application/json"


def test_create(client):
    response = client.post("/todos", json={"title": "milk"})
    assert response.status_code == 201
    assert response.get_json() == {"id": 1, "title": "milk", "done": False}
    assert main.todos[1]["title"] == "milk"
    assert json.loads(client.get("/todos").data) == [{"id": 1, "title": "milk", "done": False}]


@pytest.mark.parametrize("body", [{}, {"title": " "}, {"title": ""}, []])
def test_create_refused(client, body):
    response = client.post("/todos", json=body)
    assert response.status_code == 422
    assert "required" in response.get_json()["error"]


def test_create_without_json(client):
    response = client.post("/todos", data="nonsense", content_type="text/plain")
    assert response.status_code == 422
    assert b"title is required" in response.data


def test_delete(client):
    client.post("/todos", json={"title": "x"})
    assert client.delete("/todos/1").status_code == 401
    assert client.delete("/todos/1", headers={"X-Token": main.SECRET}).status_code == 204
    assert client.delete("/todos/1", headers={"X-Token": "dev"}).status_code == 404


def test_unknown(client):
    assert client.get("/nothing").status_code == 404
    assert client.put("/todos").status_code == 405


def test_secret_patched(client):
    with mock.patch.object(main, "SECRET", "other"):
        assert client.delete("/todos/9", headers={"X-Token": "dev"}).status_code == 401


def test_context():
    with app.test_request_context("/todos?x=1"):
        from flask import request
        assert request is not None


def test_routes():
    rules = [rule.rule for rule in app.url_map.iter_rules()]
    assert "/todos" in rules


def test_passwords():
    hashed = hash_password("secret")
    assert check_password("secret", hashed) and not check_password("wrong", hashed)
    assert hash_password("a", b"12345678") == hash_password("a", b"12345678")
    assert hash_password("a") != hash_password("a")


@pytest.mark.parametrize("text, slug", [("Hello World", "hello-world"), ("  a--b ", "a-b"), ("", "")])
def test_slugs(text, slug):
    assert slugify(text) == slug


def test_validate():
    assert validate({"title": "a", "done": 1}) == {"title": "a", "done": True}
    with pytest.raises(main.ValidationError):
        validate(None)
    with pytest.raises(ValueError):
        validate({"title": None or ""})


def test_tokens():
    assert read_token(make_token("ada")) == "ada"
    with pytest.raises(PermissionError, match="expired"):
        read_token(make_token("ada", now=1000), now=2000)


def test_tokens_expire():
    token = make_token("ada")
    with mock.patch("main.time.time", return_value=time.time() + 120):
        with pytest.raises(PermissionError):
            read_token(token)
