"""What the commands do, without the command line: plain values in, a result to be shown out."""
