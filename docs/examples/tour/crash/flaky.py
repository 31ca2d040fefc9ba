"""Fails twice, in two ways, and succeeds the third time. The count is kept in a file, which outlives it."""
import os

COUNT = '/state/attempts'
try:
    with open(COUNT) as file:
        attempt = int(file.read()) + 1
except FileNotFoundError:
    attempt = 1
with open(COUNT, 'w') as file:
    file.write(str(attempt))

if attempt == 1:
    raise SystemExit('attempt 1: giving up with an error')
if attempt == 2:
    print('attempt 2: aborting in the middle', flush=True)
    os.abort()
print(f'attempt {attempt}: done')
