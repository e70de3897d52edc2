"""A REST API for todos, on Flask."""

import os
import threading
from dataclasses import asdict, dataclass, replace

from flask import Flask, jsonify, request

MAX_TITLE = 200


@dataclass(frozen=True)
class Todo:
    id: int
    title: str
    done: bool = False


class InvalidTodo(ValueError):
    """A body that can't become a todo; the text says why."""


class TodoStore:
    """Todos in memory, safe to use from several threads."""

    def __init__(self):
        self._todos = {}
        self._last_id = 0
        self._lock = threading.Lock()

    def add(self, title, done=False):
        with self._lock:
            self._last_id += 1
            todo = Todo(self._last_id, title, done)
            self._todos[todo.id] = todo
            return todo

    def get(self, todo_id):
        with self._lock:
            return self._todos.get(todo_id)

    def all(self, done=None):
        with self._lock:
            return [todo for todo in self._todos.values() if done is None or todo.done == done]

    def change(self, todo_id, **changes):
        with self._lock:
            if todo_id not in self._todos:
                return None
            self._todos[todo_id] = replace(self._todos[todo_id], **changes)
            return self._todos[todo_id]

    def remove(self, todo_id):
        with self._lock:
            return self._todos.pop(todo_id, None) is not None


def valid_fields(body, title_needed):
    """The fields of a request body, checked. Raises InvalidTodo."""
    if not isinstance(body, dict):
        raise InvalidTodo("a JSON object is needed")
    unknown = sorted(set(body) - {"title", "done"})
    if unknown:
        raise InvalidTodo(f"unknown field: {unknown[0]}")
    fields = dict(body)
    if title_needed and "title" not in fields:
        raise InvalidTodo("title is needed")
    if "title" in fields:
        if not isinstance(fields["title"], str):
            raise InvalidTodo("title must be text")
        fields["title"] = fields["title"].strip()
        if not 1 <= len(fields["title"]) <= MAX_TITLE:
            raise InvalidTodo(f"title must have 1 to {MAX_TITLE} characters")
    if not isinstance(fields.get("done", False), bool):
        raise InvalidTodo("done must be true or false")
    return fields


def create_app(store=None):
    app = Flask(__name__)
    todos = store or TodoStore()

    def missing(todo_id):
        return jsonify(error=f"there is no todo {todo_id}"), 404

    @app.errorhandler(InvalidTodo)
    def refuse(problem):
        return jsonify(error=str(problem)), 400

    @app.get("/")
    def index():
        return jsonify(service="todos", count=len(todos.all()))

    @app.get("/todos")
    def list_todos():
        wanted = request.args.get("done")
        if wanted not in (None, "true", "false"):
            raise InvalidTodo("done must be true or false")
        done = None if wanted is None else wanted == "true"
        return jsonify(todos=[asdict(todo) for todo in todos.all(done)])

    @app.post("/todos")
    def add_todo():
        todo = todos.add(**valid_fields(request.get_json(silent=True), title_needed=True))
        return jsonify(asdict(todo)), 201, {"Location": f"/todos/{todo.id}"}

    @app.get("/todos/<int:todo_id>")
    def get_todo(todo_id):
        todo = todos.get(todo_id)
        return jsonify(asdict(todo)) if todo else missing(todo_id)

    @app.patch("/todos/<int:todo_id>")
    def change_todo(todo_id):
        changes = valid_fields(request.get_json(silent=True), title_needed=False)
        todo = todos.change(todo_id, **changes)
        return jsonify(asdict(todo)) if todo else missing(todo_id)

    @app.delete("/todos/<int:todo_id>")
    def delete_todo(todo_id):
        if not todos.remove(todo_id):
            return missing(todo_id)
        return "", 204

    return app


if __name__ == "__main__":
    create_app().run(host="127.0.0.1", port=int(os.environ.get("PORT", "8000")))
