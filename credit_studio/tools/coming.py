"""The place of every tool in the catalogue.

A tool that is only announced has a file too: it says `availability=Availability.COMING_SOON`, and nothing of how it runs.
"""

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
