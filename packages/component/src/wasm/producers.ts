import { ByteReader } from './byte-reader.js'

// Both sections are claims of the tools that made a module, shown to people and never decided on; what does not parse is
// left out.

const featureNames = new Map([
  ['atomics', 'threads'],
  ['simd128', 'simd'],
])

/** `{ 'processed-by': ['clang 16.0.0'] }`. */
export function readProducers(custom: ReadonlyMap<string, Uint8Array>): Readonly<Record<string, readonly string[]>> {
  return tolerantly({}, custom.get('producers'), (reader) => {
    const fields: [string, readonly string[]][] = []
    for (let left = reader.count(); left > 0; left -= 1) {
      const field = reader.name()
      const values: string[] = []
      for (let valuesLeft = reader.count(); valuesLeft > 0; valuesLeft -= 1) {
        values.push(`${reader.name()} ${reader.name()}`.trim())
      }
      fields.push([field, values])
    }
    return Object.fromEntries(
      fields.filter(([field]) => field === 'language' || field === 'processed-by' || field === 'sdk'),
    )
  })
}

/** The features that the compiler was allowed to use, under the names of their proposals. */
export function readTargetFeatures(custom: ReadonlyMap<string, Uint8Array>): readonly string[] {
  return tolerantly<readonly string[]>([], custom.get('target_features'), (reader) => {
    const features: string[] = []
    for (let left = reader.count(); left > 0; left -= 1) {
      const prefix = String.fromCharCode(reader.byte())
      const name = reader.name()
      if (prefix === '+') features.push(featureNames.get(name) ?? name)
    }
    return features
  })
}

function tolerantly<T>(otherwise: T, body: Uint8Array | undefined, read: (reader: ByteReader) => T): T {
  if (body === undefined) return otherwise
  try {
    return read(new ByteReader(body))
  } catch {
    return otherwise
  }
}
