// A file operator that runs in a real actor and is told what to do step by step, so that the outside may act in between.
import { decodeAnswers, fileOperatorFile } from './file-operator.mjs'

/** Longer than any command takes, shorter than a person's patience: what does not answer by then hangs. */
const answerMs = 20_000

/**
 * @typedef {import('./file-operator.mjs').Answer} Answer
 * @typedef {import('bulkhead').ExecOptions} ExecOptions
 * @typedef {import('bulkhead').ExecResult} ExecResult
 */

/** Something to wait for: `ring` wakes whoever waits at that moment. */
function bell() {
  let ring = () => {}
  return {
    ring: () => ring(),
    /** @param {number} timeoutMs */
    wait: (timeoutMs) =>
      /** @type {Promise<void>} */ (
        new Promise((resolve) => {
          const timer = setTimeout(resolve, timeoutMs)
          ring = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      ),
  }
}

/** Frames on their way to the guest: a queue that ends. */
function frameQueue() {
  /** @type {Uint8Array[]} */
  const waiting = []
  const arrived = bell()
  let ended = false
  return {
    /** @param {Uint8Array} bytes */
    push(bytes) {
      waiting.push(bytes)
      arrived.ring()
    },
    end() {
      ended = true
      arrived.ring()
    },
    async *[Symbol.asyncIterator]() {
      while (true) {
        const next = waiting.shift()
        if (next !== undefined) yield next
        else if (ended) return
        else await arrived.wait(60_000)
      }
    },
  }
}

/**
 * @param {import('bulkhead').Runtime} runtime
 * @param {ExecOptions} options
 */
export function startOperator(runtime, options) {
  const input = frameQueue()
  const progress = bell()
  let output = ''
  let taken = 0
  let over = false
  const result = runtime.exec(fileOperatorFile, {
    ...options,
    stdin: input,
    stdout: (chunk) => {
      output += Buffer.from(chunk).toString('latin1')
      progress.ring()
    },
  })
  const settle = () => {
    over = true
    input.end() // Nobody reads any more: lets the iteration end.
    progress.ring()
  }
  result.then(settle, settle)
  const answers = () => decodeAnswers(output.slice(0, output.lastIndexOf('\n') + 1))

  return {
    /**
     * Sends commands and waits for as many answers: fewer come when the guest is stopped meanwhile.
     * @param {Uint8Array[]} frames
     * @param {number} [expected] a loop gives one answer for all its frames
     * @returns {Promise<Answer[]>}
     */
    async send(frames, expected = frames.length) {
      for (const frame of frames) input.push(frame)
      const untilMs = performance.now() + answerMs
      while (answers().length < taken + expected && !over && performance.now() < untilMs) await progress.wait(100)
      const given = answers().slice(taken, taken + expected)
      taken += given.length
      return given
    },
    /** Closes the guest's stdin and waits for its end. @returns {Promise<ExecResult>} */
    end() {
      input.end()
      return result
    },
    /** Whether the guest has ended, by itself or not. */
    over: () => over,
  }
}
