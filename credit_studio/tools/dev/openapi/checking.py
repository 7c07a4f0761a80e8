"""A given specification checked: against the official schema of its OpenAPI version, its schemas against their meta-schema, then linted.

Server only, and loaded by name there: the browser has neither libyaml nor jsonschema. References to other files and addresses are not
followed. The schemas are those that openapi-spec-validator ships (spec.openapis.org).
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, cast

import jsonschema
from jsonschema import exceptions as jsonschema_exceptions
from jsonschema import validators as jsonschema_validators
from jsonschema.exceptions import ValidationError
from openapi_spec_validator.schemas.utils import get_schema_content

from credit_studio.tools.base import InputError
from credit_studio.tools.dev.openapi import linting
from credit_studio.tools.dev.openapi.reading import Source, read
from credit_studio.tools.dev.openapi.specification import Check, Fault, Found, Path, Spec, json_path

# jsonschema is typed in part only.
_validators: Any = jsonschema_validators
_exceptions: Any = jsonschema_exceptions
VERSIONS = ("3.0", "3.1", "3.2")
MOST_OF_ONE_RULE, MOST_FAULTS, MOST_ERRORS = 25, 150, 100
SEVERITIES = ("critical", "high", "medium", "low", "info")


def warm() -> None:
    """Build the validators, so that a worker does it once and not each run."""
    for version in VERSIONS:
        validator(version)
    _metaschema()


def check(text: str, where: str) -> Check:
    """Everything that is wrong with a specification; raises `InputError` on the field `where` for text that is none."""
    source = read(text, where)
    data: Any = source.data
    if not isinstance(data, dict) or not isinstance(cast("dict[str, Any]", data).get("openapi"), str):
        is_old = isinstance(data, dict) and "swagger" in data
        said = "This is Swagger 2.0; convert it to OpenAPI 3 first." if is_old else 'Is no OpenAPI document: it has no "openapi" with a version, as 3.1.0.'
        raise InputError(where, said)
    spec = Spec(cast("dict[str, Any]", data))
    version = next((one for one in VERSIONS if spec.data["openapi"].startswith(f"{one}.")), "")
    if not version:
        raise InputError(where, f"OpenAPI {spec.data['openapi'][:20]!r} is not known here; {', '.join(VERSIONS[:-1])} and {VERSIONS[-1]} are.")
    wrong = [Fault("duplicate-key", path, f"The key {str(path[-1])[:80]!r} stands twice; only the last one counts.") for path in source.doubles]
    wrong += list(_schema_faults(spec, version))
    is_valid = not wrong
    wrong += list(linting.lint(spec, version))
    return _check(spec, source, wrong, is_valid=is_valid)


def _check(spec: Spec, source: Source, faults: list[Fault], *, is_valid: bool) -> Check:
    ordered = sorted(_cut(faults), key=lambda fault: SEVERITIES.index(linting.RULES[fault.rule].severity))
    title = str(spec.part(("info", "title")) or "")[:120]
    return Check(
        title=title,
        version=spec.data["openapi"][:20],
        paths=len(spec.mapping(("paths",))),
        operations=len(spec.operations),
        schemas=len(spec.mapping(("components", "schemas"))),
        is_valid=is_valid,
        total=len(faults),
        found=tuple(_found(fault, source) for fault in ordered[:MOST_FAULTS]),
    )


def _cut(faults: list[Fault]) -> Iterator[Fault]:
    """The first faults of each rule; the last one kept says how many more there are."""
    by_rule: dict[str, list[Fault]] = {}
    for fault in faults:
        by_rule.setdefault(fault.rule, []).append(fault)
    for found in by_rule.values():
        more = len(found) - MOST_OF_ONE_RULE
        yield from found[: MOST_OF_ONE_RULE - 1] if more > 0 else found
        if more > 0:
            last = found[MOST_OF_ONE_RULE - 1]
            yield Fault(last.rule, last.path, f"{last.message} The same stands at {more:,} more places.")


def _found(fault: Fault, source: Source) -> Found:
    rule, line = linting.RULES[fault.rule], source.line(fault.path)
    at = f"line {line}: " if line else ""
    return Found(rule.severity, fault.rule, fault.message, f"{at}{json_path(fault.path)}"[:300], rule.fix)


@cache
def validator(version: str) -> Any:  # noqa: ANN401 - a jsonschema validator
    """The validator of a version's official schema. Schema Objects are left to the meta-schema, which 3.0's schema has in itself."""
    schema: Any = _without_dynamic(get_schema_content(version))
    found: Any = _validators.validator_for(schema)
    return _quick(found)(schema)


@cache
def _metaschema() -> Any:  # noqa: ANN401 - a jsonschema validator
    kind: Any = jsonschema.Draft202012Validator
    return _quick(kind)(kind.META_SCHEMA)


def _quick(kind: Any) -> Any:  # noqa: ANN401 - a class of validators
    """The same validators, but for uniqueItems in linear time: theirs compares each pair of what cannot be sorted."""
    return _validators.extend(kind, {"uniqueItems": _unique})


def _unique(_validator: object, is_asked: object, items: object, _schema: object) -> Iterator[ValidationError]:
    if is_asked and isinstance(items, list):
        written = [json.dumps(item, sort_keys=True) for item in cast("list[Any]", items)]
        if len(set(written)) < len(written):
            yield ValidationError("holds an item twice")


def _without_dynamic(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Let a dynamic reference accept everything: it is where Schema Objects stand."""
    if isinstance(value, dict):
        given = cast("dict[str, Any]", value)
        return {key: _without_dynamic(item) for key, item in given.items() if key != "$dynamicRef"}
    return [_without_dynamic(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value


def _schema_faults(spec: Spec, version: str) -> Iterator[Fault]:
    errors: list[ValidationError] = []
    for error in validator(version).iter_errors(spec.data):
        errors.append(error)
        if len(errors) >= MOST_ERRORS:
            break
    for error in errors:
        yield _fault(error, ())
    if version != "3.0":
        yield from _meta_faults(spec)


def _meta_faults(spec: Spec) -> Iterator[Fault]:
    count = 0
    for path, schema in spec.schemas():
        for error in _metaschema().iter_errors(schema):
            count += 1
            if count > MOST_ERRORS:
                return
            yield _fault(error, path)


def _fault(error: ValidationError, at: Path) -> Fault:
    outer: Any = error
    # Where a reference may stand as well, that there is none is not what is wrong.
    inner: list[Any] = [one for one in outer.context or () if one.message != "'$ref' is a required property"]
    deepest: Any = (_exceptions.best_match(inner) if inner else None) or outer
    path: Path = (*at, *deepest.absolute_path)
    return Fault("oas3-schema", path, _words(deepest))


def _words(error: Any) -> str:  # noqa: ANN401 - jsonschema's error
    """The message without the value that it quotes when that is long."""
    message = str(error.message)
    if error.validator in {"oneOf", "anyOf"}:
        return "Fits none of the forms that may stand here."
    if error.validator in {"unevaluatedProperties", "additionalProperties"}:
        message = message.replace("Unevaluated properties are not allowed", "Not allowed here").replace(
            "Additional properties are not allowed", "Not allowed here"
        )
    elif len(message) > 160:  # noqa: PLR2004 - longer ones quote a whole object
        message = f"{type(error.instance).__name__} does not fit {error.validator!r}: {str(error.validator_value)[:100]}"
    return f"{message[:250].rstrip('.')}."
