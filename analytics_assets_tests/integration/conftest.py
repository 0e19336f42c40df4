"""What several integration tests share, made once a session."""

import pytest

from analytics_assets_tests.support.real_data import RealSeasons, load_real_seasons


@pytest.fixture(scope="session")
def real_seasons(tmp_path_factory) -> RealSeasons:
    """Real seasons, loaded and built; its tests belong to the group ``real_data`` and so to one process."""
    return load_real_seasons(tmp_path_factory.mktemp("real"))
