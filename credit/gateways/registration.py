"""The credit bureaus that an installation can choose from."""

from core.providers import Capability, Provider, Setting, register

BUREAU = frozenset({Capability.BUREAU})


def register_all() -> None:
    """Register the credit bureaus."""
    register(
        Provider(
            identifier="sandbox-bureau",
            name="Sandbox credit bureau",
            capabilities=BUREAU,
            adapter="credit.gateways.bureau_http.of_sandbox",
            sandbox=True,
        )
    )
    register(
        Provider(
            identifier="http-bureau",
            name="Credit bureau over HTTP",
            capabilities=BUREAU,
            adapter="credit.gateways.bureau_http.of_account",
            settings=(
                Setting(name="url", label="Address", help="Where its API begins; https.", form=r"https?://\S+", variable="BUREAU_URL"),
                Setting(name="key", label="Key", help="Sent as a bearer token.", secret=True, variable="BUREAU_KEY"),
                Setting(name="name", label="Name", help="As a notice of refusal names it.", variable="BUREAU_NAME"),
                Setting(name="address", label="Address of the company", help="As a notice of refusal gives it.", variable="BUREAU_ADDRESS"),
                Setting(name="phone", label="Phone", help="As a notice of refusal gives it.", variable="BUREAU_PHONE"),
                Setting(name="lowest_score", label="Lowest score", default="300", variable="BUREAU_LOWEST_SCORE"),
                Setting(name="highest_score", label="Highest score", default="850", variable="BUREAU_HIGHEST_SCORE"),
            ),
        )
    )
