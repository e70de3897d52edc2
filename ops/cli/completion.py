"""Shell completion, made from the parser itself so that the two can't differ."""

import argparse

from .bench.command import BENCHMARKS
from .ids import RECENT
from .languages import RUNNABLE

_BASH = """\
_atomic() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} words="" command=${{COMP_WORDS[1]}}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="{commands}"
  else
    case "$command:${{COMP_WORDS[COMP_CWORD-1]}}" in
{values}
      *)
        case $command in
{cases}
        esac
        case $command:$word in
          *:-*) ;;
          {of_jobs}) words="$words {recent} $(${{COMP_WORDS[0]}} list --limit 30 2>/dev/null |
            while read -r id _; do [ "$id" = ID ] || echo "$id"; done)" ;;
        esac
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
    known = commands(parser)
    words = {name: _words(name, each) for name, each in known.items()}
    cases = "\n".join(f'          {name}) words="{" ".join(said)}" ;;'
                      for name, said in words.items())
    values = "\n".join(f'      {name}:{option}) words="{" ".join(choices)}" ;;'
                       for name, each in known.items()
                       for option, choices in _values(each).items())
    of_jobs = "|".join(f"{name}:*" for name, each in known.items()
                       if any(action.metavar == "ID" for action in each._actions))
    bash = _BASH.format(commands=" ".join(words), cases=cases, values=values, of_jobs=of_jobs,
                        recent=" ".join(RECENT))
    return (_ZSH if shell == "zsh" else "") + bash


def commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Each command's parser by its name."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    raise AssertionError("the parser has commands")


def _values(parser: argparse.ArgumentParser) -> dict[str, list[str]]:
    """What may follow an option."""
    found = {option: [str(each) for each in action.choices]
             for action in parser._actions if action.choices for option in action.option_strings}
    found.update({option: list(RUNNABLE) for action in parser._actions
                  for option in action.option_strings if option == "--lang"})
    return found


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
