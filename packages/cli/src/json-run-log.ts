import { jsonBytes } from './byte-text.js'
import { ChildTimes } from './child-times.js'
import { jsonText } from './json-text.js'
import { OutputLines } from './output-lines.js'
import type { RunLog } from './run-log.js'
import type { Terminal } from './terminal.js'

/**
 * The log of `run` for programs: every line is one JSON object whose `record` says what it is: `progress`, `health`,
 * `output`, `log`, `denied`, `handler-failed`, `inspecting` or `end`.
 */
export function jsonRunLog({ stdout }: Terminal): RunLog {
  const times = new ChildTimes()
  const line = (record: string, fields: object): void => {
    stdout.write(`${jsonText({ record, ...fields })}\n`)
  }
  const output = new OutputLines((key, bytes) => {
    const [child, stream] = key.split(' ')
    line('output', { child, stream, ...jsonBytes(bytes) })
  })
  return {
    progress: (progress) => line('progress', progress),
    health: (event) => {
      times.note(event)
      if (event.type === 'child.exited') {
        output.flush(`${event.child} stdout`)
        output.flush(`${event.child} stderr`)
      }
      line('health', event)
    },
    output: ({ child, stream, chunk }) => output.push(`${child} ${stream}`, chunk),
    // What is written to stdout and stderr is there as `output`, byte for byte.
    log: ({ stream, ...logged }) => {
      if (stream === 'logging') line('log', logged)
    },
    denied: (denied) => line('denied', denied),
    handlerFailed: (failure) => line('handler-failed', failure),
    inspecting: (url) => line('inspecting', { url }),
    end: (children, asExpected) => {
      output.flush()
      const reports = children.map((child) => ({ ...child, timeMs: times.of(child.id) }))
      line('end', { ...(asExpected === undefined ? { stopped: true } : { asExpected }), children: reports })
    },
  }
}
