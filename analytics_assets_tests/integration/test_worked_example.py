"""The worked example: its SQL gives what pandas gives, and its page holds what its script prints."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from analytics_assets.settings import project_root
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets_tests.support.real_data import needs_real_data

DOCS = project_root() / "docs"
PAGE = DOCS / "worked_example.md"


def script() -> ModuleType:
    """The script as a module; it lies outside every package."""
    spec = importlib.util.spec_from_file_location("worked_example", DOCS / "worked_example" / "answer.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Its data classes look their module up by name.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def demo(demo_league):
    """Answers on the demo league, and its tables as frames."""
    tables = {table.name: demo_league.warehouse.read(table) for table in ANALYTICS_TABLES}
    return script().answers(demo_league.warehouse.path), tables


def regular(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of regular games that were not on neutral ground, as far as rows tell that."""
    neutral = rows["neutral_site"].fillna(False) if "neutral_site" in rows else False
    return rows[(rows["game_type"] == "regular") & ~pd.Series(neutral, index=rows.index)]


@pytest.mark.xdist_group("demo_league")
def test_second_nights_are_compared_with_the_teams_usual_rating(demo):
    answers, tables = demo
    context = regular(tables["upcoming_team_game_context"])
    defense = tables["team_defense_game_summary"].rename(columns={"defending_team_abbr": "team_abbr"})
    key = ["game_id", "team_abbr"]
    games = context[[*key, "season_year", "home_game", "team_days_rest"]].merge(
        tables["team_offense_game_summary"][[*key, "offensive_rating"]].merge(
            defense[[*key, "defensive_rating"]], on=key
        ),
        on=key,
    )
    games["net"] = games["offensive_rating"] - games["defensive_rating"]
    usual = games.groupby(["season_year", "team_abbr", "home_game"])["net"].transform("mean")
    games["net_more"] = games["net"] - usual
    expected = games.groupby(games["team_days_rest"].clip(upper=3))["net_more"].agg(["size", "mean", "sem"])
    found = answers["second_night"].set_index("days_rest")
    assert found.index.tolist() == [0, 1, 2, 3]
    assert found["team_games"].tolist() == expected["size"].tolist()
    np.testing.assert_allclose(found["net_more"], expected["mean"])
    np.testing.assert_allclose(found["standard_error"], expected["sem"])
    np.testing.assert_allclose(found["scored_more"] - found["allowed_more"], found["net_more"], atol=1e-9)


@pytest.mark.xdist_group("demo_league")
def test_home_margins_are_those_of_the_scores_in_every_group_of_the_calendar(demo):
    answers, tables = demo
    context = regular(tables["upcoming_team_game_context"])
    home = context[context["home_game"]].dropna(subset=["team_days_rest", "opponent_days_rest"])
    games = home.merge(tables["team_offense_game_summary"][["game_id", "team_abbr", "margin_of_victory"]])
    tired = ((games["team_days_rest"] == 0).astype(int) * 2 + (games["opponent_days_rest"] == 0)).map(
        {
            0: "neither on a second night",
            1: "visitors on a second night",
            2: "home team on a second night",
            3: "both on a second night",
        }
    )
    expected = games.groupby(tired)["margin_of_victory"].agg(["size", "mean"])
    found = answers["home_court"].set_index("calendar")
    everything = found.loc["all games"]
    assert everything["games"] == len(games)
    assert everything["home_margin"] == pytest.approx(games["margin_of_victory"].mean())
    assert everything["home_win_share"] == pytest.approx((games["margin_of_victory"] > 0).mean())
    assert found["games"].drop("all games").to_dict() == expected["size"].to_dict()
    np.testing.assert_allclose(found.loc[expected.index, "home_margin"], expected["mean"].astype(float))


@pytest.mark.xdist_group("demo_league")
def test_the_average_before_tip_off_is_the_mean_of_the_games_played_before(demo):
    answers, tables = demo
    played = tables["player_game_summary"]
    played = played[played["played"]].sort_values(["game_date", "game_id"])
    earlier = played.groupby(["season_year", "player_lookup"])["points"]
    season = (earlier.cumsum() - played["points"]) / earlier.cumcount()
    frame = played.assign(season=season, used=earlier.cumcount())
    context = tables["upcoming_player_game_context"][["game_id", "player_lookup", "points_avg_last_10"]]
    # Every counted game before the date is form, but only regular games are asked about.
    frame = regular(frame[frame["used"] >= 20]).merge(context, on=["game_id", "player_lookup"])
    found = answers["recent_form"]
    assert found["player_games"].sum() == len(frame)
    total = (found["error_of_season"] * found["player_games"]).sum()
    assert total == pytest.approx((frame["points"] - frame["season"]).abs().sum())
    total = (found["form_gap"] * found["player_games"]).sum()
    assert total == pytest.approx((frame["points_avg_last_10"] - frame["season"]).sum(), abs=1e-6)


@pytest.mark.xdist_group("real_data")
@needs_real_data
def test_the_page_holds_what_the_script_prints_for_the_real_seasons(real_seasons, real_contexts):
    answer = script()
    page = PAGE.read_text(encoding="utf-8")
    assert answer.with_tables(page, answer.printed(answer.answers(real_seasons.warehouse.path))) == page


def test_the_page_links_the_sql_and_the_plot_of_every_question():
    answer = script()
    page = PAGE.read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\((worked_example/[a-z_.]+)\)", page))
    names = [question.name for question in answer.QUESTIONS]
    assert linked == {f"worked_example/{name}.{kind}" for name in names for kind in ("sql", "svg")}
    assert all((DOCS / name).is_file() for name in linked)


def test_a_page_without_a_place_for_an_answer_is_refused_and_a_renewed_one_stays_as_it_is():
    answer = script()
    page = "before\n<!-- seasons -->\n<!-- end of seasons -->\nafter\n"
    once = answer.with_tables(page, {"seasons": "| a |"})
    assert once == "before\n<!-- seasons -->\n\n| a |\n\n<!-- end of seasons -->\nafter\n"
    assert answer.with_tables(once, {"seasons": "| a |"}) == once
    with pytest.raises(ValueError, match="0 places for 'home_court'"):
        answer.with_tables(page, {"home_court": "| a |"})


def test_a_warehouse_without_the_tables_is_told_in_one_line(tmp_path: Path, monkeypatch, capsys):
    import duckdb

    file = tmp_path / "empty.duckdb"
    duckdb.connect(str(file)).close()
    monkeypatch.setattr(sys, "argv", ["answer.py", "--warehouse", str(file)])
    with pytest.raises(SystemExit) as ended:
        script().main()
    assert ended.value.code == 2
    told = capsys.readouterr().err.splitlines()[-1]
    assert "upcoming_team_game_context" in told
    assert told.endswith("build the tables first: nba-analytics backfill")
