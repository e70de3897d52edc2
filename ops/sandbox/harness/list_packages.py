"""Prints what is installed, as JSON.

Read by whoever writes code for this image, so that it asks for nothing else.
"""

import importlib.metadata
import json
import platform
import re
import subprocess

LIBRARIES = (
    "requests",
    "numpy",
    "pandas",
    "flask",
    "pytest",
    "fastapi",
    "httpx",
    "uvicorn",
    "pydantic",
    "jinja2",
)


def version(*command):
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return re.search(r"\d+(\.\d+)+", out).group()


def libraries():
    found = {}
    for name in LIBRARIES:
        found[name] = importlib.metadata.version(name)
    return found


gcc = version("gcc", "-dumpfullversion")
print(
    json.dumps(
        {
            "python": {
                "version": platform.python_version(),
                "commands": ["python", "python3"],
                "libraries": libraries(),
            },
            "javascript": {
                "version": version("node", "--version"),
                "commands": ["node"],
                "libraries": {},
            },
            "c": {"version": gcc, "commands": ["gcc", "make"], "libraries": {}},
            "cpp": {"version": gcc, "commands": ["g++", "make"], "libraries": {}},
            "bash": {
                "version": version("bash", "--version"),
                "commands": ["bash"],
                "libraries": {},
            },
        },
        indent=2,
    )
)
