// Perimeter: the descriptors of this process that a child would inherit.
import { readdirSync, readFileSync } from 'node:fs'

const closeOnExec = 0o2000000
/** From here on: 0, 1 and 2 are set for every child. */
const firstOwn = 3

/**
 * The descriptors that were opened without close-on-exec, by whoever started this process or by native code. Node gives its
 * child all of them, and `'ignore'` in `stdio` leaves them open from 3 on: they have to be overwritten.
 */
export function inheritableDescriptors(): number[] {
  const found: number[] = []
  for (const name of readdirSync('/proc/self/fd')) {
    const descriptor = Number(name)
    if (descriptor >= firstOwn && isInheritable(name)) found.push(descriptor)
  }
  return found
}

function isInheritable(name: string): boolean {
  let info: string
  try {
    info = readFileSync(`/proc/self/fdinfo/${name}`, 'latin1')
  } catch {
    return false // It was that of the listing itself.
  }
  const flags = /^flags:\s*([0-7]+)$/m.exec(info)?.[1]
  return flags === undefined || (Number.parseInt(flags, 8) & closeOnExec) === 0
}
