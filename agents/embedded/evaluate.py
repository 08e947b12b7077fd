"""How well the planner decides, on a tuned and on a held-out set: `python -m agents.embedded.evaluate`.

A case names the agent that is asked, the question, and what should happen: tools (all of them, joined by `+`),
`route:<agent>`, `decline` or `talk` (text without a call); `a|b` means that either is right. `args` must be among the
first call's arguments; a list there holds the ways to say the same.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from agents.embedded.embeddings import embedder
from agents.embedded.lexicon import DATA
from agents.embedded.planner import Plan, plan
from agents.embedded.request import ROUTE
from agents.language import language_of
from agents.roster import agent
from tools.registry import tools_for

FACTS = (
    "## Facts\n- client: Alma Home\n- currency: EUR\n- timezone: Europe/Bucharest\n"
    "- connections: ga4: connected (Alma, source demo); google-ads: connected (Alma Ads, source demo)\n"
    "- today: 2026-11-20\n- language: en\n"
)


@dataclass(frozen=True, slots=True)
class Case:
    text: str
    agent: str
    expect: str
    args: dict[str, Any]

    @property
    def group(self) -> str:
        kind = self.expect.split(":")[0]
        return {"route": "routing", "decline": "refusal", "talk": "talk"}.get(kind, "tool")


def cases(name: str) -> list[Case]:
    lines = (DATA / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [Case(r["text"], r["agent"], r["expect"], r.get("args", {})) for r in map(json.loads, lines)]


def decide(case: Case) -> Plan:
    """The plan for a case, with the tools its agent really has."""
    speaker = agent(case.agent)
    tools = [tool.schema() for tool in tools_for(speaker.tools)]
    properties = {"agent": {"type": "string", "enum": list(speaker.hands_off_to)}, "note": {"type": "string"}}
    parameters = {"type": "object", "properties": properties, "required": ["agent"]}
    tools.append(
        {"type": "function", "function": {"name": ROUTE, "description": "Hand over", "parameters": parameters}}
    )
    system = f"{FACTS}- agent: {speaker.slug}\n- agent_name: {speaker.name}\n"
    return plan([{"role": "system", "content": system}, {"role": "user", "content": case.text}], tools)


def outcome(made: Plan) -> str:
    if not made.calls:
        return "text"
    if made.calls[0].name == ROUTE:
        return f"route:{made.calls[0].args['agent']}"
    return "+".join(call.name for call in made.calls)


def is_right(case: Case, made: Plan) -> bool:
    wanted = ["text"] if case.group in ("refusal", "talk") else case.expect.split("|")
    return outcome(made) in wanted


def args_right(case: Case, made: Plan) -> tuple[int, int]:
    given = made.calls[0].args if made.calls else {}
    good = [
        key for key, value in case.args.items() if given.get(key) in (value if isinstance(value, list) else [value])
    ]
    return len(good), len(case.args)


def report(name: str) -> list[str]:
    right: Counter[tuple[str, str]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    wrong = []
    started = time.process_time()
    found = cases(name)
    for case in found:
        made, language = decide(case), language_of(case.text) or "en"
        total[language, case.group] += 1
        right[language, case.group] += is_right(case, made)
        if case.args and is_right(case, made):
            good, all_ = args_right(case, made)
            right[language, "arguments"] += good
            total[language, "arguments"] += all_
        if case.args and is_right(case, made) and args_right(case, made)[0] < args_right(case, made)[1]:
            wrong.append(f"  {case.agent}: {case.text} -> {made.calls[0].args}, not {case.args}")
        if not is_right(case, made):
            wrong.append(f"  {case.agent}: {case.text} -> {outcome(made)}, not {case.expect}")
    each = (time.process_time() - started) / len(found) * 1000
    lines = [f"{name}: {len(found)} cases, {each:.0f} ms CPU each"]
    lines += [f"  {lang} {group:<10}{right[lang, group]}/{total[lang, group]}" for lang, group in sorted(total)]
    return [*lines, *wrong]


def main() -> int:
    sys.stdout.write(f"embeddings: {'on' if embedder().loaded else embedder().reason}\n")
    for name in sys.argv[1:] or ("dev", "heldout"):
        sys.stdout.write("\n".join(report(name)) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
