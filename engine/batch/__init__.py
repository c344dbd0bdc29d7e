"""Many pictures: jobs, the streaming runner, the manifest, contact sheets."""
