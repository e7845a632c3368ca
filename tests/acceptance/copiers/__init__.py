"""Every way of copying we could think of, tried against a real agent: what reaches the medium, and what people see."""
