import { expect, it } from 'vitest'
import { humanRunLog } from './human-run-log.js'
import { jsonRunLog } from './json-run-log.js'
import { recorder } from './terminal.test.support.js'

const failure = { child: 'worker-1', topic: 'orders.new', from: 'intake', error: 'no \u001b[2J', more: 0 }

it('tells people what a component could not handle, in words that move no cursor', () => {
  const { terminal, out } = recorder()
  const log = humanRunLog(terminal)
  log.handlerFailed(failure)
  log.handlerFailed({ ...failure, more: 12 })
  expect(out()).toBe(
    [
      'worker-1 could not handle orders.new from intake: no \\x1b[2J',
      'worker-1 could not handle orders.new from intake: no \\x1b[2J (and 12 before it)',
      '',
    ].join('\n'),
  )
})

it('tells programs the same', () => {
  const { terminal, out } = recorder()
  jsonRunLog(terminal).handlerFailed(failure)
  expect(out()).not.toContain('\u001b')
  expect(JSON.parse(out())).toEqual({ record: 'handler-failed', ...failure })
})

it('shows what a component logs beside what it writes, which is there once', () => {
  const logged = {
    child: 'a',
    incarnation: 1,
    seq: 1,
    time: 5,
    level: 'warn',
    context: 'db',
    message: 'slow\u001b',
  } as const
  const human = recorder()
  const shown = humanRunLog(human.terminal)
  shown.log({ ...logged, stream: 'logging' })
  shown.log({ ...logged, stream: 'stdout' })
  expect(human.out()).toBe('a ▸ warn db: slow\\x1b\n')
  const json = recorder()
  jsonRunLog(json.terminal).log({ ...logged, stream: 'logging' })
  jsonRunLog(json.terminal).log({ ...logged, stream: 'stderr' })
  expect(JSON.parse(json.out())).toEqual({ record: 'log', ...logged })
})
