"""The web service of the URL shortener, on Flask."""

import os

from flask import Flask, jsonify, redirect, request

from links import AliasTaken, Expired, InvalidLink, LinkStore


def create_app(store=None):
    app = Flask(__name__)
    links = store or LinkStore()

    def shown(link):
        return jsonify(code=link.code, url=link.url, visits=link.visits,
                       short_url=request.host_url + link.code, expires_at=link.expires_at)

    @app.errorhandler(InvalidLink)
    def invalid(problem):
        return jsonify(error=str(problem)), 400

    @app.errorhandler(AliasTaken)
    def taken(problem):
        return jsonify(error=f"{problem} is taken"), 409

    @app.errorhandler(KeyError)
    def unknown(_problem):
        return jsonify(error="there is no such link"), 404

    @app.errorhandler(Expired)
    def expired(_problem):
        return jsonify(error="this link has expired"), 410

    @app.get("/")
    def index():
        return jsonify(service="url shortener")

    @app.post("/links")
    def add():
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            raise InvalidLink("a JSON object is needed")
        link, new = links.add(body.get("url"), body.get("alias"), body.get("expires_in"))
        return shown(link), 201 if new else 200

    @app.get("/links/<code>")
    def look(code):
        return shown(links.get(code))

    @app.delete("/links/<code>")
    def remove(code):
        links.remove(code)
        return "", 204

    @app.get("/<code>")
    def follow(code):
        return redirect(links.visit(code), 302)

    return app


if __name__ == "__main__":
    create_app().run(host="127.0.0.1", port=int(os.environ.get("PORT", "8000")))
