"""A GPU as the engine sees it: memory, streams, events; what runs on it is the back ends' affair."""
