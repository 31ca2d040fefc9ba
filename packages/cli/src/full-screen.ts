import { emitKeypressEvents } from 'node:readline'
import type { ReadStream, WriteStream } from 'node:tty'
import type { FullScreen } from './terminal.js'

export type ScreenPowers = {
  readonly stdin: ReadStream
  readonly stdout: WriteStream
  /** Calls back when the process ends, however it does; the returned function unsubscribes. */
  readonly onExit: (listener: () => void) => () => void
}

// The alternate screen is one beside that of the shell: what was on that comes back when it is left. Nothing wraps on it: a
// line that is wider than we think must not push the others down.
const enter = '\u001b[?1049h\u001b[?25l\u001b[?7l'
const leave = '\u001b[?7h\u001b[?25h\u001b[?1049l'
const home = '\u001b[H'
const toLineEnd = '\u001b[K'
const toScreenEnd = '\u001b[J'

/** What `node:readline` says of a key. */
type Pressed = { readonly name?: string; readonly ctrl?: boolean; readonly meta?: boolean }

/**
 * Takes a terminal over: keys come one by one and are not echoed, and what is drawn stands on a screen of its own. It is
 * given back by `close`, or else when the process ends: a shell must not be left without echo and cursor by a fault of ours.
 */
export function openFullScreen({ stdin, stdout, onExit }: ScreenPowers): FullScreen {
  const listeners: (() => void)[] = []
  let isOpen = true
  emitKeypressEvents(stdin)
  stdin.setRawMode(true)
  stdin.resume()
  stdout.write(enter)
  const restore = (): void => {
    if (!isOpen) return
    isOpen = false
    for (const unsubscribe of listeners.splice(0)) unsubscribe()
    stdin.setRawMode(false)
    stdin.pause()
    stdout.write(leave)
  }
  listeners.push(onExit(restore))
  return {
    // A terminal may not know its size, and then says 0.
    size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
    // A screen that was cleared first would flicker. Each line is cleared before it is written: after one that is as wide as
    // the screen, the cursor still stands on its last character.
    draw: (lines) => {
      const drawn = lines.map((line, at) => `${at === lines.length - 1 ? toScreenEnd : toLineEnd}${line}`)
      if (isOpen) stdout.write(`${home}${drawn.join('\r\n')}`)
    },
    onKey: (listener) => {
      const pressed = (text: string | undefined, { name = '', ctrl = false, meta = false }: Pressed): void => {
        listener({ name, ctrl, text: ctrl || meta || text === undefined || text < ' ' ? '' : text })
      }
      stdin.on('keypress', pressed)
      listeners.push(() => stdin.off('keypress', pressed))
    },
    onResize: (listener) => {
      stdout.on('resize', listener)
      listeners.push(() => stdout.off('resize', listener))
    },
    close: restore,
  }
}
