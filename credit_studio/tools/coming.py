"""The tools that are announced and not built yet, and the place of every tool in the catalogue.

A row leaves this file when its tool gets a file of its own.
"""

from credit_studio.tools.base import Availability, Meter, Mode, Studio, Tool

ORDER: tuple[str, ...] = (
    "dev-studio-projects",
    "dev-studio-api-designer",
    "dev-studio-schema-designer",
    "dev-studio-cicd",
    "dev-studio-deployment",
    "dev-studio-security",
    "dev-studio-performance",
    "dev-studio-cost",
    "cyber-studio-threat-modeling",
    "cyber-studio-risk-register",
    "cyber-studio-compliance",
    "cyber-studio-ir-playbook",
    "cyber-studio-security-architecture",
    "cyber-studio-vulnerability-scanner",
    "cyber-studio-metrics",
    "cyber-studio-policy-generator",
    "data-studio-pipelines",
    "data-studio-quality",
    "data-studio-catalog",
    "data-studio-dashboards",
    "data-studio-privacy",
    "data-studio-lineage",
    "data-studio-schema",
    "data-studio-governance",
    "code-studio-start-workflow",
    "code-studio-generate-review",
)
"""All ids, in the order of the catalogue."""


def _coming(tool_id: str, title: str, mode: Mode, cap: int, *, takes: str, gives: str, meter: Meter = Meter.COMPUTE) -> Tool[None, None]:
    studio = next(one for one in Studio if tool_id.startswith(one.value))
    return Tool(
        id=tool_id,
        title=title,
        studio=studio,
        mode=mode,
        cap=cap,
        summary=f"{gives[0].upper()}{gives[1:]}.",
        takes=takes,
        gives=gives,
        meter=meter,
        availability=Availability.COMING_SOON,
    )


TOOLS: tuple[Tool[None, None], ...] = (
    _coming("code-studio-start-workflow", "Workflow Starter", Mode.SERVER, 10, takes="a brief", gives="plan and generated code", meter=Meter.TOKENS),
)
"""What is announced, with the limits and caps it will have."""
