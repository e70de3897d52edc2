import base64
import hashlib
import json
import os
import re
import time
from functools import wraps

from flask import Flask, abort, jsonify, request

app = Flask(__name__)
app.config["TESTING"] = False
todos = {}
SECRET = os.environ.get("SECRET", "dev")


class ValidationError(ValueError):
    status = 422


def hash_password(password, salt=None):
    salt = salt or os.urandom(8)
    return base64.b64encode(salt + hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 10)).decode()


def check_password(password, hashed):
    return hash_password(password, base64.b64decode(hashed)[:8]) == hashed


def slugify(text):
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def validate(body):
    if not isinstance(body, dict) or not str(body.get("title", "")).strip():
        raise ValidationError("title is required")
    return {"title": body["title"], "done": bool(body.get("done", False))}


def token_required(function):
    @wraps(function)
    def wrapper(*args, **kwargs):
        if request.headers.get("X-Token") != SECRET:
            abort(401)
        return function(*args, **kwargs)
    return wrapper


@app.errorhandler(ValidationError)
def invalid(error):
    return jsonify(error=str(error)), error.status


@app.get("/todos")
def index():
    return jsonify(list(todos.values()))


@app.post("/todos")
def create():
    todo = {"id": len(todos) + 1, **validate(request.get_json(silent=True))}
    todos[todo["id"]] = todo
    return jsonify(todo), 201


@app.delete("/todos/<int:number>")
@token_required
def delete(number):
    if todos.pop(number, None) is None:
        abort(404)
    return "", 204


def make_token(user, now=None):
    payload = {"user": user, "exp": (now or time.time()) + 60}
    return base64.urlsafe_b64encode(json.dumps(payload).encode())


def read_token(token, now=None):
    payload = json.loads(base64.urlsafe_b64decode(token))
    if payload["exp"] < (now or time.time()):
        raise PermissionError("expired")
    return payload["user"]
