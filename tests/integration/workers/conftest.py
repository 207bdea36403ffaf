"""An empty database for each test of the workers."""

import pytest
import redis


@pytest.fixture
def url(redis_url: str, valkey: "redis.Redis") -> str:
    """The shared server; its database is empty when the test begins."""
    return redis_url
