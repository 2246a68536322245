"""A plan, written out: for people, and as JSON."""

from __future__ import annotations

from typing import Any, Dict, Iterable

from . import abi, cargo, platform_tags
from .plan import Call, Item, Plan, each_triple


def as_text(plan: Plan) -> str:
    """The commands as they can be pasted, each with what comes out of it."""
    triple = " and ".join(plan.target.slices) or plan.target.triple
    lines = [f"# for {plan.interpreter.described}{f', {triple}' if triple else ''}"]
    for call in plan.calls:
        lines.append("")
        lines += [f"# {line}" for item in call.items for line in _outputs(item, plan)]
        lines += (cargo.echo([plan.cargo, *one.arguments], dict(one.changes), one.bin_folder) for one in each_triple(call))
    return "\n".join(lines)


def _outputs(item: Item, plan: Plan) -> Iterable[str]:
    for target, place in item.targets:
        if item.kind == "library":
            yield f"{place}: lib{target} of {item.package}, {item.abi.described}, *{abi.suffix(item.abi, plan.interpreter)}"
        else:
            yield f"{place}: executable {target} of {item.package}"


def as_json(plan: Plan) -> Dict[str, Any]:
    """The plan as plain values.

    The keys: ``cargo``, ``interpreter`` (``executable``, "" where it can't be run; ``implementation``, ``version``,
    ``platform``), ``target`` (``triple``, "" for cargo's own choice; ``platform_tag``), ``notices`` and ``calls``; of each call
    ``arguments``, ``environment`` (null removes a variable), ``path`` (put before PATH), ``config`` (PyO3's config file),
    ``profile`` and ``builds``; of each build ``name``, ``kind``, ``crate``, ``targets``, ``abi``, ``tag`` and ``suffix``.
    """
    interpreter = plan.interpreter
    return {
        "cargo": plan.cargo,
        "interpreter": {
            "executable": interpreter.executable,
            "implementation": interpreter.implementation,
            "version": list(interpreter.version),
            "platform": interpreter.platform,
        },
        "target": {"triple": plan.target.triple, "platform_tag": platform_tags.tag(plan.target.platform)},
        "notices": list(plan.notices),
        "calls": [_call(one, plan) for call in plan.calls for one in each_triple(call)],
    }


def _call(call: Call, plan: Plan) -> Dict[str, Any]:
    return {
        "arguments": list(call.arguments),
        "environment": dict(call.changes),
        "path": call.bin_folder,
        "config": call.config,
        "profile": call.profile,
        "builds": [_build(item, plan) for item in call.items],
    }


def _build(item: Item, plan: Plan) -> Dict[str, Any]:
    library = item.kind == "library"
    return {
        "name": item.name,
        "kind": item.kind,
        "crate": item.manifest_path,
        "targets": dict(item.targets),
        "abi": item.abi.described,
        "tag": "-".join(abi.tag(item.abi, plan.interpreter)),
        "suffix": abi.suffix(item.abi, plan.interpreter) if library else plan.interpreter.exe_suffix,
    }
