import { useEffect, useState } from 'preact/hooks'
import type { Answer, Server } from './ask.js'

/** The answer to a question, asked again whenever `freshness` changes; the last one stays until the next has come. */
export function useAnswer<T>(server: Server, path: string, freshness: string): Answer<T> | undefined {
  const [told, setTold] = useState<{ readonly path: string; readonly answer: Answer<T> }>()
  useEffect(() => {
    let isWanted = true
    server.question<T>(path).then((answer) => isWanted && setTold({ path, answer }))
    return () => {
      isWanted = false
    }
  }, [server, path, freshness])
  return told?.path === path ? told.answer : undefined
}
