"""Draws a life cycle from its table, as docs/life-cycles.md shows it."""

from collections.abc import Collection, Mapping


def draw(
    transitions: Mapping[tuple[str, str], str], *, beginnings: Mapping[str, str], ends: Collection[str]
) -> str:
    """Return a Mermaid state diagram (stateDiagram-v2, `[*]` for beginning and end).

    `transitions`: (state, action) to state; `beginnings`: action to first state. Same ends share an arrow.
    """
    arrows: dict[tuple[str, str], list[str]] = {}
    for action, target in beginnings.items():
        arrows.setdefault(("[*]", target), []).append(action)
    for (state, action), target in transitions.items():
        arrows.setdefault((state, target), []).append(action)
    lines = [f"    {start} --> {end}: {', '.join(actions)}" for (start, end), actions in arrows.items()]
    return "\n".join(["stateDiagram-v2", *lines, *(f"    {state} --> [*]" for state in ends)]) + "\n"
