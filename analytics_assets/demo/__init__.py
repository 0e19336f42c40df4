"""A simulated league with real team codes and invented players that fills every raw table. Pure: no I/O, no clock."""
