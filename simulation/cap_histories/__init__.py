"""Random lives with the most aggressive fees, and an oracle that counts their fees by the law: `manage.py cap_histories`."""
