import { BulkheadError, parseDuration } from '@bulkhead/vocabulary'
import type { Session } from '../desk/session.js'
import { type StateFlags, stateDirectoryOf } from '../desk/state-flags.js'
import { exitCodes } from '../exit-codes.js'
import { jsonText } from '../json-text.js'
import { topIntervalMs, topIntervalMsMin } from '../limits.js'
import { wholeNumber } from '../messages/whole-number.js'
import { printable } from '../printable.js'
import { stopper } from '../stopper.js'
import type { Terminal } from '../terminal.js'
import { renderFrame } from './frame.js'
import { pause } from './pause.js'
import { Sampler } from './sampler.js'
import { type Pace, TopScreen } from './top-screen.js'
import { firstView } from './view.js'

export type TopFlags = StateFlags & { readonly interval?: string; readonly count?: string }

/**
 * `bulkhead top`: how the children of the running tree do, again and again. On a terminal a view that keys change; else
 * one frame of it. With `--json` one line a sample.
 *
 * @throws {BulkheadError} `usage` for an interval or a count that is none; `runtime-unreachable` where no process answers.
 */
export async function topCommand(flags: TopFlags, session: Session): Promise<number> {
  const { terminal, openLive } = session
  const pace = paceOf(flags)
  const directory = await stateDirectoryOf(flags, terminal)
  const sampler = new Sampler({
    open: () => openLive(directory),
    ...{ nowMs: () => performance.now(), wallMs: () => Date.now() },
  })
  try {
    if (flags.json === true) return await printSamples(sampler, pace, terminal)
    // Asked before the screen is taken over: where nobody answers, that is said where it stays.
    const first = await sampler.take()
    const screen = terminal.fullScreen()
    if (screen === undefined) return await printOne(sampler, pace, terminal)
    return await new TopScreen(sampler, pace, terminal, screen).run(first)
  } finally {
    await sampler.close()
  }
}

function paceOf({ interval, count }: TopFlags): Pace {
  const intervalMs = interval === undefined ? topIntervalMs : parseDuration(interval)
  if (intervalMs === undefined || intervalMs < topIntervalMsMin || intervalMs > 3_600_000) {
    throw new BulkheadError('usage', `\`${printable(interval ?? '')}\` is no interval`, { hint: '100ms to 1h' })
  }
  const about = { what: 'a number of samples', hint: 'a whole number from 1', max: Number.MAX_SAFE_INTEGER }
  return { intervalMs, samplesMax: count === undefined ? Number.POSITIVE_INFINITY : wholeNumber(count, about) }
}

/** One JSON object a line; none while no process answers. */
async function printSamples(sampler: Sampler, { intervalMs, samplesMax }: Pace, terminal: Terminal): Promise<number> {
  const left = new AbortController()
  const stop = stopper(terminal, () => left.abort())
  try {
    for (let printed = 0; printed < samplesMax && !left.signal.aborted; ) {
      const sample = await sampler.take()
      if (sample !== undefined) {
        await terminal.stdout.pipe(Buffer.from(`${jsonText(sample)}\n`))
        printed++
      }
      if (printed < samplesMax) await pause(intervalMs, left.signal)
    }
  } finally {
    stop.close()
  }
  return stop.exitCode()
}

/** Rates need two looks: the first one was taken. */
async function printOne(sampler: Sampler, { intervalMs }: Pace, { stdout, stderr }: Terminal): Promise<number> {
  await pause(intervalMs)
  const sample = await sampler.take()
  if (sample === undefined) throw new BulkheadError('runtime-unreachable', 'the running process has ended')
  const size = { columns: 160, rows: sample.children.length + 7 }
  const event = sample.events.at(-1)
  const frame = { sample, view: firstView, ...(event === undefined ? {} : { event }) }
  const lines = renderFrame(frame, size, stdout.paint).slice(0, -1)
  const text = lines.map((line) => line.trimEnd()).filter((line) => line !== '')
  stdout.write(`${text.join('\n')}\n`)
  stderr.write('one frame, since this is no terminal; `bulkhead top --json` prints one line a sample\n')
  return exitCodes.done
}
