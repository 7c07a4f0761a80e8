import pytest

from tests.api.conftest import Client, problem

MEGA = 1024 * 1024


def _file(body: bytes, name: str = "data.csv") -> dict:
    return {"files": {"file": (name, body, "text/csv")}}


async def test_an_upload_answers_its_id_size_and_hash(ada: Client) -> None:
    reply = await ada.post("/api/uploads", **_file(b"a,b\n1,2\n"))
    assert reply.status_code == 201
    body = reply.json()
    assert set(body) == {"uploadId", "name", "size", "sha256", "expiresAt"}
    assert (body["name"], body["size"]) == ("data.csv", 8)


async def test_an_upload_serves_as_a_file_input_of_its_owner_only(ada: Client, bob: Client) -> None:
    upload_id = (await ada.post("/api/uploads", **_file(b"CREATE TABLE a AS SELECT x FROM b;", "q.sql"))).json()["uploadId"]
    example = (await ada.get("/api/tools/data-studio-lineage")).json()["example"]
    body = {"toolId": "data-studio-lineage", "inputs": example | {"sql": {"uploadId": upload_id}}}
    assert (await ada.post("/api/billing/estimate", json=body)).status_code == 200
    problem(await bob.post("/api/billing/estimate", json=body), 404, "not_found")


async def test_a_visitor_cannot_upload(client: Client) -> None:
    problem(await client.post("/api/uploads", **_file(b"x")), 401, "sign_in_required")


@pytest.mark.parametrize("size", [20 * MEGA + 1, 25 * MEGA])
async def test_a_file_above_twenty_megabytes_is_too_large(ada: Client, size: int) -> None:
    problem(await ada.post("/api/uploads", **_file(b"x" * size)), 413, "too_large")


async def test_a_stream_without_a_length_is_counted(ada: Client) -> None:
    async def endless():  # noqa: ANN202 - a stream
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
        while True:
            yield b"x" * MEGA

    reply = await ada.post("/api/uploads", content=endless(), headers={"Content-Type": "multipart/form-data; boundary=b"})
    problem(reply, 413, "too_large")


async def test_what_is_no_text_names_the_file(ada: Client) -> None:
    body = problem(await ada.post("/api/uploads", **_file(b"\x89PNG\r\n\0")), 422, "invalid_inputs")
    assert body["errors"][0]["field"] == "file"


async def test_a_form_without_a_file_names_it(ada: Client) -> None:
    body = problem(await ada.post("/api/uploads", files={"other": ("x", b"x")}), 422, "invalid_inputs")
    assert body["errors"][0]["field"] == "file"


@pytest.mark.parametrize("content", [b"", b"nonsense", b"--b\r\n", b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--\r\n'])
async def test_a_broken_form_is_refused(ada: Client, content: bytes) -> None:
    reply = await ada.post("/api/uploads", content=content, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert reply.status_code in {400, 422}
    assert reply.headers["content-type"] == "application/problem+json"


async def test_another_content_type_is_refused(ada: Client) -> None:
    problem(await ada.post("/api/uploads", json={"file": "x"}), 415, "unsupported_media_type")
