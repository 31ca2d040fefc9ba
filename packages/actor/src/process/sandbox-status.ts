import { statusBytesMax } from './limits.js'

/** What bubblewrap says about its child. It is written before the child runs anything of ours. */
export class SandboxStatus {
  #text = ''
  #childPid: number | undefined
  #exitCode: number | undefined

  get childPid(): number | undefined {
    return this.#childPid
  }

  /** 128 and the number of the signal, where one ended it. */
  get exitCode(): number | undefined {
    return this.#exitCode
  }

  push(text: string): void {
    this.#text = (this.#text + text).slice(0, statusBytesMax)
    this.#childPid ??= numberIn(this.#text, /"child-pid":\s*(\d+)/)
    this.#exitCode ??= numberIn(this.#text, /"exit-code":\s*(\d+)\s*\}/)
  }
}

function numberIn(text: string, pattern: RegExp): number | undefined {
  const digits = pattern.exec(text)?.[1]
  return digits === undefined ? undefined : Number(digits)
}
