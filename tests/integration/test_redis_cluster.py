"""A worker refuses cluster mode: a script touches keys of many slots. The web process: test_ingress_process."""

import pytest

from tests.ports import free_port
from tests.processes import embedded_valkey


@pytest.fixture
def cluster(tmp_path):
    with embedded_valkey(tmp_path / "cluster", cluster_enabled="yes", cluster_port=str(free_port())) as server:
        yield server


def test_a_worker_refuses_cluster_mode_with_one_line_and_exit_code_2(cluster, start_worker):
    process = start_worker("routing", REDIS_URL=cluster.connection_url)

    assert process.wait() == 2
    assert process.output.splitlines()[-1].startswith("REDIS_URL is in cluster mode")
