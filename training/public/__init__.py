"""Networks of public colorizers, for their published weights; imported, never trained here."""
