import { access, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { type DraftRequest, draftManifest } from '@bulkhead/manifest'
import { escapePath } from '@bulkhead/policy'
import { BulkheadError, isName } from '@bulkhead/vocabulary'
import type { Access } from 'bulkhead'

/**
 * Refuses to overwrite a file, before the program runs rather than after.
 *
 * @throws {BulkheadError} `usage` when the file exists and `force` was not given.
 */
export async function checkLearnTarget(file: string, force: boolean): Promise<void> {
  if (force) return
  const exists = await access(file).then(
    () => true,
    () => false,
  )
  if (exists) {
    throw new BulkheadError('usage', `\`${file}\` exists already`, { hint: 'choose another name, or add --force' })
  }
}

/** Writes the least manifest that covers what one run asked for: each access by its own name, nothing generalised. */
export async function writeLearned(
  file: string,
  component: string,
  accesses: readonly Access[],
  force: boolean,
): Promise<number> {
  const grants = grantsFrom(accesses)
  const text = draftManifest({ id: componentIdFrom(component), version: '0.1.0', grants })
  await writeFile(file, text, { flag: force ? 'w' : 'wx' })
  return grants.length
}

function grantsFrom(accesses: readonly Access[]): readonly DraftRequest[] {
  const seen = new Set<string>()
  const grants: DraftRequest[] = []
  for (const { kind, action, resource } of accesses) {
    const pattern = kind === 'filesystem' ? escapePath(resource) : resource
    const key = `${kind}.${action}=${pattern}`
    if (seen.has(key)) continue
    seen.add(key)
    grants.push({ kind, action, pattern })
  }
  return grants
}

/** A legal component id from a file name: `Python 3.wasm` → `python-3`. */
export function componentIdFrom(component: string): string {
  const id = basename(component)
    .toLowerCase()
    .replace(/\.[a-z]+$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .replace(/-+$/, '')
    .slice(0, 63)
  return isName(id) ? id : 'component'
}
