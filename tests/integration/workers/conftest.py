"""An empty database for each test of the workers."""

from collections.abc import Iterator

import pytest
import redis


@pytest.fixture
def url(redis_url: str, valkey: "redis.Redis") -> str:
    """The shared server; its database is empty when the test begins."""
    return redis_url


@pytest.fixture
def text_valkey(redis_url: str) -> Iterator["redis.Redis"]:
    """A client whose replies are text."""
    with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        yield client
