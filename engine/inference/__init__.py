"""A model file run on a device: the contract, the back ends, the choice between them."""
