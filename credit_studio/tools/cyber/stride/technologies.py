"""Technologies by their names: which family one belongs to, and the product when advice for it is known."""

import re
from dataclasses import dataclass

_WORD = re.compile(r"[a-z0-9+#.]+")

FAMILIES: dict[str, tuple[str, ...]] = {
    "browser": ("browser", "spa", "react", "vue", "angular", "svelte", "javascript"),
    "mobile": ("mobile", "ios", "android", "flutter", "swift", "kotlin"),
    "web": (
        *("django", "rails", "laravel", "php", "wordpress", "drupal", "magento", "asp.net", "aspnet", "next.js", "nextjs", "nuxt", "spring", "java", "tomcat"),
        *("web", "website", "webapp", "express", "symfony", "shop", "cms", "reflex", "struts"),
    ),
    "api": (
        "api",
        "rest",
        "graphql",
        "grpc",
        "fastapi",
        "flask",
        "go",
        "golang",
        "node",
        "node.js",
        "nodejs",
        "nestjs",
        "gin",
        "microservice",
        "backend",
        "rust",
    ),
    "gateway": (
        *("nginx", "haproxy", "envoy", "kong", "traefik", "gateway", "proxy", "waf", "cdn", "cloudfront", "cloudflare", "alb", "elb", "balancer", "istio"),
        *("apache", "caddy", "ingress", "vpn", "firewall", "fastly"),
    ),
    "function": ("lambda", "serverless", "functions", "function", "cloudrun"),
    "worker": ("worker", "celery", "sidekiq", "cron", "batch", "job", "etl", "airflow", "scheduler", "consumer", "spark", "script"),
    "identity": (
        "keycloak",
        "auth0",
        "okta",
        "entra",
        "cognito",
        "oidc",
        "saml",
        "sso",
        "identity",
        "idp",
        "ldap",
        "directory",
        "ad",
        "adfs",
        "login",
        "oauth",
    ),
    "pipeline": ("jenkins", "github", "gitlab", "ci", "cicd", "ci/cd", "argo", "argocd", "teamcity", "actions", "tekton", "terraform"),
    "container": ("kubernetes", "k8s", "docker", "openshift", "ecs", "eks", "gke", "aks", "nomad"),
    "relational": (
        *("postgresql", "postgres", "mysql", "mariadb", "oracle", "mssql", "sqlserver", "sql", "aurora", "rds", "sqlite", "db2", "redshift", "snowflake"),
        *("bigquery", "database", "cockroachdb", "clickhouse"),
    ),
    "document": ("mongodb", "mongo", "dynamodb", "cassandra", "couchdb", "firestore", "cosmos", "nosql", "scylladb", "neo4j"),
    "object": ("s3", "gcs", "blob", "minio", "bucket", "object", "r2"),
    "cache": ("redis", "memcached", "valkey", "elasticache", "cache"),
    "queue": ("kafka", "rabbitmq", "sqs", "sns", "pubsub", "pub/sub", "nats", "amqp", "mqtt", "queue", "broker", "activemq", "kinesis", "topic", "servicebus"),
    "search": ("elasticsearch", "opensearch", "solr", "elastic", "search", "meilisearch"),
    "log": ("splunk", "siem", "cloudtrail", "loki", "syslog", "log", "logs", "audit", "sentinel", "graylog", "logstash"),
    "share": ("nfs", "smb", "share", "sharepoint", "ftp", "sftp", "nas", "files", "fileserver", "disk"),
    "secrets": ("vault", "secrets", "keyvault", "kms", "hsm", "cyberark"),
    "device": ("iot", "plc", "scada", "sensor", "device", "terminal", "printer", "camera"),
    "person": ("person", "people", "user", "customer", "staff", "administrator", "employee", "human"),
}
"""Words that name a family. A technology belongs to the first of its words that is known."""

PRODUCTS = {
    "postgres": "postgresql",
    "mariadb": "mysql",
    "mssql": "sqlserver",
    "mongo": "mongodb",
    "valkey": "redis",
    "elasticache": "redis",
    "elastic": "elasticsearch",
    "opensearch": "elasticsearch",
    "k8s": "kubernetes",
    "eks": "kubernetes",
    "gke": "kubernetes",
    "aks": "kubernetes",
    "nodejs": "node.js",
    "node": "node.js",
    "express": "node.js",
    "nestjs": "node.js",
    "golang": "go",
    "java": "spring",
    "tomcat": "spring",
    "laravel": "php",
    "symfony": "php",
}
"""Other names of products that advice is written for."""

_FAMILY_OF = {word: family for family, words in reversed(FAMILIES.items()) for word in words}
_PAIRS = {
    "sql server": ("relational", "sqlserver"),
    "active directory": ("identity", "ad"),
    "github actions": ("pipeline", "github"),
    "gitlab ci": ("pipeline", "gitlab"),
    "secrets manager": ("secrets", "secrets"),
    "key vault": ("secrets", "keyvault"),
    "service bus": ("queue", "servicebus"),
    "blob storage": ("object", "blob"),
    "cloud storage": ("object", "gcs"),
    "cloud functions": ("function", "function"),
    "cloud run": ("function", "cloudrun"),
    "message queue": ("queue", "queue"),
    "load balancer": ("gateway", "balancer"),
    "api gateway": ("gateway", "gateway"),
    "file share": ("share", "share"),
    "identity provider": ("identity", "idp"),
    "audit log": ("log", "audit"),
}
"""Two words that mean another thing than each alone."""


@dataclass(frozen=True)
class Technology:
    """`family` is a key of `FAMILIES` or "", `product` the word that advice is looked up by or ""."""

    family: str = ""
    product: str = ""


def recognise(text: str) -> Technology:
    """What a person's "PostgreSQL 16 on RDS" is; nothing when no word of it is known."""
    words = _WORD.findall(text.lower())
    for first, second in zip(words, [*words[1:], ""], strict=False):
        if pair := _PAIRS.get(f"{first} {second}"):
            return Technology(*pair)
        if family := _FAMILY_OF.get(first):
            return Technology(family, PRODUCTS.get(first) or first)
    return Technology()
