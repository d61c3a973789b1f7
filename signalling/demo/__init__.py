"""What `dragoman demo` shows: a population of interpreters and their requests."""
