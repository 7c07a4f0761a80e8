import importlib
import json
import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from detect_secrets.core.scan import scan_file
from detect_secrets.filters import heuristic
from detect_secrets.settings import default_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_studio.core.errors import InvalidInputs
from credit_studio.tools import blocks
from credit_studio.tools.base import InputError, jsonable
from credit_studio.tools.dev import security
from credit_studio.tools.dev.scanning import patterns, python_code, secret_values
from credit_studio.tools.dev.scanning.comments import without_comments
from credit_studio.tools.dev.scanning.languages import kinds_of, language_of
from credit_studio.tools.dev.scanning.sources import Source
from credit_studio.tools.dev.security import SecurityInputs, SecurityOutput, SourceFile
from credit_studio.tools.validation import parse

SARIF = json.loads(Path(__file__).with_name("samples").joinpath("sarif-2.1.0.schema.json").read_text())
RULES = tomllib.loads(Path(patterns.__file__).with_suffix(".toml").read_text())["rule"]
NAMES: dict[str, str] = dict(
    zip(
        ("javascript", "shell", "dockerfile", "terraform", "java", "php", "go", "ruby", "csharp", "yaml", "kubernetes", "compose", "github-actions"),
        ("a.ts", "a.sh", "Dockerfile", "a.tf", "A.java", "a.php", "a.go", "a.rb", "A.cs", "a.yml", "k.yaml", "compose.yaml", "w.yml"),
        strict=True,
    )
)
HEADS = {"kubernetes": "apiVersion: v1\nkind: Pod\n", "compose": "services:\n", "github-actions": "on: push\njobs:\n"}


def scan(*files: tuple[str, str], **more: object) -> SecurityOutput:
    """Run on pasted files; what comes out must be drawable, and small enough."""
    return run(SecurityInputs(files=tuple(SourceFile(*file) for file in files)), **more)


def run(inputs: SecurityInputs, **more: object) -> SecurityOutput:
    output = security.run(replace(inputs, **more))  # type: ignore[arg-type]
    assert len(json.dumps(jsonable(output), allow_nan=False, ensure_ascii=False).encode()) < 1_000_000
    assert len(json.dumps(blocks.to_json(security.present(output)), allow_nan=False, ensure_ascii=False).encode()) < 1_000_000
    return output


def found(output: SecurityOutput) -> set[tuple[str, str, int]]:
    return {(issue.rule, issue.path, issue.line) for issue in output.issues}


def sarif_of(output: SecurityOutput) -> dict[str, object]:
    text = next(block.text for block in security.present(output) if isinstance(block, blocks.Code))
    return json.loads(text)


# --- the example and three more kinds of project -----------------------------------------------------------------------------


def test_the_example_finds_what_was_put_into_it() -> None:
    output = run(security.TOOL.example or SecurityInputs())
    assert found(output) >= {
        ("secret-aws-access-key", "shop/app.py", 9),
        ("B608", "shop/app.py", 15),
        ("B602", "shop/app.py", 21),
        ("B301", "shop/app.py", 27),
        ("B201", "shop/app.py", 35),
        ("js-command", "web/server.ts", 8),
        ("js-sql", "web/server.ts", 12),
        ("js-jwt-secret", "web/server.ts", 13),
        ("docker-secret", "Dockerfile", 2),
        ("sh-pipe", "Dockerfile", 3),
        ("k8s-privileged", "deploy/cluster.yaml", 11),
        ("tf-open", "infra/main.tf", 6),
    }
    assert ("tf-open", "infra/main.tf", 12) not in found(output), "what goes out may go anywhere"
    assert not any(issue.rule == "js-eval" for issue in output.issues), "a comment is no code"
    assert output.by_severity == {"critical": 1, "high": 14, "medium": 7, "low": 4}
    assert sum(output.by_severity.values()) == len(output.issues)
    assert [issue.severity for issue in output.issues] == sorted((issue.severity for issue in output.issues), key=list(output.by_severity).index)


NODE = """\
const crypto = require('crypto');
const serialize = require('node-serialize');
/* document.write(x)
   eval(x) */
exports.login = (req, res) => {
  users.findOne(req.body);
  const token = crypto.createHash('md5').update(req.body.password).digest('hex');
  const sessionKey = Math.random().toString(36);
  res.cookie('sid', token, { httpOnly: false });
  fs.readFile('./data/' + req.params.file, done);
  fetch(req.query.url);
  document.getElementById('x').innerHTML = location.hash; // nosec
};
const url = "https://example.com/eval(1)"; const note = 'write // eval(x) in a string';
"""


def test_a_node_service_is_read_line_by_line() -> None:
    output = scan(("src/login.js", NODE))
    assert {(rule, line) for rule, _, line in found(output)} == {
        ("js-unserialize", 2),
        ("js-nosql", 6),
        ("js-weak-hash", 7),
        ("js-random-token", 8),
        ("js-cookie-script", 9),
        ("js-path", 10),
        ("js-ssrf", 11),
        ("js-eval", 14),
    }
    assert output.silenced == 1
    assert ("js-inner-html", "src/login.js", 12) in found(scan(("src/login.js", NODE), heed=False))


WORKFLOW = """\
name: triage
on:
  pull_request_target:
    types: [opened]
jobs:
  label:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
        with:
          ref: ${{ github.event.pull_request.head.sha }}
      - uses: someone/labeler@v2
      - uses: someone/pinned@8e5e7e5ab8b370d6c329ec480221332ada57f0ab
      - run: echo "${{ github.event.pull_request.title }}"
      - run: echo "$TITLE"
        env:
          TITLE: ${{ github.event.pull_request.title }}
"""
COMPOSE = """\
services:
  db:
    image: postgres
    ports: # for me
      - "5432:5432"
      - "127.0.0.1:6379:6379"
    environment:
      POSTGRES_HOST_AUTH_METHOD: trust
      POSTGRES_PASSWORD: hunter22-prod
      POSTGRES_USER: ${DB_USER}
"""


def test_workflows_and_compose_files_are_told_apart_by_what_they_hold() -> None:
    output = scan((".github/workflows/triage.yml", WORKFLOW), ("compose.yaml", COMPOSE))
    workflow = {(rule, line) for rule, path, line in found(output) if path.endswith("triage.yml")}
    assert workflow == {("actions-target", 3), ("actions-permissions", 5), ("actions-unpinned", 12), ("actions-injection", 14)}
    composed = {(rule, line) for rule, path, line in found(output) if path == "compose.yaml"}
    assert composed == {("k8s-latest", 3), ("compose-database-port", 5), ("compose-no-password", 8), ("secret-secret-keyword", 9)}
    assert "hunter22" not in json.dumps(jsonable(output))


DJANGO = """\
import random
import yaml
from django.utils.safestring import mark_safe

SECRET_KEY = "4f#k2-qz9!x7_live"

def view(request):
    token = random.random()
    config = yaml.load(request.body)
    assert request.user
    return mark_safe("<b>" + request.GET["q"] + "</b>")
"""


def test_nothing_found_says_what_was_read() -> None:
    output = scan(("hello.py", "print('hello')\n"))
    block = next(block for block in security.present(output) if isinstance(block, blocks.Findings))
    assert block.findings == ()
    assert block.checked.startswith("1 file, 1 line: Python (1). bandit 1.9.4, detect-secrets 1.5.0")
    jsonschema.validate(sarif_of(output), SARIF)


# --- the rules ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", RULES, ids=lambda row: row["id"])
def test_a_rule_finds_its_bad_line_and_passes_its_good_one(row: dict[str, str]) -> None:
    for kind in row["languages"]:
        assert row["id"] in _rules_of(kind, row["bad"])
        assert row["id"] not in _rules_of(kind, row["good"])
    assert row["severity"] in {"critical", "high", "medium", "low"}
    assert int(row["cwe"]) > 0
    assert not row["title"].endswith(".")
    assert row["fix"].endswith((".", ".)", '".'))


def _rules_of(kind: str, text: str) -> set[str]:
    source = Source(NAMES[kind], b"", HEADS.get(kind, "") + text + "\n")
    assert kind in kinds_of(language_of(source.path, source.text), source.text)
    return {match.rule.id for match in patterns.look(source, heed=True)[0]}


def test_a_stage_of_the_same_build_needs_no_version() -> None:
    output = scan(("Dockerfile", "FROM node:24.1 AS build\nFROM build\nFROM node AS last\nUSER app\n"))
    assert found(output) == {("docker-image", "Dockerfile", 3)}


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("a.ts", "export const chacha20 = createCipher(chachaCore, { counterRight: false });"),
        ("a.ts", "const match = /x/.exec(text + 'y');"),
        ("a.ts", "element.innerHTML = DOMPurify.sanitize(text);"),
        ("a.sh", "chmod 1777 /var/spool/drop"),
        ("a.sh", "# curl https://example.com | sh"),
        ("a.php", "assert(isset($this->client));"),
        ("a.yml", "secure: DsGAf9xk2Lq81mZ0vT3hYw6RbN4pCj7E"),
        ("a.tf", '# cidr_blocks = ["0.0.0.0/0"]'),
        ("A.java", 'log.info("Select a city from the list " + name);'),
    ],
)
def test_what_looks_like_a_weakness_and_is_none_is_passed(path: str, line: str) -> None:
    assert scan((path, f"{line}\n")).issues == ()


def test_every_check_of_bandit_has_a_title_and_an_advice() -> None:
    manager = importlib.import_module("bandit.core.extension_loader").MANAGER
    checks = {plugin.plugin._test_id for plugin in manager.plugins} | {row["id"] for rows in manager.blacklist.values() for row in rows}
    assert checks <= set(python_code.advice())
    assert all(advice.title and advice.fix.endswith(".") for advice in python_code.advice().values())


# --- beside the tools themselves -----------------------------------------------------------------------------------------------


def test_bandit_says_the_same_when_it_reads_files_itself(tmp_path: Path) -> None:
    text = (security.TOOL.example or SecurityInputs()).files[0].content + DJANGO
    path = tmp_path / "shop.py"
    path.write_text(text)
    theirs = python_code.BanditManager(python_code.BanditConfig(), "file")
    theirs.discover_files([str(path)])
    theirs.run_tests()
    looked = python_code.look(Source("shop.py", text.encode(), text), heed=True)
    assert not looked.unread
    assert Counter((one.check, one.line + 1, one.column) for one in looked.found) == Counter(
        (one.test_id, one.lineno, one.col_offset) for one in theirs.results
    )
    assert len(looked.found) > 10


SECRETS = """\
aws_key = "AKIAQ3EGRZ7NKLX4VW2T"
password = "correct-horse-battery"
address = "https://bob:s3cretpw99@example.com/"
stripe = "rk_live_9f8e7d6c5b4a39281706f5e4"
hexes = "3f786850e387550fdab836ed7e6dc881de23001b"
uuid = "123e4567-e89b-12d3-a456-426614174000"
slack = "https://hooks.slack.com/services/T1234ABCD/B5678EFGH/abcdefghijklmnopqrstuvwx"
jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
plain = "hello world"
key = "-----BEGIN RSA PRIVATE KEY-----"
"""


def test_detect_secrets_finds_the_same_values_when_it_reads_the_file_itself(tmp_path: Path) -> None:
    path = tmp_path / "settings.py"
    path.write_text(SECRETS)
    with default_settings():
        theirs = {(one.line_number, one.secret_value) for one in scan_file(str(path)) if one.type != "Public IP (ipv4)"}
    ours, _ = secret_values.look(Source("settings.py", b"", SECRETS), heed=True)
    assert {line for line, _ in theirs} == {one.line + 1 for one in ours} == {1, 2, 3, 4, 5, 7, 8, 10}
    assert {(one.line + 1, one.value) for one in ours} <= theirs


@pytest.mark.parametrize("path", [".env", "app.ini", "deploy.sh", "values.yaml"])
def test_values_without_quotes_are_seen_in_files_that_have_none(path: str) -> None:
    line = "DB_PASSWORD: hunter22-prod" if path.endswith("yaml") else "DB_PASSWORD=hunter22-prod"
    output = scan((path, f"# settings\n{line}\n"))
    assert [(issue.rule, issue.line) for issue in output.issues] == [("secret-secret-keyword", 2)]
    assert "hunter22" not in json.dumps(jsonable(output))
    assert not scan((path, line.replace("hunter22-prod", "$DB_PASSWORD") + "\n")).issues


# --- secrets stay masked -------------------------------------------------------------------------------------------------------


def test_a_secret_is_masked_wherever_it_stands() -> None:
    text = 'key = "AKIAQ3EGRZ7NKLX4VW2T"\neval("AKIAQ3EGRZ7NKLX4VW2T")\npassword = "tiny1"\nlogin(password="another-secret-9")\n'
    output = scan(("a.py", text), ("b.js", "jwt.sign(user, 'my-signing-key-1');\neval(a + 'my-signing-key-1');"), heed=False)
    given = json.dumps(blocks.to_json(security.present(output))) + json.dumps(jsonable(output))
    for secret in ("AKIAQ3", "tiny1", "another-secret", "my-signing"):
        assert secret not in given
    assert 'eval(\\"AKIA****\\")' in given


def test_an_allowlisted_line_is_heeded_or_not() -> None:
    line = 'key = "AKIAQ3EGRZ7NKLX4VW2T"  # pragma: allowlist secret\n'
    assert (scan(("a.txt", line)).secrets, scan(("a.txt", line)).silenced) == (0, 1)
    assert scan(("a.txt", line), heed=False).secrets == 1


# --- SARIF -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("files", [(("a b/ü.py", "eval(x)\n"),), (("src/login.js", NODE), ("compose.yaml", COMPOSE)), (("broken.py", "def ("),)], ids=repr)
def test_the_report_is_valid_sarif(files: tuple[tuple[str, str], ...]) -> None:
    output = scan(*files)
    log = sarif_of(output)
    jsonschema.validate(log, SARIF)
    run_ = log["runs"][0]  # type: ignore[index]
    rules = [rule["id"] for rule in run_["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    assert [rules[result["ruleIndex"]] for result in run_["results"]] == [issue.rule for issue in output.issues]
    assert all("%20" in uri or " " not in uri for uri in (one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run_["results"]))


def test_a_fingerprint_outlives_lines_put_before() -> None:
    def fingerprint(text: str) -> list[str]:
        return [one["partialFingerprints"]["primaryLocationLineHash"] for one in sarif_of(scan(("a.js", text)))["runs"][0]["results"]]  # type: ignore[index]

    assert fingerprint("eval(x)\n") == fingerprint("\n\n  eval(x)\n") != fingerprint("eval(y)\n")


# --- inputs ------------------------------------------------------------------------------------------------------------------------


def test_nothing_to_read_names_the_field() -> None:
    with pytest.raises(InputError) as refused:
        security.run(SecurityInputs())
    assert refused.value.field == "files"


def test_wrong_inputs_are_refused_by_name() -> None:
    with pytest.raises(InvalidInputs) as refused:
        parse(security.TOOL, {"files": [{"path": "", "content": ""}], "least": "worst", "exclude": ["x" * 101]})
    assert {error.field for error in refused.value.errors} == {"files.0.path", "files.0.content", "least", "exclude.0"}


# --- properties --------------------------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["a.py", "a.js", "a.sh", "Dockerfile", "a.yaml", "a.tf", "A.java", "a.php", ".env"]), st.text(min_size=1, max_size=300))
def test_any_text_is_read_or_refused_by_its_field(path: str, text: str) -> None:
    try:
        output = scan((path, text))
    except InputError as error:
        assert error.field == "files"  # noqa: PT017 - the other outcome is as good
    else:
        assert all(1 <= issue.line <= output.lines_read and issue.column >= 1 for issue in output.issues)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["javascript", "shell", "php", "dockerfile", "yaml"]), st.text(alphabet="ab\"'`/*#\\\n $", max_size=80))
def test_blanking_comments_moves_nothing(language: str, text: str) -> None:
    blanked = without_comments(text, language)
    assert len(blanked) == len(text)
    assert [at for at, char in enumerate(blanked) if char == "\n"] == [at for at, char in enumerate(text) if char == "\n"]


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab=:! .[()]-'", max_size=40))
def test_a_call_on_the_right_side_is_seen_as_detect_secrets_sees_it(line: str) -> None:
    assert (secret_values._INDIRECT.search(line) is not None) == heuristic.is_indirect_reference(line)


def test_comments_that_never_end_take_no_longer_than_others() -> None:
    for text in ("/*" * 100_000, "`\\`" * 60_000, '"' * 100_001, "\\'" * 100_000):
        assert len(without_comments(text, "javascript")) == len(text)


def test_python_beyond_what_a_run_reads_is_told() -> None:
    source = Source("a.py", b"eval(x)\n" * 50, "eval(x)\n" * 50)
    assert len(python_code.look(source, heed=True).found) == 50
    assert python_code.look(source, heed=True).nodes == 301
    assert "more code than one run reads" in python_code.look(source, heed=True, most_nodes=300).unread
    deep = ("x = " + "+".join(["a"] * 400)).encode()
    assert "nests code deeper" in python_code.look(Source("b.py", deep, deep.decode()), heed=True).unread


def test_thousands_of_findings_are_counted_and_the_worst_listed() -> None:
    output = scan(("a.js", 'eval("é" + \'"\' + x) // ' + "\N{PILE OF POO}" * 100 + "\n" + "eval(x)\n" * 5_000), ("b.js", "document.write(x)\n"))
    assert output.by_severity["high"] == 5_001
    assert len(output.issues) + output.unlisted == 5_002
    assert 500 < len(output.issues) <= 1_000


def test_findings_below_the_wish_are_counted_and_not_listed() -> None:
    output = run(security.TOOL.example or SecurityInputs(), least="high")
    assert {issue.severity for issue in output.issues} == {"critical", "high"}
    assert output.below == 11
