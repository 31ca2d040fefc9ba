import { readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { inspect, resolveComponent } from '@bulkhead/component'
import { manifestDigest } from '@bulkhead/manifest'
import { readInput } from '../read-input.js'
import type { Terminal } from '../terminal.js'

/** What a component's signature is over. */
export type SignedComponent = {
  /** Absolute path. */
  readonly file: string
  readonly digest: string
  readonly manifest: { readonly place: string; readonly digest: string } | undefined
}

const embedded = 'embedded'

/** Whether the manifest stands in the component itself, and in no file of its own. */
export function isEmbedded({ manifest }: SignedComponent): boolean {
  return manifest?.place === embedded
}

/**
 * The bytes of a component and of the manifest that would be taken for it (SPEC 4): the one named, else the one embedded in
 * it, else the one beside it.
 */
export async function signedComponent(
  reference: string,
  manifest: string | undefined,
  terminal: Terminal,
): Promise<SignedComponent> {
  const file = resolveComponent(reference, { from: terminal.directory })
  const { digest, embeddedManifest } = await inspect(file)
  if (manifest === undefined && embeddedManifest !== undefined) {
    const bytes = new TextEncoder().encode(embeddedManifest)
    return { file, digest, manifest: { place: embedded, digest: manifestDigest(bytes) } }
  }
  const place = manifest ?? manifestBeside(file)
  if (place === undefined) return { file, digest, manifest: undefined }
  return { file, digest, manifest: { place, digest: manifestDigest(await readInput(place, terminal)) } }
}

function manifestBeside(componentFile: string): string | undefined {
  const folder = dirname(componentFile)
  const names = readdirSync(folder)
  const own = `${basename(componentFile)}.component.toml`
  const ownShort = own.replace('.wasm.component.toml', '.component.toml')
  for (const name of [own, ownShort]) if (names.includes(name)) return join(folder, name)
  const alone = names.filter((name) => name.endsWith('.wasm')).length === 1
  return alone && names.includes('Component.toml') ? join(folder, 'Component.toml') : undefined
}
