"""Tries to get at what it was not granted, and says how each attempt went and how long it took.

Ends with code 1 if anything got through, so that the tour fails loudly if the sandbox does.
"""
import os
import sys
import time

escaped = False


def attempt(what, act):
    global escaped
    began = time.perf_counter()
    try:
        act()
        outcome = 'ESCAPED'
        escaped = True
    except Exception as error:
        outcome = type(error).__name__
    took = (time.perf_counter() - began) * 1e6
    print(f'{what:<32} {outcome:<16} {took:6.0f} us', flush=True)


def read(path):
    with open(path) as file:
        return file.read()


attempt('read /etc/passwd', lambda: read('/etc/passwd'))
attempt('read /drop/../../outside/secret', lambda: read('/drop/../../outside/secret.txt'))
attempt('follow a symlink out of /drop', lambda: read('/drop/latest.txt'))
attempt('read $PAYROLL_TOKEN', lambda: os.environ['PAYROLL_TOKEN'])
attempt('take a gigabyte of memory', lambda: bytearray(1 << 30))
# The allowed neighbour: the sandbox is not simply broken.
print('read /drop/note.txt              ' + read('/drop/note.txt').strip(), flush=True)
sys.exit(1 if escaped else 0)
