"""A GPU as the engine sees it: memory, streams, events and graphs."""
