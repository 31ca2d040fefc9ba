import { setTimeout as sleep } from 'node:timers/promises'
import type { Session } from '../desk/session.js'
import { stateDirectoryOf } from '../desk/state-flags.js'
import { completionWaitMs } from '../limits.js'

/**
 * The children of the process that the words before mean by `--state` or `--tree`. Whoever presses a key waits for a moment
 * and is not told of errors: no process, no names.
 */
export async function childNames(words: readonly string[], session: Session): Promise<readonly string[]> {
  const after = (flag: string): string | undefined => {
    const at = words.indexOf(flag)
    return at === -1 ? undefined : words[at + 1]
  }
  const [state, tree] = [after('--state'), after('--tree')]
  const flags = { ...(state === undefined ? {} : { state }), ...(tree === undefined ? {} : { tree }) }
  const asked = ask(flags, session).catch(() => [])
  return await Promise.race([asked, sleep(completionWaitMs, [], { ref: false })])
}

async function ask(flags: Parameters<typeof stateDirectoryOf>[0], session: Session): Promise<readonly string[]> {
  const live = await session.openLive(await stateDirectoryOf(flags, session.terminal))
  try {
    return (await live.request('tree', {})).children.map(({ child }) => child)
  } finally {
    await live.close()
  }
}
