"""Long trials of what a run promises; `scripts/soak` runs them, and test_soak.py a little of each."""
