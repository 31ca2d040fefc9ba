import { basename, resolve } from 'node:path'
import type { ExecResult } from 'bulkhead'
import { createRuntime } from 'bulkhead'
import { type ExecFlags, grantsOf } from './exec-flags.js'
import { exitCodes } from './exit-codes.js'
import { jsonText } from './json-text.js'
import { renderWarning } from './policy/render-warning.js'
import { printable } from './printable.js'
import { ProgressLine } from './progress.js'
import { renderDenials, renderProbeSummary, renderProbes } from './render-denials.js'
import type { Screen, StopSignal, Terminal } from './terminal.js'
import { counted } from './wording.js'

/**
 * `bulkhead exec FILE [ARGS…]`: one program, once, with exactly what the flags grant.
 *
 * @returns the guest's own exit code when it exited; else 134, 124, 137, 130, 141 or 143; with `--strict` 3 instead of 0
 * when anything was denied.
 */
export async function execCommand(
  file: string,
  guestArguments: readonly string[],
  flags: ExecFlags,
  terminal: Terminal,
): Promise<number> {
  const grants = grantsOf(flags, terminal.directory, terminal.environment)
  const learnFile = flags.learn === undefined ? undefined : resolve(terminal.directory, flags.learn)
  // The recommendation engine is loaded by who learns; most runs do not.
  if (learnFile !== undefined) await (await import('./learn.js')).checkLearnTarget(learnFile, flags.force === true)

  const progress = new ProgressLine(terminal.stderr)
  const runtime = await createRuntime({
    ...(flags.state === undefined ? {} : { state: resolve(terminal.directory, flags.state) }),
    ...(flags.quiet === true || flags.json === true ? {} : { onProgress: progress.update }),
  })
  const abort = new AbortController()
  let endedBy: number | undefined
  const stopListening = endOnSignal(terminal, (code) => {
    endedBy ??= code
    abort.abort()
  })
  const stderr = new LineAwareOutput(terminal.stderr)
  try {
    const result = await runtime.exec(file, {
      ...grants,
      args: [basename(file), ...withoutSeparator(guestArguments)],
      stdin: terminal.stdin(),
      stdout: terminal.stdout.pipe,
      stderr: stderr.pipe,
      signal: abort.signal,
    })
    progress.clear()
    if (learnFile !== undefined) await learn(learnFile, file, result, flags, stderr)
    report(result, flags, stderr, terminal)
    if (endedBy !== undefined) return endedBy
    return flags.strict === true && result.exitCode === 0 && result.denied.length > 0
      ? exitCodes.refused
      : result.exitCode
  } catch (thrown) {
    progress.clear()
    if (endedBy !== undefined) return endedBy
    throw thrown
  } finally {
    stopListening()
    await runtime.stop()
  }
}

/** A `--` straight after FILE belongs to us, as with other runners; a second one is the guest's. */
function withoutSeparator(guestArguments: readonly string[]): readonly string[] {
  return guestArguments[0] === '--' ? guestArguments.slice(1) : guestArguments
}

/** A signal, or a reader of stdout that went away, ends the guest; a second signal ends the process. */
function endOnSignal(terminal: Terminal, end: (code: number) => void): () => void {
  let ended = false
  terminal.stdout.onBroken(() => end(exitCodes.brokenPipe))
  return terminal.onSignal((signal) => {
    if (ended) terminal.exitNow(codeOf(signal))
    ended = true
    end(codeOf(signal))
  })
}

function codeOf(signal: StopSignal): number {
  return signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated
}

function report(result: ExecResult, flags: ExecFlags, stderr: LineAwareOutput, terminal: Terminal): void {
  if (flags.json === true) {
    const { exitCode, denied, probes, warnings, usage, exit } = result
    stderr.line(jsonText({ exitCode, denied, probes, warnings, usage, exit }))
    return
  }
  if (flags.quiet === true) return
  const { paint } = terminal.stderr
  for (const line of result.warnings.flatMap((warning) => renderWarning(warning, paint))) stderr.line(line)
  if (result.exit.exitCode === undefined) stderr.line(`${paint('red', 'ended')}   ${printable(result.exit.reason)}`)
  for (const line of renderDenials(result.denied, paint)) stderr.line(line)
  if (flags.verbose === true) for (const line of renderProbes(result.probes, result.probed)) stderr.line(line)
  else if (result.denied.length > 0) for (const line of renderProbeSummary(result.probes)) stderr.line(line)
}

async function learn(
  learnFile: string,
  component: string,
  result: ExecResult,
  flags: ExecFlags,
  stderr: LineAwareOutput,
): Promise<void> {
  const { writeLearned } = await import('./learn.js')
  const { grants, notes } = await writeLearned(learnFile, component, result, flags.force === true)
  if (flags.quiet === true || flags.json === true) return
  stderr.line(`wrote ${flags.learn ?? learnFile}: ${counted(grants, 'grant')}`)
  for (const note of notes) stderr.line(`note: ${printable(note)}`)
}

/** The guest's stderr, and our own lines after it: each of ours begins at the start of a line. */
class LineAwareOutput {
  readonly #screen: Screen
  #atLineStart = true

  constructor(screen: Screen) {
    this.#screen = screen
  }

  readonly pipe = (chunk: Uint8Array): Promise<void> => {
    if (chunk.length > 0) this.#atLineStart = chunk[chunk.length - 1] === 0x0a
    return this.#screen.pipe(chunk)
  }

  line(text: string): void {
    this.#screen.write(`${this.#atLineStart ? '' : '\n'}${text}\n`)
    this.#atLineStart = true
  }
}
