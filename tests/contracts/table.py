"""The tools as the product lists them, written down once more by hand: nothing here is read from the code that it checks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One tool of the product's table: cap in credits, CPU and wall time in seconds; 512 MB and 1 MB of output for every tool."""

    id: str
    title: str
    mode: str
    cap: int
    cpu_s: int = 5
    wall_s: int = 10
    meter: str = "compute"


CLIENT, HYBRID, SERVER = "client_only", "hybrid", "server_required"
MEMORY_MB = 512
OUTPUT_BYTES = 1_000_000

ROWS = (
    Row("dev-studio-projects", "Project Builder", HYBRID, 5),
    Row("dev-studio-api-designer", "API Designer", HYBRID, 5),
    Row("dev-studio-schema-designer", "Database Schema Designer", CLIENT, 0),
    Row("dev-studio-cicd", "CI/CD Pipeline Builder", HYBRID, 5),
    Row("dev-studio-deployment", "Deployment Wizard", SERVER, 100, 30, 60),
    Row("dev-studio-security", "Security Scanner", SERVER, 50, 20, 30),
    Row("dev-studio-performance", "Performance Profiler", SERVER, 25, 15, 20),
    Row("dev-studio-cost", "Cost Calculator", CLIENT, 0),
    Row("cyber-studio-threat-modeling", "Threat Model Generator", HYBRID, 5),
    Row("cyber-studio-risk-register", "Risk Register Builder", HYBRID, 25, 30, 45),
    Row("cyber-studio-compliance", "Compliance Auditor", SERVER, 25, 10, 15),
    Row("cyber-studio-ir-playbook", "Incident Response Playbook Builder", HYBRID, 5),
    Row("cyber-studio-security-architecture", "Security Architecture Designer", HYBRID, 5),
    Row("cyber-studio-vulnerability-scanner", "Vulnerability Scanner", SERVER, 50, 20, 30),
    Row("cyber-studio-metrics", "Security Metrics Dashboard", HYBRID, 5),
    Row("cyber-studio-policy-generator", "Security Policy Generator", HYBRID, 5),
    Row("data-studio-pipelines", "Data Pipeline Designer", HYBRID, 5),
    Row("data-studio-quality", "Data Quality Monitor", SERVER, 25, 10, 15),
    Row("data-studio-catalog", "Data Catalog Builder", HYBRID, 5),
    Row("data-studio-dashboards", "Analytics Dashboard Builder", HYBRID, 5),
    Row("data-studio-privacy", "Data Privacy Impact Assessor", SERVER, 25, 10, 15),
    Row("data-studio-lineage", "Data Lineage Tracker", SERVER, 25, 15, 20),
    Row("data-studio-schema", "Schema Designer", CLIENT, 0),
    Row("data-studio-governance", "Data Governance Framework", HYBRID, 5),
    Row("code-studio-start-workflow", "Workflow Starter", SERVER, 10, meter="tokens"),
    Row("code-studio-generate-review", "Review Generator", SERVER, 10, meter="tokens"),
)
