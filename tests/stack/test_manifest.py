"""What the demo says of its addresses, without running one."""

import json

from stack import manifest
from stack.folders import Folders

VARIABLES = dict.fromkeys(("BNPL_SHOP_URL", "SANDBOX_URL", "DATABASE_URL", "REDIS_URL"), "x")


def test_a_brands_address_is_on_the_port_of_today_though_the_seed_was_sown_on_another(tmp_path):
    folders = Folders(tmp_path)
    folders.make()
    sown = {"brands": [{"name": "Fjordbank", "base_url": "http://fjordbank.localhost:8000"}]}
    folders.seed_json.write_text(json.dumps(sown))
    told = manifest.build(folders, VARIABLES | {"BNPL_BASE_URL": "http://localhost:8123"}, {})
    assert [one["base_url"] for one in told["brands"]] == ["http://fjordbank.localhost:8123"]
