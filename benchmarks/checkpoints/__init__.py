"""Public colorizers in this engine, beside the steps that their own projects take."""
