import { basename } from 'node:path'
import type { BuildProgress } from '@bulkhead/component'
import { formatDuration } from '@bulkhead/vocabulary'
import { printable } from './printable.js'
import type { Screen } from './terminal.js'

/** The phases of a build that take time; a component that comes from the cache shows none of them. */
const slowPhases = { adapt: 'adapting', verify: 'verifying', transpile: 'transpiling', compile: 'compiling' } as const

/**
 * Shows on stderr that components are being prepared: one rewritten line on a terminal, two lines a component elsewhere,
 * nothing at all for what comes from the cache.
 */
export class ProgressLine {
  readonly #screen: Screen
  readonly #announced = new Set<string>()
  #lineShown = false

  constructor(screen: Screen) {
    this.#screen = screen
  }

  readonly update = (progress: BuildProgress): void => {
    const name = printable(basename(progress.file))
    if (progress.phase in slowPhases) {
      const phase = slowPhases[progress.phase as keyof typeof slowPhases]
      const first = !this.#announced.has(progress.file)
      this.#announced.add(progress.file)
      if (this.#screen.isTerminal) this.#rewrite(`preparing ${name}: ${phase}, ${formatDuration(progress.elapsedMs)}`)
      else if (first) this.#screen.write(`preparing ${name} (once; then it comes from the cache)\n`)
    } else if (progress.phase === 'ready' && this.#announced.delete(progress.file)) {
      this.clear()
      this.#screen.write(`prepared ${name} in ${formatDuration(progress.elapsedMs)}\n`)
    }
  }

  /** Removes a rewritten line, before something else is printed. */
  clear(): void {
    if (this.#lineShown) this.#screen.write('\r\u001b[K')
    this.#lineShown = false
  }

  #rewrite(text: string): void {
    this.#screen.write(`\r\u001b[K${text}`)
    this.#lineShown = true
  }
}
