"""Shell completion, made from the parser itself so that the two can't differ."""

import argparse

from .bench.command import BENCHMARKS

_BASH = """\
_atomic() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} words
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="{commands}"
  else
    case ${{COMP_WORDS[1]}} in
{cases}
      *) words="" ;;
    esac
  fi
  while IFS= read -r match; do
    [ -n "$match" ] && COMPREPLY+=("$match")
  done < <(compgen -W "$words" -- "$word")
}}
complete -o default -F _atomic ops/atomic ./ops/atomic atomic
"""
_ZSH = "autoload -U +X bashcompinit && bashcompinit\n"
_PROCESSES = "db agent api worker-1 worker-2"


def script(shell: str, parser: argparse.ArgumentParser) -> str:
    """The completion script for `bash` or `zsh`."""
    words = {name: _words(name, each) for name, each in _commands(parser).items()}
    cases = "\n".join(f'      {name}) words="{" ".join(said)}" ;;' for name, said in words.items())
    bash = _BASH.format(commands=" ".join(words), cases=cases)
    return (_ZSH if shell == "zsh" else "") + bash


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    raise AssertionError("the parser has commands")


def _words(name: str, parser: argparse.ArgumentParser) -> list[str]:
    words = [option for action in parser._actions for option in action.option_strings]
    for action in parser._actions:
        if not action.option_strings and action.choices:
            words += [str(choice) for choice in action.choices]
    if name in ("start", "stop", "restart", "logs"):
        words += _PROCESSES.split()
    if name == "bench":
        words += BENCHMARKS
    return words
