import { ChildTimes } from './child-times.js'
import { renderChildren } from './children-table.js'
import { OutputLines } from './output-lines.js'
import { printable } from './printable.js'
import { ProgressLine } from './progress.js'
import { renderEvent } from './render-event.js'
import { renderLogged } from './render-logged.js'
import type { RunLog } from './run-log.js'
import type { Terminal } from './terminal.js'

/** Children's lines are escaped, and cut only far beyond what a screen shows. */
const outputCharactersMax = 1000

/** The log of `run` for people: one line an event, children's output behind their names, a table at the end. */
export function humanRunLog({ stdout, stderr }: Terminal): RunLog {
  const { paint } = stdout
  const progress = new ProgressLine(stderr)
  const times = new ChildTimes()
  const line = (text: string): void => {
    progress.clear()
    stdout.write(`${text}\n`)
  }
  const output = new OutputLines((key, bytes) => {
    const text = printable(new TextDecoder().decode(bytes).replace(/\r$/, ''), outputCharactersMax)
    line(`${paint('cyan', childOf(key))} │ ${text}`)
  })
  return {
    progress: progress.update,
    health: (event) => {
      times.note(event)
      if (event.type === 'child.exited' && event.child !== undefined) {
        for (const stream of ['stdout', 'stderr'] as const) output.flush(keyOf(event.child, stream))
      }
      line(renderEvent(event, paint))
    },
    output: ({ child, stream, chunk }) => output.push(keyOf(child, stream), chunk),
    log: (record) => {
      if (record.stream === 'logging') line(`${paint('cyan', record.child)} ▸ ${renderLogged(record, paint)}`)
    },
    denied: ({ child, kind, action, resource, reason, allow, always, count }) => {
      const times = count > 1 ? ` (${count} times)` : ''
      const hopeless = allow === null && always.length === 0 ? '; nothing allows this' : ''
      const request = `${kind}.${action} ${printable(resource)}`
      line(`${paint('cyan', child)} ${paint('red', 'denied')} ${request}: ${printable(reason)}${hopeless}${times}`)
    },
    handlerFailed: ({ child, topic, from, error, more }) => {
      const others = more === 0 ? '' : ` (and ${more} before it)`
      const what = `${printable(topic)} from ${printable(from)}: ${printable(error)}`
      line(`${paint('cyan', child)} ${paint('yellow', 'could not handle')} ${what}${others}`)
    },
    inspecting: (url) => line(`${paint('cyan', 'inspect')} ${url}`),
    end: (children, asExpected) => {
      output.flush()
      line('')
      for (const row of renderChildren(children, times, paint, asExpected === undefined ? 'interrupted' : 'judged'))
        line(row)
    },
  }
}

/** One stream of one child; a child id holds no space. */
function keyOf(child: string, stream: 'stdout' | 'stderr'): string {
  return `${child} ${stream}`
}

function childOf(key: string): string {
  return key.slice(0, key.indexOf(' '))
}
