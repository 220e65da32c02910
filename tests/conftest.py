import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.fixtures.authority", "tests.fixtures.chain", "tests.fixtures.database"]

# Two cores shared with a node and a database make any deadline a matter of luck.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("here"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")
