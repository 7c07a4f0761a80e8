"""The tools that are announced and not built yet, and the place of every tool in the catalogue.

A row leaves this file when its tool gets a file of its own.
"""

from credit_studio.tools.base import Availability, Limits, Meter, Mode, Studio, Tool

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


def _coming(
    tool_id: str, title: str, mode: Mode, cap: int, *, takes: str, gives: str, limits: Limits | None = None, meter: Meter = Meter.COMPUTE
) -> Tool[None, None]:
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
        limits=limits or Limits(),
        meter=meter,
        availability=Availability.COMING_SOON,
    )


TOOLS: tuple[Tool[None, None], ...] = (
    _coming(
        "dev-studio-projects",
        "Project Builder",
        Mode.HYBRID,
        5,
        takes="language, kind, database, tests, CI, container, licence",
        gives="file tree and a .zip whose project runs and passes its own tests",
    ),
    _coming(
        "dev-studio-api-designer",
        "API Designer",
        Mode.HYBRID,
        5,
        takes="resources and fields",
        gives="OpenAPI 3.1 (YAML, JSON), mock data, curl per operation; the server run also validates and lints a pasted spec",
    ),
    _coming(
        "dev-studio-schema-designer",
        "Database Schema Designer",
        Mode.CLIENT,
        0,
        takes="tables or SQL DDL",
        gives="DDL for PostgreSQL, MySQL, SQLite; ER diagram; migration between two versions",
    ),
    _coming(
        "dev-studio-cicd",
        "CI/CD Pipeline Builder",
        Mode.HYBRID,
        5,
        takes="stack, steps, matrix, target",
        gives="GitHub Actions and GitLab CI files, checked for structure",
    ),
    _coming(
        "dev-studio-deployment",
        "Deployment Wizard",
        Mode.SERVER,
        100,
        takes="app description",
        gives="Dockerfile, compose, Kubernetes, Terraform for AWS/GCP/Azure, Vercel: validated, with a readiness report",
        limits=Limits(cpu_ms=30_000, wall_ms=60_000),
    ),
    _coming(
        "dev-studio-security",
        "Security Scanner",
        Mode.SERVER,
        50,
        takes="source files or a .zip",
        gives="findings by severity, secrets, SARIF export",
        limits=Limits(cpu_ms=20_000, wall_ms=30_000),
    ),
    _coming(
        "dev-studio-performance",
        "Performance Profiler",
        Mode.SERVER,
        25,
        takes="access log, HAR, JTL or k6 CSV",
        gives="percentiles, throughput and error timeline, Apdex, capacity forecast",
        limits=Limits(cpu_ms=15_000, wall_ms=20_000),
    ),
    _coming(
        "cyber-studio-threat-modeling",
        "Threat Model Generator",
        Mode.HYBRID,
        5,
        takes="components, flows, trust boundaries",
        gives="STRIDE threats with severity and mitigation, data-flow diagram",
    ),
    _coming(
        "cyber-studio-compliance",
        "Compliance Auditor",
        Mode.SERVER,
        25,
        takes="framework and evidence",
        gives="gaps, maturity, cross-mapped controls, remediation plan",
        limits=Limits(cpu_ms=10_000, wall_ms=15_000),
    ),
    _coming(
        "cyber-studio-ir-playbook",
        "Incident Response Playbook Builder",
        Mode.HYBRID,
        5,
        takes="incident type, systems, roles",
        gives="playbook by phase, RACI, messages, tabletop timeline",
    ),
    _coming(
        "cyber-studio-security-architecture",
        "Security Architecture Designer",
        Mode.HYBRID,
        5,
        takes="components, zones, controls",
        gives="attack surface, attack paths to the crown jewels, the cheapest cut",
    ),
    _coming(
        "cyber-studio-metrics", "Security Metrics Dashboard", Mode.HYBRID, 5, takes="incident and vulnerability CSV", gives="MTTD, MTTR, patch SLA, KRI trends"
    ),
    _coming(
        "cyber-studio-policy-generator",
        "Security Policy Generator",
        Mode.HYBRID,
        5,
        takes="organisation facts, policy type",
        gives="policy mapped to controls (Markdown, HTML)",
    ),
    _coming(
        "data-studio-pipelines",
        "Data Pipeline Designer",
        Mode.HYBRID,
        5,
        takes="steps (filter, map, join, aggregate, deduplicate) over CSV",
        gives="checked DAG, pandas and SQL code, the output itself",
    ),
    _coming(
        "data-studio-catalog", "Data Catalog Builder", Mode.HYBRID, 5, takes="CSV, DDL or JSON", gives="columns with types, statistics, personal-data tags"
    ),
    _coming(
        "data-studio-dashboards", "Analytics Dashboard Builder", Mode.HYBRID, 5, takes="CSV and chart list", gives="live dashboard and a standalone HTML file"
    ),
    _coming(
        "data-studio-privacy",
        "Data Privacy Impact Assessor",
        Mode.SERVER,
        25,
        takes="data inventory and sample",
        gives="personal data found, risk score, GDPR and CCPA gaps, record of processing",
        limits=Limits(cpu_ms=10_000, wall_ms=15_000),
    ),
    _coming("data-studio-schema", "Schema Designer", Mode.CLIENT, 0, takes="JSON samples", gives="JSON Schema, validation of documents, code"),
    _coming("data-studio-governance", "Data Governance Framework", Mode.HYBRID, 5, takes="domains, owners, classes", gives="policy set, RACI, maturity score"),
    _coming("code-studio-start-workflow", "Workflow Starter", Mode.SERVER, 10, takes="a brief", gives="plan and generated code", meter=Meter.TOKENS),
    _coming("code-studio-generate-review", "Review Generator", Mode.SERVER, 10, takes="code", gives="a review with line references", meter=Meter.TOKENS),
)
"""What is announced, with the limits and caps it will have."""
