import io
import json
from unittest.mock import ANY, MagicMock, Mock, call, patch

import pytest

import main
from main import Database, Mailer, Service, User, compute, weather


@pytest.fixture(autouse=True)
def clear_cache():
    main._cache.clear()
    yield
    main._cache.clear()


@pytest.fixture
def service():
    database, mailer = Mock(spec=Database), Mock(spec=Mailer)
    database.find.return_value = None
    return Service(database, mailer)


def test_register(service):
    user = service.register("ada")
    assert user == User("ada", "ada@example.com")
    service.mailer.send.assert_called_once_with("ada@example.com", "Welcome, ada")
    service.database.find.assert_called_with("ada")


def test_taken(service):
    service.database.find.return_value = User("ada")
    with pytest.raises(ValueError, match="taken"):
        service.register("ada")
    service.mailer.send.assert_not_called()


@patch("main.Mailer")
@patch("main.Database")
def test_register_patched(database, mailer):
    database.return_value.find.return_value = None
    Service().register("bob")
    assert mailer.return_value.send.call_args == call("bob@example.com", ANY)


@patch("main.fetch")
def test_weather(fetch):
    fetch.return_value = {"temperature": 21}
    assert weather("rome") == 21
    assert weather("rome") == 21
    fetch.assert_called_once_with("weather/rome")


@patch("urllib.request.urlopen")
def test_fetch(urlopen):
    response = MagicMock()
    response.read.return_value = json.dumps({"temperature": 3}).encode()
    urlopen.return_value.__enter__.return_value = response
    assert weather("oslo") == 3


@patch("main.urllib.request.urlopen")
def test_fetch_by_module(urlopen):
    urlopen.return_value.__enter__.return_value = io.BytesIO(b'{"temperature": 4}')
    assert weather("bern") == 4


def test_fetch_fails(monkeypatch):
    def refuse(url):
        raise OSError("offline")

    monkeypatch.setattr("urllib.request.urlopen", refuse)
    with pytest.raises(OSError, match="offline"):
        weather("lima")


def test_helper(monkeypatch):
    monkeypatch.setattr(main, "helper", lambda n: 100)
    assert compute(1) == 100
    monkeypatch.setattr(main, "DEBUG", True)
    assert compute(1) == 101


def test_helper_is_back():
    assert compute(1) == 2


def test_wraps():
    with patch.object(main, "helper", wraps=main.helper) as helper:
        assert compute(4) == 8
    helper.assert_called_once_with(4)


def test_method_patched():
    with patch.object(Database, "find", return_value=None) as find, patch.object(Mailer, "send"):
        assert Service().register("kim").name == "kim"
    find.assert_called_once_with("kim")


def test_dict_patched():
    with patch.dict(main._cache, {"paris": {"temperature": 9}}):
        assert weather("paris") == 9
    assert "paris" not in main._cache


def test_listing():
    with patch("os.listdir", return_value=["b", ".x", "a"]):
        assert main.listing("/any") == ["a", "b"]


def test_exists(monkeypatch):
    monkeypatch.setattr("os.path.exists", lambda path: path == "/here")
    assert main.exists("/here") and not main.exists("/there")


def test_apply():
    function = Mock(return_value=3)
    assert main.apply(function, 1, key=[2]) == 3
    function.assert_called_once_with(1, key=[2])


def test_attribute_of_api():
    with patch("main.API", "http://localhost"):
        assert main.API == "http://localhost"
