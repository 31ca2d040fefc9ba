import { readFileSync } from 'node:fs'

// Perimeter: reads a file beside the code.
let known: string | undefined

/** The version in this workspace's package.json, which is read once. */
export function readVersion(): string {
  known ??= versionInManifest()
  return known
}

function versionInManifest(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : ''
  return String(version)
}
