// Perimeter: UTS 46 is Node's. The only file of this workspace that imports from `node:`.
import { domainToASCII, domainToUnicode } from 'node:url'
import { isDigit } from './characters.js'
import { isHexDigit } from './ip-address.js'
import { hostLabelCharactersMax, hostNameCharactersMax, hostPatternBytesMax } from './limits.js'

/**
 * The one spelling of a host name that is compared: lower case, without the trailing dot, to ASCII by UTS 46, each label
 * of letters, digits, `_` and inner `-`. `undefined` for everything else, also for what a resolver would read as an IPv4
 * address (a last label that is a number, decimal or hexadecimal).
 *
 * Node's function is a URL host parser: it decodes percent signs, drops tabs and stops at `/`. So what is handed to it
 * holds no ASCII but letters, digits, `-`, `_` and `.`, and what comes back is checked again.
 */
export function normaliseHostName(text: string): string | undefined {
  if (text.length === 0 || text.length > hostPatternBytesMax) return undefined
  let plain = true
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit >= 0x80) plain = false
    else if (!isNameUnit(unit) && unit !== 0x2e) return undefined
  }
  const lower = plain ? text.toLowerCase() : text
  const ascii = plain && !lower.includes('xn--') ? lower : domainToASCII(lower)
  const name = ascii.endsWith('.') ? ascii.slice(0, -1) : ascii
  return isHostName(name) && !endsInNumber(name) && isEncoded(name) ? name : undefined
}

/**
 * Whether each label in Punycode stands for something, and is its one spelling. Node 20 refuses what is broken; later
 * versions hand it on as it is.
 */
function isEncoded(name: string): boolean {
  if (!name.includes('xn--')) return true
  const shown = domainToUnicode(name)
  return !shown.split('.').some((label) => label.startsWith('xn--')) && domainToASCII(shown) === name
}

/** Whether the last label is a number, so that the text is an address or an attempt at one, never a name. */
export function endsInNumber(text: string): boolean {
  const host = text.endsWith('.') ? text.slice(0, -1) : text
  const label = host.slice(host.lastIndexOf('.') + 1).toLowerCase()
  if (label.length === 0) return false
  const digitsFrom = label.startsWith('0x') ? 2 : 0
  for (let at = digitsFrom; at < label.length; at++) {
    const unit = label.charCodeAt(at)
    if (digitsFrom === 2 ? !isHexDigit(unit) : !isDigit(unit)) return false
  }
  return true
}

function isHostName(name: string): boolean {
  if (name.length === 0 || name.length > hostNameCharactersMax) return false
  let start = 0
  for (let at = 0; at <= name.length; at++) {
    const unit = at === name.length ? 0x2e : name.charCodeAt(at)
    if (unit === 0x2e) {
      const length = at - start
      if (length < 1 || length > hostLabelCharactersMax) return false
      if (name[start] === '-' || name[at - 1] === '-') return false
      start = at + 1
    } else if (!isNameUnit(unit) || (unit >= 0x41 && unit <= 0x5a)) {
      return false
    }
  }
  return true
}

function isNameUnit(unit: number): boolean {
  const lower = unit | 0x20
  return isDigit(unit) || (lower >= 0x61 && lower <= 0x7a) || unit === 0x2d || unit === 0x5f
}
