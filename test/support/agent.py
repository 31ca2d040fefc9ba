# A child of a tree that is told what to do step by step: it runs each numbered file of /ctl and prints what `_` is then.
import errno, json, os, sys, time

scope = {'os': os, 'sys': sys, 'time': time}
number = 0
while True:
    try:
        with open(f'/ctl/{number}') as file:
            source = file.read()
    except OSError:
        time.sleep(0.004)
        continue
    scope['_'] = 'done'
    try:
        exec(source, scope)
        answer = {'value': scope['_']}
    except OSError as error:
        answer = {'errno': errno.errorcode.get(error.errno, str(error.errno))}
    except MemoryError:
        answer = {'errno': 'MEMORY'}
    print(json.dumps([number, answer]), flush=True)
    number += 1
