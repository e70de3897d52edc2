"""The `ops/atomic` command: one subject a module, standard library only, Python 3.11 or newer.

`main` names the commands; `run` is the main job, top to bottom: `setup` → `build` → `stack` →
`client` → `live` → `artifacts` → `verdict`.
"""
