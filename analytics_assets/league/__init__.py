"""Facts about the league: teams and their codes, arenas, game types, seasons. No I/O, nothing computed from games."""
