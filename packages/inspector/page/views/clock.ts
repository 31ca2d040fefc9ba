import { useEffect, useState } from 'preact/hooks'

/** The time now, told anew each second: for what says how long something has lasted. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return now
}
