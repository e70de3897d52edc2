"""What a job cost, in one line: model, tokens, money, repairs, time."""

from datetime import datetime
from typing import Any

from .text import one_line, seconds

Job = dict[str, Any]


def line(job: Job) -> str | None:
    """`gpt-4.1-mini · 2,247 in, 2,181 out · $0.004 · 1 repair · 9 s`; None without a model."""
    usage = job.get("usage")
    if not isinstance(usage, dict) or not job.get("model"):
        return None
    parts = [one_line(str(job["model"]), 60), tokens(usage), cost(usage.get("cost_usd"))]
    verification = job.get("verification")
    repairs = verification.get("repairs") if isinstance(verification, dict) else None
    if isinstance(repairs, int) and repairs:
        parts.append("1 repair" if repairs == 1 else f"{repairs} repairs")
    took = _took(job)
    if took is not None:
        parts.append(seconds(took))
    return " · ".join(parts)


def tokens(usage: Job) -> str:
    """`2,247 in, 2,181 out`; what a provider didn't report is estimated, and marked."""
    about = "~" if usage.get("estimated") is True else ""
    return (f"{about}{_count(usage.get('input_tokens'))} in, "
            f"{about}{_count(usage.get('output_tokens'))} out")


def cost(usd: Any) -> str:
    """The price in dollars; a model that none is known of has none, which isn't free."""
    if not isinstance(usd, (int, float)) or isinstance(usd, bool):
        return "price unknown"
    if usd == 0:
        return "$0"
    return "< $0.001" if usd < 0.001 else f"${usd:.3f}" if usd < 1 else f"${usd:,.2f}"


def _count(number: Any) -> str:
    return f"{number:,}" if isinstance(number, int) else "?"


def _took(job: Job) -> float | None:
    try:
        began, ended = (datetime.fromisoformat(str(job.get(name)))
                        for name in ("started_at", "finished_at"))
        return (ended - began).total_seconds()
    except (ValueError, TypeError):
        return None
