import { useEffect, useState } from 'preact/hooks'
import type { Answer, Server } from './ask.js'

type Told<T> = { readonly path: string; readonly answer: Answer<T> }

/** The answer to a question, asked again whenever `freshness` changes; the last one stays until the next has come. */
export function useAnswer<T>(server: Server, path: string, freshness: string): Answer<T> | undefined {
  const [told, setTold] = useState<Told<T>>()
  useEffect(() => {
    let isWanted = true
    server.question<T>(path).then((answer) => isWanted && setTold((before) => newest(before, { path, answer })))
    return () => {
      isWanted = false
    }
  }, [server, path, freshness])
  return told?.path === path ? told.answer : undefined
}

/** While nobody can be asked, what was answered before is better than nothing: the header says that it may be old. */
function newest<T>(before: Told<T> | undefined, now: Told<T>): Told<T> {
  const isKept = now.answer.kind === 'unreachable' && before?.path === now.path && before.answer.kind === 'ok'
  return isKept ? before : now
}
