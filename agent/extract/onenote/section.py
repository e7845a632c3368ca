def read(file, reading):
    yield from ()
