"""Host shards: stable keys, a publisher whole on one of them."""

from __future__ import annotations

import pytest

from transforms.web.shards import all_shards, shard_of


def test_keys_never_change():
    urls = ("https://example.org/a", "https://news.example.co.uk/feed", "http://127.0.0.1:8000/x", None, "no address")
    assert [shard_of(url, 16) for url in urls] == [
        "shard-013", "shard-002", "shard-006", "shard-007", "shard-007",
    ]  # fmt: skip


def test_hosts_of_one_publisher_share_a_shard():
    assert len({shard_of(f"https://{host}.example.org/{host}", 64) for host in "abcdefgh"}) == 1


def test_publishers_spread():
    assert {shard_of(f"https://paper{n}.org/", 16) for n in range(400)} == set(all_shards(16))


@pytest.mark.parametrize("number", [0, -1, 1000])
def test_a_number_without_sense_is_refused(number):
    with pytest.raises(ValueError, match="give a number from 1 to 999"):
        all_shards(number)
