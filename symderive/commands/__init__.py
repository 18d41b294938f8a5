"""What the commands do, without the command line: each takes plain values and returns a result to be shown."""
