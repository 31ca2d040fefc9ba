import { BulkheadError } from '@bulkhead/vocabulary'
import { pathSegmentsMax, segmentBytesMax } from './limits.js'

/** Names that the directory keeps for itself, at its top. */
const reserved: ReadonlySet<string> = new Set(['lock', 'tmp', 'version'])

/**
 * Checks the segments of a path below the state directory. They come from our own code, with ids in them: a segment that
 * could leave the directory is a mistake that must not reach the disk.
 *
 * @throws {BulkheadError} `usage` for no segment, `.`, `..`, a separator, NUL, too long or too many, or a reserved first name.
 */
export function checkSegments(segments: readonly string[]): void {
  if (segments.length === 0 || segments.length > pathSegmentsMax) {
    throw new BulkheadError('usage', `a path in the state directory has 1 to ${pathSegmentsMax} segments`)
  }
  for (const segment of segments) {
    const isPlain = segment !== '' && segment !== '.' && segment !== '..' && !/[/\\\0]/.test(segment)
    if (!isPlain || Buffer.byteLength(segment) > segmentBytesMax) {
      throw new BulkheadError('usage', `\`${segment.slice(0, 100)}\` cannot be a name in the state directory`)
    }
  }
  const [first] = segments
  if (first !== undefined && reserved.has(first)) {
    throw new BulkheadError('usage', `\`${first}\` is kept by the state directory for itself`)
  }
}
