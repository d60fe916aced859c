"""What is not the emulated API's, but asked for by a program all the same."""

from sandbox.app import create_app


def test_a_refusal_of_the_start_page_is_json_too():
    refused = create_app().test_client().post("/")
    assert refused.status_code == 405
    assert refused.json["error"]["code"] == "method_not_allowed"
    assert refused.json["error"]["request_id"] == refused.headers["Bardge-Request-Id"]
    assert "GET" in refused.headers["Allow"]
