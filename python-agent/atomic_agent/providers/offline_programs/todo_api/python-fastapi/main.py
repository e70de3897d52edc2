"""A REST API for todos, on FastAPI."""

import os
import threading
from dataclasses import asdict, dataclass, replace
from typing import Literal, Optional

from fastapi import Body, FastAPI, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

MAX_TITLE = 200


@dataclass(frozen=True)
class Todo:
    id: int
    title: str
    done: bool = False


class InvalidTodo(ValueError):
    """A body that can't become a todo; the text says why."""


class NoSuchTodo(LookupError):
    """An id that doesn't exist."""


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
            if todo_id not in self._todos:
                raise NoSuchTodo(todo_id)
            return self._todos[todo_id]

    def all(self, done=None):
        with self._lock:
            return [todo for todo in self._todos.values() if done is None or todo.done == done]

    def change(self, todo_id, changes):
        with self._lock:
            if todo_id not in self._todos:
                raise NoSuchTodo(todo_id)
            self._todos[todo_id] = replace(self._todos[todo_id], **changes)
            return self._todos[todo_id]

    def remove(self, todo_id):
        with self._lock:
            if self._todos.pop(todo_id, None) is None:
                raise NoSuchTodo(todo_id)


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
    app = FastAPI(title="Todos")
    todos = store or TodoStore()

    @app.exception_handler(InvalidTodo)
    def refuse(_request, problem):
        return JSONResponse({"error": str(problem)}, status_code=400)

    @app.exception_handler(RequestValidationError)
    def refuse_shape(_request, problem):
        first = problem.errors()[0]
        return JSONResponse({"error": f"{first['loc'][-1]}: {first['msg']}"}, status_code=400)

    @app.exception_handler(NoSuchTodo)
    def missing(_request, problem):
        return JSONResponse({"error": f"there is no todo {problem}"}, status_code=404)

    @app.get("/")
    def index():
        return {"service": "todos", "count": len(todos.all())}

    @app.get("/todos")
    def list_todos(done: Optional[Literal["true", "false"]] = None):
        wanted = None if done is None else done == "true"
        return {"todos": [asdict(todo) for todo in todos.all(wanted)]}

    @app.post("/todos", status_code=201)
    def add_todo(response: Response, body=Body(None)):
        todo = todos.add(**valid_fields(body, title_needed=True))
        response.headers["Location"] = f"/todos/{todo.id}"
        return asdict(todo)

    @app.get("/todos/{todo_id}")
    def get_todo(todo_id: int):
        return asdict(todos.get(todo_id))

    @app.patch("/todos/{todo_id}")
    def change_todo(todo_id: int, body=Body(None)):
        return asdict(todos.change(todo_id, valid_fields(body, title_needed=False)))

    @app.delete("/todos/{todo_id}", status_code=204)
    def delete_todo(todo_id: int):
        todos.remove(todo_id)
        return Response(status_code=204)

    return app


app = create_app()

if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "8000")))
