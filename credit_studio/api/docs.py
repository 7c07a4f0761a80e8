"""`/api/docs`: the OpenAPI document as one readable page, written here so that it needs no script and nothing from elsewhere."""

import json
from html import escape
from typing import Any

from credit_studio.api.openapi import CODES

_STYLE = """
:root{color-scheme:light dark}body{font:15px/1.55 system-ui,sans-serif;max-width:960px;margin:32px auto;padding:0 16px}
h1{font-size:28px}h2{font-size:20px;margin-top:40px;border-bottom:1px solid #8886;padding-bottom:4px}
code,pre{font:13px/1.5 ui-monospace,monospace}pre{overflow:auto;padding:12px;border:1px solid #8886;border-radius:8px}
summary{cursor:pointer;padding:6px 0;min-height:24px}details{border-bottom:1px solid #8883}table{border-collapse:collapse;width:100%}
td,th{text-align:left;vertical-align:top;padding:4px 12px 4px 0;border-bottom:1px solid #8883}a{color:inherit}
""".strip()
_SCHEMA_DEPTH = 3


def page(document: dict[str, Any]) -> str:
    """The page: routes by tag, then the errors, then the models."""
    groups: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation.get("tags", ["Other"])[0], []).append(_operation(method, path, operation))
    body = "".join(f"<section><h2>{escape(tag)}</h2>{''.join(rows)}</section>" for tag, rows in groups.items())
    title = escape(document["info"]["title"])
    said = escape(document["info"].get("description", ""))
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title><style>{_STYLE}</style>'
    intro = f'<h1>{title}</h1><p>{said}</p><p>The same for programs: <a href="/api/openapi.json">/api/openapi.json</a> (OpenAPI 3.1).</p>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body><main>{intro}{body}{_errors()}{_models(document)}</main></body></html>'


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    head = f"<summary><code>{method.upper()} {escape(path)}</code> {escape(operation.get('summary', ''))}</summary>"
    parts = [f"<p>{escape(operation.get('description', ''))}</p>", _parameters(operation), _body(operation), _responses(operation)]
    return f'<details id="{escape(operation["operationId"])}">{head}{"".join(parts)}</details>'


def _parameters(operation: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(one['name'])}</code></td><td>{escape(one['in'])}</td><td>{escape(one.get('description', ''))}</td></tr>"
        for one in operation.get("parameters", ())
    )
    return f"<table><tr><th>Parameter</th><th>In</th><th>Meaning</th></tr>{rows}</table>" if rows else ""


def _body(operation: dict[str, Any]) -> str:
    parts = []
    for kind, media in operation.get("requestBody", {}).get("content", {}).items():
        parts.append(f"<p>Takes <code>{escape(kind)}</code>: {_schema(media.get('schema', {}))}</p>")
        if "example" in media:
            parts.append(f"<pre>{escape(json.dumps(media['example'], indent=2, ensure_ascii=False)[:4_000])}</pre>")
    return "".join(parts)


def _responses(operation: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td>{escape(status)}</td><td>{escape(one.get('description', ''))} {_response_schema(one)}</td></tr>"
        for status, one in operation.get("responses", {}).items()
    )
    return f"<table><tr><th>Status</th><th>When</th></tr>{rows}</table>"


def _response_schema(response: dict[str, Any]) -> str:
    media = response.get("content", {}).get("application/json", {})
    return _schema(media["schema"]) if "schema" in media else ""


def _schema(schema: dict[str, Any], depth: int = 0) -> str:
    """A schema in a phrase, names of models linked."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#{escape(name)}"><code>{escape(name)}</code></a>'
    if depth > _SCHEMA_DEPTH:
        return "…"
    if "properties" in schema:
        needed = schema.get("required", ())
        fields = (f"<code>{escape(key)}{'' if key in needed else '?'}</code>: {_schema(one, depth + 1)}" for key, one in schema["properties"].items())
        return f"{{{', '.join(fields)}}}"
    if "anyOf" in schema:
        return " or ".join(_schema(one, depth + 1) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_schema(schema.get('items', {}), depth + 1)}"
    return escape(str(schema.get("format") or schema.get("const") or " | ".join(map(str, schema.get("enum", ()))) or schema.get("type", "any")))


def _errors() -> str:
    rows = "".join(f'<tr id="{code}"><td><code>{code}</code></td><td>{status}</td><td>{escape(said)}</td></tr>' for code, (status, said) in CODES.items())
    return f"<section><h2>Errors</h2><table><tr><th>Code</th><th>Status</th><th>When</th></tr>{rows}</table></section>"


def _models(document: dict[str, Any]) -> str:
    rows = "".join(
        f'<tr id="{escape(name)}"><td><code>{escape(name)}</code></td><td>{escape(schema.get("description", ""))} {_schema(schema)}</td></tr>'
        for name, schema in sorted(document["components"]["schemas"].items())
    )
    return f"<section><h2>Models</h2><table>{rows}</table></section>"
