"""Three questions of the worked example, answered from the tables: the SQL files beside this script, tables and plots.

    python docs/worked_example/answer.py                          print the answers of data/nba.duckdb
    python docs/worked_example/answer.py --warehouse FILE --write  also renew the page's tables and its plots

Plots need matplotlib, which comes with the extra ``docs``.
"""

import argparse
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "worked_example.md"
_SEASONS = """
SELECT
    season_year || '-' || lpad(((season_year + 1) % 100)::VARCHAR, 2, '0') AS season,
    count(DISTINCT game_id) AS games,
    min(game_date) AS first_date,
    max(game_date) AS last_date
FROM nba_analytics.upcoming_team_game_context
WHERE game_type = 'regular'
GROUP BY season_year
ORDER BY season_year
"""
# A colour that is told apart in print and by the colour-blind, and one for what is only compared with.
_STRONG, _PALE = "#1f5a96", "#b0b7bf"


@dataclass(frozen=True)
class Question:
    """One question: its SQL file, how its columns are printed, and its plot.

    Attributes:
        name: Name of the SQL file and of the plot.
        headings: Printed columns in order, with heading and format.
        draw: Puts the answer on axes.
    """

    name: str
    headings: dict[str, tuple[str, str]]
    draw: Callable[[Any, pd.DataFrame], None]


def draw_second_night(axes: Any, answer: pd.DataFrame) -> None:
    """Net rating against the team's usual one, by days of rest, with two standard errors."""
    names = ["second night", "1 day off", "2 days off", "3 or more"]
    labels = [names[int(rest)] for rest in answer["days_rest"]]
    colours = [_STRONG if rest == 0 else _PALE for rest in answer["days_rest"]]
    axes.bar(labels, answer["net_more"], yerr=2 * answer["standard_error"], color=colours, capsize=4)
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set_ylabel("points per 100 possessions\nagainst the team's usual")
    axes.set_title("What a second night costs")


def draw_home_court(axes: Any, answer: pd.DataFrame) -> None:
    """Margin of home teams, by who plays on a second night, with two standard errors."""
    shown = answer.iloc[::-1]
    colours = [_STRONG if calendar == "all games" else _PALE for calendar in shown["calendar"]]
    axes.barh(shown["calendar"], shown["home_margin"], xerr=2 * shown["standard_error"], color=colours, capsize=4)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_xlabel("margin of the home team in points")
    axes.set_title("What home court is worth")


def draw_recent_form(axes: Any, answer: pd.DataFrame) -> None:
    """Tonight's points against the last ten games', both as differences from the season's average."""
    axes.plot(answer["form_gap"], answer["form_gap"], color=_PALE, linestyle="--", label="if form carried over in full")
    axes.plot(answer["form_gap"], answer["tonight_gap"], color=_STRONG, marker="o", label="what happened")
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set_xlabel("last ten games minus season's average, points")
    axes.set_ylabel("tonight minus season's average, points")
    axes.set_title("How much of a streak carries over")
    axes.legend(frameon=False)


QUESTIONS = (
    Question(
        "second_night",
        {
            "days_rest": ("days off", "{:.0f}"),
            "team_games": ("team games", "{:,.0f}"),
            "scored_more": ("scored per 100, against usual", "{:+.1f}"),
            "allowed_more": ("allowed per 100, against usual", "{:+.1f}"),
            "net_more": ("net, against usual", "{:+.1f}"),
            "standard_error": ("standard error", "{:.1f}"),
        },
        draw_second_night,
    ),
    Question(
        "home_court",
        {
            "calendar": ("who plays on a second night", "{}"),
            "games": ("games", "{:,.0f}"),
            "home_margin": ("margin of the home team", "{:+.1f}"),
            "home_win_share": ("home wins", "{:.1%}"),
            "standard_error": ("standard error of the margin", "{:.1f}"),
        },
        draw_home_court,
    ),
    Question(
        "recent_form",
        {
            "last_ten_against_season": ("last ten games against the season, points", "{}"),
            "player_games": ("player games", "{:,.0f}"),
            "form_gap": ("mean difference", "{:+.1f}"),
            "tonight_gap": ("tonight against the season", "{:+.1f}"),
            "error_of_season": ("error of the season's average", "{:.2f}"),
            "error_of_last_ten": ("error of the last ten", "{:.2f}"),
            "error_of_both": ("error of their mean", "{:.2f}"),
        },
        draw_recent_form,
    ),
)
_OF_SEASONS = {
    "season": ("season", "{}"),
    "games": ("regular games", "{:,.0f}"),
    "first_date": ("first date", "{:%Y-%m-%d}"),
    "last_date": ("last date", "{:%Y-%m-%d}"),
}


def answers(warehouse: Path) -> dict[str, pd.DataFrame]:
    """The answer to each question by its name, and under ``seasons`` what the tables hold."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = {"seasons": connection.sql(_SEASONS).df()}
        for question in QUESTIONS:
            found[question.name] = connection.sql((HERE / f"{question.name}.sql").read_text(encoding="utf-8")).df()
    return found


def printed(found: dict[str, pd.DataFrame]) -> dict[str, str]:
    """The answers as Markdown tables."""
    headings = {"seasons": _OF_SEASONS} | {question.name: question.headings for question in QUESTIONS}
    return {name: _markdown(answer, headings[name]) for name, answer in found.items()}


def _markdown(answer: pd.DataFrame, headings: dict[str, tuple[str, str]]) -> str:
    lines = [[heading for heading, _ in headings.values()], ["---"] * len(headings)]
    lines += [[_cell(row[name], form) for name, (_, form) in headings.items()] for row in answer.to_dict("records")]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cell(value: Any, form: str) -> str:
    return "" if pd.isna(value) else form.format(value)


def with_tables(page: str, tables: dict[str, str]) -> str:
    """The page with the tables between its marks, ``<!-- name -->`` and ``<!-- end of name -->``."""
    for name, table in tables.items():
        marks = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        page, places = marks.subn(lambda found, table=table: f"{found[1]}\n{table}\n\n{found[2]}", page)
        if places != 1:
            raise ValueError(f"the page has {places} places for {name!r}; it needs one")
    return page


def draw(found: dict[str, pd.DataFrame], directory: Path) -> None:
    """Write one SVG a question; the same answers give the same files.

    Raises:
        SystemExit: matplotlib is not installed.
    """
    try:
        import matplotlib as mpl  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise SystemExit("plots need matplotlib: pip install -e '.[docs]'") from error
    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "worked example", "svg.fonttype": "none", "font.size": 9})
    from matplotlib import pyplot  # pyright: ignore[reportMissingImports]

    for question in QUESTIONS:
        figure, axes = pyplot.subplots(figsize=(6, 3.2), layout="constrained")
        question.draw(axes, found[question.name])
        axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(directory / f"{question.name}.svg", metadata={"Date": None})
        pyplot.close(figure)


def main() -> None:
    """Answer, and renew the page if asked."""
    parser = argparse.ArgumentParser(description="Answer the questions of the worked example.")
    parser.add_argument("--warehouse", type=Path, default=Path("data/nba.duckdb"), help="DuckDB file of the tables")
    parser.add_argument("--write", action="store_true", help="renew the tables and plots of docs/worked_example.md")
    asked = parser.parse_args()
    if not asked.warehouse.is_file():
        parser.error(f"{asked.warehouse} does not exist; give --warehouse")
    try:
        found = answers(asked.warehouse)
    except duckdb.Error as error:
        told = str(error).splitlines()[0]
        parser.error(f"{asked.warehouse}: {told}; build the tables first: nba-analytics backfill")
    tables = printed(found)
    for name, table in tables.items():
        sys.stdout.write(f"{name}\n{table}\n\n")
    if asked.write:
        draw(found, HERE)
        PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8"), tables), encoding="utf-8")


if __name__ == "__main__":
    main()
