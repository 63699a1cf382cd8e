"""The trainer and what it needs, whatever the objective: state, optimiser, averages, processes, runs in a row."""
