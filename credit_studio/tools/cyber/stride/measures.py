"""What helps: each kind of control with its advice, made specific by technology where that is known, and how to check that it works."""

from dataclasses import dataclass

from credit_studio.tools.cyber.stride.technologies import Technology


@dataclass(frozen=True)
class Measure:
    """`said` names the control in a sentence ("checks who calls"), `do` is general advice, `test` tells how to see that it works."""

    said: str
    do: str
    test: str


MEASURES: dict[str, Measure] = {
    "authenticates": Measure(
        "checks who calls",
        "Demand a proof of identity on every call, with a second factor for people and short-lived credentials for machines.",
        "Call it without, with an expired and with another tenant's credential: each must be refused.",
    ),
    "authorises": Measure(
        "checks rights",
        "Decide on the server, for each object, whether this caller may do this; grant nothing by default.",
        "Repeat one user's requests with another user's session, for reading and for writing: each must be refused.",
    ),
    "validates": Measure(
        "validates input",
        "Accept only what is expected (type, length, range, character set), bind parameters, and encode output for where it goes.",
        "Run a scanner's active tests and a fuzzer against every input; unit tests hold the rejected cases.",
    ),
    "encrypts": Measure(
        "encrypts at rest",
        "Encrypt at rest with keys in a key management service, backups and snapshots included.",
        "Open a disk snapshot or a backup without the key: nothing can be read.",
    ),
    "logs": Measure(
        "keeps an audit log",
        "Record who did what to which object, when and from where, and send it at once to a store that the system cannot change.",
        "Do a sensitive action and find it in the log store, with its user, within minutes.",
    ),
    "limits": Measure(
        "limits load",
        "Limit rate, size and time per caller, bound queues, and shed load before it reaches what is behind.",
        "Send ten times the peak load from one source: others are still served.",
    ),
    "backed_up": Measure(
        "has backups out of reach",
        "Keep copies in another account that the running system can write to and not delete, and try restoring.",
        "Restore last night's copy into an empty environment, and time it.",
    ),
    "channel": Measure(
        "is encrypted on the way",
        "Use TLS 1.2 or later, and let the client check the server's certificate and name.",
        "Offer a wrong certificate from a proxy in the middle: the client refuses to connect.",
    ),
    "peer": Measure(
        "is authenticated",
        "Give the sender a credential of its own (a signed token, mutual TLS, a signature on the message) and refuse what comes without.",
        "Send the same message without the credential, and replay an old one: both are refused.",
    ),
    "vault": Measure(
        "takes its secrets from a vault",
        "Fetch credentials at start from a secrets manager, let them expire, and keep them out of images, variables and repositories.",
        "Search image, repository and process environment with a secret scanner: nothing is found.",
    ),
}

_BY_TECHNOLOGY: dict[str, dict[str, str]] = {
    # families
    "browser": {"validates": "Set a Content-Security-Policy without unsafe-inline and use the framework's escaping."},
    "mobile": {
        "authenticates": "Use authorisation code with PKCE in the system browser; keep tokens in Keychain or Keystore.",
        "channel": "Pin the public key of your own servers.",
    },
    "web": {
        "authenticates": "Session cookies: Secure, HttpOnly, SameSite=Lax, renewed at sign-in; anti-CSRF tokens on every change.",
        "validates": "Use templates that escape by default, parameterised queries, and a Content-Security-Policy.",
        "limits": "Limit sign-in, search and upload separately, at the proxy and in the application.",
    },
    "api": {
        "authenticates": "Check signature, issuer, audience and expiry of each access token (OAuth 2.0, RFC 9068).",
        "authorises": "Look objects up together with their owner, never by their id alone (OWASP API1:2023); scopes per operation.",
        "validates": "Validate against the OpenAPI or protobuf schema and refuse unknown fields (OWASP API3:2023).",
        "limits": "Limit page size, query depth and requests per token (OWASP API4:2023).",
    },
    "gateway": {
        "authenticates": "Remove identity headers that come from outside before adding your own.",
        "limits": "limit_req and limit_conn or their like, client_max_body_size, and short header and body time-outs.",
        "logs": "Log the request id and pass it on, so that calls can be followed through all services.",
    },
    "function": {
        "authorises": "One role per function with the actions and resources that it needs, no wildcards.",
        "limits": "Set reserved concurrency and a time-out, so that a flood can neither spend the budget nor the account's quota.",
    },
    "worker": {
        "validates": "Treat messages as input from outside: check against a schema, use JSON or protobuf and no object deserialisation.",
        "limits": "Bound retries, send poison messages to a dead-letter queue, limit memory and time per job.",
    },
    "identity": {
        "authenticates": "Offer passkeys (WebAuthn); refuse passwords known from breaches (NIST SP 800-63B).",
        "limits": "Slow down by account and by address, and alert on many failures over many accounts (password spraying).",
        "logs": "Alert on new factors, new admin grants, consent to applications and changed federation trust.",
    },
    "pipeline": {
        "authenticates": "Sign in by OIDC federation instead of stored cloud keys.",
        "authorises": "Protect branches, demand a review by somebody else, separate who may build from who may deploy; pin actions by hash.",
        "logs": "Keep provenance of each build (SLSA) and sign artefacts; verify the signature when deploying.",
    },
    "container": {
        "authorises": "RBAC without cluster-admin, pod security level restricted, no automounted service account tokens.",
        "limits": "Requests and limits on every container, quotas per namespace.",
    },
    "relational": {
        "authorises": "A role per service with rights on its own tables or views; no owner or superuser for the application.",
        "encrypts": "Encrypt the volume with a managed key, and columns of the highest class in the application.",
        "limits": "Statement time-out and a connection limit per role.",
    },
    "document": {
        "validates": "Refuse operators in input (objects where strings are expected): they change the query.",
        "authorises": "Roles per collection; no anonymous or cluster-wide role for the application.",
    },
    "object": {
        "authorises": "Block public access for the whole account; grant per prefix; hand out short-lived signed URLs.",
        "encrypts": "Encrypt with a managed key and refuse uploads that are not.",
        "backed_up": "Versioning and an object lock (write once) in another account.",
        "validates": "Check type by content, rename, scan, and serve from a domain of its own with Content-Disposition.",
    },
    "cache": {
        "authenticates": "Bind to the private network only and demand a password or ACL user.",
        "encrypts": "Cache no restricted data, or encrypt the value.",
    },
    "queue": {
        "authenticates": "A credential per producer and per consumer.",
        "authorises": "Write and read rights per topic or queue; sign messages whose sender matters.",
        "limits": "Quotas per client, maximum message size and queue length, dead-letter queue.",
    },
    "search": {"authorises": "Rights per index, field and document; never open to a browser directly."},
    "log": {
        "authorises": "Append only for writers, read only for readers, deletion for nobody before the retention ends.",
        "backed_up": "Copy to write-once storage in an account of the security team.",
        "validates": "Neutralise line breaks and control characters before they are logged (CWE-117).",
    },
    "share": {"authorises": "Rights by group, no guest access; for NFS Kerberos instead of addresses.", "backed_up": "Read-only snapshots on another system."},
    "secrets": {
        "authorises": "A policy per application that reads its own path only; two persons for unsealing.",
        "logs": "Audit device on, alert on reads outside of deployments.",
    },
    "device": {"authenticates": "A certificate per device, kept in hardware.", "validates": "Accept signed firmware only."},
    "person": {"peer": "Multi-factor authentication that resists phishing (passkeys)."},
    # products
    "postgresql": {
        "authenticates": "scram-sha-256 in pg_hba.conf, hostssl lines only, no trust entries.",
        "authorises": "GRANT per table, row-level security where tenants share tables, no superuser for the application.",
        "logs": "pgaudit with session and object logging.",
        "limits": "statement_timeout, idle_in_transaction_session_timeout and CONNECTION LIMIT per role.",
        "channel": "ssl = on at the server, sslmode=verify-full at the client.",
        "backed_up": "Base backup and WAL archive (pgBackRest, WAL-G) into a bucket with object lock.",
    },
    "mysql": {
        "authenticates": "caching_sha2_password and REQUIRE X509 or SSL per account.",
        "logs": "The audit log plugin.",
        "channel": "require_secure_transport=ON.",
    },
    "sqlserver": {"encrypts": "Transparent Data Encryption, Always Encrypted for the highest class.", "logs": "SQL Server Audit into the security log."},
    "mongodb": {
        "authenticates": "authorization: enabled, SCRAM or X.509, bindIp to the private address.",
        "encrypts": "Queryable Encryption for sensitive fields.",
    },
    "dynamodb": {"authorises": "IAM conditions with dynamodb:LeadingKeys per tenant.", "backed_up": "Point-in-time recovery and AWS Backup vault lock."},
    "s3": {
        "authorises": "S3 Block Public Access on the account, bucket owner enforced, bucket policy with aws:PrincipalOrgID.",
        "encrypts": "SSE-KMS as default, deny PutObject without it.",
        "logs": "CloudTrail data events for the bucket.",
        "backed_up": "Versioning, Object Lock in compliance mode, replication into another account.",
        "channel": "Deny requests where aws:SecureTransport is false.",
    },
    "gcs": {"authorises": "Uniform bucket-level access and public access prevention.", "backed_up": "Bucket lock and object versioning."},
    "blob": {"authorises": "Disallow public blob access; user delegation SAS only.", "backed_up": "Immutable storage and soft delete."},
    "redis": {
        "authenticates": "ACL users instead of requirepass alone; protected-mode yes.",
        "channel": "tls-port and port 0.",
        "authorises": "ACL rules by key prefix; disable FLUSHALL, CONFIG, KEYS.",
    },
    "kafka": {
        "authenticates": "SASL_SSL with SCRAM or OAUTHBEARER.",
        "authorises": "ACLs per topic and group, allow.everyone.if.no.acl.found=false.",
        "channel": "Listeners SASL_SSL only.",
        "limits": "Client quotas and max.message.bytes.",
    },
    "rabbitmq": {
        "authenticates": "Delete the guest user; a user per service.",
        "authorises": "Permissions per virtual host by configure, write and read patterns.",
        "channel": "AMQPS on 5671, listener 5672 off.",
        "limits": "x-max-length with dead-lettering, consumer prefetch.",
    },
    "sqs": {"authorises": "Queue policy by role, no principal *.", "encrypts": "SSE-KMS.", "limits": "Redrive policy with maxReceiveCount."},
    "elasticsearch": {
        "authenticates": "xpack.security.enabled: true, no anonymous user.",
        "channel": "TLS on transport and HTTP layers.",
        "authorises": "Roles per index; no superuser for the application.",
    },
    "nginx": {
        "limits": "limit_req_zone per address and per session, limit_conn, client_max_body_size, client_header_timeout.",
        "authenticates": "ssl_verify_client or auth_request; clear X-Forwarded-User from outside.",
    },
    "django": {
        "validates": "Forms and serializers for every input, the ORM or bound parameters, no mark_safe on input; CSP by django-csp.",
        "authenticates": "SESSION_COOKIE_SECURE, CSRF middleware, MFA; rate limits by django-axes.",
        "authorises": "Filter every queryset by the owner; object permissions in one place.",
        "logs": "Log security events through a handler of their own, with request id and user id.",
    },
    "spring": {
        "authorises": "Method security (@PreAuthorize) and deny by default in the filter chain.",
        "validates": "Bean Validation on DTOs, no entity binding, Jackson without default typing.",
    },
    "fastapi": {"validates": "Pydantic models with extra=forbid and bounds.", "authorises": "A dependency per route that loads the object with its owner."},
    "node.js": {
        "validates": "A schema per route (zod, ajv), frozen prototypes; npm ci with a lock file.",
        "limits": "Body size limit and rate limits backed by a shared store.",
    },
    "php": {"validates": "Prepared statements (PDO), escaping templates, uploads outside of the web root."},
    "wordpress": {
        "validates": "Few plugins, updated at once; no PHP in wp-content/uploads.",
        "authenticates": "MFA for editors, wp-login limited, XML-RPC off.",
    },
    "lambda": {
        "authorises": "A role per function; no wildcard in Resource.",
        "limits": "Reserved concurrency, time-out, maximum event age.",
        "vault": "Secrets Manager through the extension, not environment variables.",
    },
    "kubernetes": {
        "authorises": "RBAC per namespace, Pod Security Admission restricted, NetworkPolicy default deny.",
        "vault": "External Secrets or the CSI driver, encryption of etcd by KMS.",
        "logs": "API server audit policy at metadata level or above.",
    },
    "keycloak": {
        "limits": "Brute force detection on, with a wait that grows.",
        "logs": "Save admin and login events and forward them.",
        "authenticates": "WebAuthn as required action; short refresh tokens with rotation.",
    },
    "entra": {
        "authenticates": "Conditional Access with phishing-resistant strength, legacy authentication blocked.",
        "logs": "Sign-in and audit logs into the SIEM, alerts on consent grants.",
    },
    "okta": {"authenticates": "FastPass or FIDO2 with phishing resistance in the policy.", "logs": "System log into the SIEM, ThreatInsight on."},
    "jenkins": {"authorises": "Matrix permissions, no builds on the controller, folder-scoped credentials.", "authenticates": "SSO; no anonymous read."},
    "github": {
        "authorises": "Branch rules with review, environments with approval, permissions: read-all by default, actions pinned by commit.",
        "authenticates": "OIDC federation to the cloud, no long-lived keys in secrets.",
        "logs": "Audit log streaming and artefact attestations.",
    },
    "vault": {"authorises": "Policies per role by path, response wrapping, no root token in use.", "logs": "Two audit devices."},
}

_BY_PROTOCOL: dict[tuple[str, str], str] = {
    ("http", "channel"): "Redirect port 80 and send HSTS; inside, TLS between services or a mesh.",
    ("grpc", "peer"): "Mutual TLS with a workload identity (SPIFFE).",
    ("websocket", "channel"): "Use wss:// only.",
    ("websocket", "peer"): "Check the Origin header and a token at the upgrade.",
    ("sql", "channel"): "Let the client verify certificate and host name (verify-full or its like).",
    ("sql", "peer"): "A database user per service; no shared password.",
    ("message", "peer"): "Sign each message, or bind the topic to one producer's identity.",
    ("smtp", "channel"): "Enforce TLS by MTA-STS and TLS reporting; encrypt the content where it is confidential.",
    ("smtp", "peer"): "SPF, DKIM and DMARC with p=reject.",
    ("ldap", "channel"): "LDAPS or StartTLS, and refuse simple binds without it.",
    ("ldap", "peer"): "LDAP signing and channel binding.",
    ("files", "channel"): "SMB 3 encryption, or NFS with krb5p.",
    ("files", "peer"): "SMB signing, or NFS with krb5i.",
    ("dns", "channel"): "DNS over TLS to your own resolver.",
    ("dns", "peer"): "DNSSEC validation.",
    ("https", "peer"): "An access token with audience and short life, or mutual TLS between systems.",
}


def advice(key: str, technology: Technology, protocol: str = "", *, is_short: bool = False) -> str:
    """What to do for one missing control: the general sentence and, where known, the one for this product, family or protocol (in short: only that)."""
    by_product, by_family = _BY_TECHNOLOGY.get(technology.product, {}), _BY_TECHNOLOGY.get(technology.family, {})
    special = _BY_PROTOCOL.get((protocol, key), "") or by_product.get(key, "") or by_family.get(key, "")
    return special if is_short and special else f"{MEASURES[key].do} {special}".strip()
