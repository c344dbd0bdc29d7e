"""The commands, one file each: the only place that prints, draws progress or exits."""
