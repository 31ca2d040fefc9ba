/** @typedef {import('bulkhead').Runtime} Runtime */
/** @typedef {import('./fates.mjs').Fates} Fates */

/**
 * Hears what the guests print, who died, and which letters are dead.
 *
 * @param {Runtime} runtime
 * @param {Fates} fates
 */
export function listenTo(runtime, fates) {
  /** @type {Map<string, number>} */
  const kills = new Map()
  /** @type {Map<string, Set<() => void>>} */
  const waiting = new Map()
  /** @type {Map<string, string>} */
  const halfLines = new Map()
  const decoder = new TextDecoder()

  runtime.on('output', ({ child, chunk }) => {
    const lines = `${halfLines.get(child) ?? ''}${decoder.decode(chunk)}`.split('\n')
    halfLines.set(child, lines.pop() ?? '')
    for (const line of lines) hear(child, line)
  })
  runtime.on('health', ({ type, child, class: faultClass }) => {
    if (type !== 'child.exited' || child === undefined) return
    // Who waited for room in a full pipe may have died in the middle of a line: the next incarnation does not end it.
    halfLines.delete(child)
    if (faultClass === 'shutdown') return
    kills.set(child, (kills.get(child) ?? 0) + 1)
    for (const tell of waiting.get(child) ?? []) tell()
  })

  /** @param {string} child @param {string} line */
  function hear(child, line) {
    const [word, text] = line.split(' ')
    const id = Number(text)
    if (word === 'try') fates.tried(child, id)
    else if (word === 'sent') fates.sent(id)
    else if (word === 'refused') fates.refused(id)
    else if (word === 'begin') fates.begun(id)
    else if (word === 'done') fates.done(id)
  }

  return {
    kills,
    /** Calls back at each death of a child until the returned function is called. @param {string} child @param {() => void} tell */
    onDeath(child, tell) {
      const set = waiting.get(child) ?? new Set()
      waiting.set(child, set.add(tell))
      return () => set.delete(tell)
    },
    /** Takes the dead letters. Those that carry no id are commands, which are not followed. */
    collectLetters() {
      const letters = runtime.deadLetters.list()
      for (const { body, reason } of letters) {
        const id = /^(?:work|maybe|spin) (\d+)/.exec(decoder.decode(body))?.[1]
        if (id !== undefined) fates.letter(Number(id), reason)
      }
      runtime.deadLetters.discard(letters.map(({ id }) => id))
    },
    summary() {
      return `${[...kills.values()].reduce((sum, count) => sum + count, 0)} deaths`
    },
  }
}
