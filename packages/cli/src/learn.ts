import { access, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { draftManifest } from '@bulkhead/manifest'
import { type ObservedAccess, recommend } from '@bulkhead/policy'
import { BulkheadError, isName } from '@bulkhead/vocabulary'
import type { Access, DeniedAccess } from 'bulkhead'
import { counted } from './wording.js'

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

/** What a run asked for, as `exec` reports it. */
export type LearnedFrom = {
  readonly accesses: readonly Access[]
  /** With the layer that refused: what a deny rule or the forbidden list refused is not worth asking for. */
  readonly denied: readonly Pick<DeniedAccess, 'kind' | 'action' | 'resource' | 'layer'>[]
}

export type Learned = {
  readonly grants: number
  /** What the reader must know before using it. */
  readonly notes: readonly string[]
}

/** Writes the least manifest that covers what one run asked for: each access by its own name, nothing generalised. */
export async function writeLearned(
  file: string,
  component: string,
  from: LearnedFrom,
  force: boolean,
): Promise<Learned> {
  const id = componentIdFrom(component)
  const { lines, denied, notes } = recommend({
    componentId: id,
    accesses: observed(from),
    present: { allow: [] },
    wanted: 'granted-and-denied',
  })
  const text = draftManifest({ id, version: '0.1.0', grants: lines.map(({ grant }) => grant) })
  await writeFile(file, text, { flag: force ? 'w' : 'wx' })
  // What only lacks a mount is worth asking for.
  const vain = denied
    .filter(({ grantHelps, layer }) => !grantHelps && layer !== 'mount')
    .reduce((sum, { resources }) => sum + resources, 0)
  return {
    grants: lines.length,
    notes: [...notes, ...(vain === 0 ? [] : [`${counted(vain, 'request')} that no grant would allow left out`])],
  }
}

function observed({ accesses, denied }: LearnedFrom): readonly ObservedAccess[] {
  const layers = new Map(denied.map((one) => [keyOf(one), one.layer]))
  return accesses.map((access) => {
    const layer = access.verdict === 'denied' ? layers.get(keyOf(access)) : undefined
    return layer === undefined ? access : { ...access, layer }
  })
}

function keyOf({ kind, action, resource }: Pick<Access, 'kind' | 'action' | 'resource'>): string {
  return `${kind}.${action}=${resource}`
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
