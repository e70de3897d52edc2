import pytest

from links import LinkStore, code_of, encode
from main import create_app

LONG = "https://example.org/a/long/path?with=query#part"


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def client(clock):
    return create_app(LinkStore(clock)).test_client()


def shorten(client, url=LONG, **options):
    return client.post("/links", json={"url": url, **options})


def test_a_short_link_leads_to_its_address(client):
    made = shorten(client)
    assert made.status_code == 201
    code = made.get_json()["code"]
    assert made.get_json()["short_url"] == f"http://localhost/{code}"
    answer = client.get(f"/{code}")
    assert (answer.status_code, answer.headers["Location"]) == (302, LONG)


def test_visits_are_counted_and_looking_is_no_visit(client):
    code = shorten(client).get_json()["code"]
    for _ in range(3):
        client.get(f"/{code}")
    assert client.get(f"/links/{code}").get_json()["visits"] == 3
    assert client.get(f"/links/{code}").get_json()["visits"] == 3


def test_the_same_address_gets_the_same_code_again(client):
    first, second = shorten(client), shorten(client)
    assert second.status_code == 200
    assert first.get_json()["code"] == second.get_json()["code"]
    assert shorten(client, LONG + "x").get_json()["code"] != first.get_json()["code"]


def test_an_alias_can_be_chosen_once(client):
    assert shorten(client, alias="my-link").get_json()["code"] == "my-link"
    assert shorten(client, LONG + "x", alias="my-link").status_code == 409
    assert client.get("/my-link").headers["Location"] == LONG


def test_a_link_runs_out_exactly_when_it_should(client, clock):
    code = shorten(client, expires_in=60).get_json()["code"]
    clock.now += 59.9
    assert client.get(f"/{code}").status_code == 302
    clock.now += 0.1
    assert client.get(f"/{code}").status_code == 410


def test_a_deleted_link_is_gone_and_its_address_gets_a_new_code(client):
    code = shorten(client).get_json()["code"]
    assert client.delete(f"/links/{code}").status_code == 204
    assert client.get(f"/{code}").status_code == 404
    assert client.delete(f"/links/{code}").status_code == 404
    assert shorten(client).get_json()["code"] != code


@pytest.mark.parametrize("url", [
    None, 5, "", "example.org", "ftp://example.org", "javascript:alert(1)", "http://", "https:///x",
    "http://a b.org", "http://a.org/\r\nSet-Cookie: x=1", "http://[broken",
    "http://a.org/" + "x" * 2048,
])
def test_a_wrong_address_is_refused(client, url):
    assert shorten(client, url).status_code == 400


@pytest.mark.parametrize("options", [
    {"alias": "ab"}, {"alias": "with space"}, {"alias": "links"}, {"alias": 5}, {"alias": "x" * 33},
    {"expires_in": 0}, {"expires_in": "60"}, {"expires_in": True}, {"expires_in": 31_536_001},
])
def test_wrong_options_are_refused(client, options):
    assert shorten(client, **options).status_code == 400


def test_a_body_that_is_not_an_object_is_refused(client):
    assert client.post("/links", data="{", content_type="application/json").status_code == 400
    assert client.post("/links", json=[LONG]).status_code == 400


def test_codes_are_all_different_and_not_in_sequence():
    codes = [code_of(number) for number in range(20_000)]
    assert len(set(codes)) == len(codes)
    assert all(len(code) == 6 for code in codes)
    assert codes[1][:3] != codes[2][:3]


def test_numbers_are_written_in_base_62():
    assert [encode(n) for n in (0, 9, 10, 61, 62, 3843)] == ["0", "9", "A", "z", "10", "zz"]


def test_an_alias_that_looks_like_the_next_code_is_not_overwritten():
    store = LinkStore()
    store.add("https://example.org/alias", alias=code_of(1))
    link, _ = store.add("https://example.org/other")
    assert link.code == code_of(2)
