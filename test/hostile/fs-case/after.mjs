// What must hold on the host when the guest is gone.
import fs from 'node:fs'

/** @param {string} at */
const present = (at) => fs.lstatSync(at, { throwIfNoEntry: false }) !== undefined
/** @param {string} at */
const text = (at) => (present(at) ? fs.readFileSync(at, 'utf8') : null)

/** Each gives what was found; `undefined` is "as it should be". @type {Record<string, (value: unknown) => unknown>} */
const checks = {
  content: pair((at, wanted) => (text(at) === String(wanted) ? undefined : text(at))),
  'not-content': pair((at, unwanted) => (text(at) === String(unwanted) ? text(at) : undefined)),
  contains: pair((at, wanted) => ((text(at) ?? '').includes(String(wanted)) ? undefined : text(at))),
  exists: (at) => (present(String(at)) ? undefined : 'absent'),
  absent: (at) => (present(String(at)) ? 'exists' : undefined),
  size: pair((at, wanted) => (present(at) && fs.statSync(at).size === Number(wanted) ? undefined : sizeOf(at))),
  mode: pair((at, wanted) => {
    const mode = fs.statSync(at).mode & 0o7777
    return mode === (typeof wanted === 'string' ? Number.parseInt(wanted, 8) : Number(wanted)) ? undefined : mode
  }),
  symlink: pair((at, target) => {
    const found = fs.lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() ? fs.readlinkSync(at) : 'no symlink'
    return target === undefined || found === target ? undefined : found
  }),
  mtime: pair((at, seconds) =>
    Math.floor(fs.statSync(at).mtimeMs / 1000) === Number(seconds) ? undefined : fs.statSync(at).mtimeMs,
  ),
  entries: pair((at, names) => {
    const found = fs.readdirSync(at).sort()
    return JSON.stringify(found) === JSON.stringify([.../** @type {string[]} */ (names)].sort()) ? undefined : found
  }),
  links: pair((at, count) => (fs.lstatSync(at).nlink === Number(count) ? undefined : fs.lstatSync(at).nlink)),
}

/** @type {Record<string, string>} */
const spellings = { notContent: 'not-content', list: 'entries', nlink: 'links', target: 'symlink', readlink: 'symlink' }

/** @param {(at: string, wanted: unknown) => unknown} check */
function pair(check) {
  return (/** @type {unknown} */ value) => {
    const [at, wanted] = Array.isArray(value) ? value : [value, undefined]
    return check(String(at), wanted)
  }
}

/** @param {string} at */
function sizeOf(at) {
  return fs.statSync(at, { throwIfNoEntry: false })?.size ?? 'absent'
}

/**
 * @param {Record<string, unknown>} wanted one entry of `after`, with `$T` replaced
 * @returns {{ check: string, wanted: unknown, found: unknown }[]} what does not hold
 */
export function failuresAfter(wanted) {
  return Object.entries(wanted).flatMap(([key, value]) => {
    const check = checks[spellings[key] ?? key]
    if (check === undefined) return [{ check: key, wanted: value, found: 'this check is not known to the runner' }]
    try {
      const found = check(value)
      return found === undefined ? [] : [{ check: key, wanted: value, found }]
    } catch (error) {
      return [{ check: key, wanted: value, found: String(error) }]
    }
  })
}
