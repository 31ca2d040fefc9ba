// The border of the options: text and plain objects from the host application become checked values here.

import { resolve } from 'node:path'
import {
  actionNamed,
  actionsOf,
  type Grant,
  type KindCatalogue,
  kindNamed,
  kindsOf,
  noCustomKinds,
} from '@bulkhead/capability'
import { escapePath } from '@bulkhead/policy/forbidden'
import type { ContextMount, MountRequest } from '@bulkhead/security-context'
import { BulkheadError, parseBytes, parseDuration, type RuleOrigin } from '@bulkhead/vocabulary'
import type { MountOption } from './types.js'

/** @throws {BulkheadError} `usage` when a mount is not of its form. */
export function parseMounts(mounts: Readonly<Record<string, MountOption>>, option: string): readonly MountRequest[] {
  return Object.entries(mounts).map(([guestPath, mount]) => {
    if (!isCanonicalPath(guestPath)) {
      throw new BulkheadError('usage', `\`${guestPath}\` in ${option} is not a guest path`, {
        hint: 'a guest path is absolute, without `.`, `..` or a trailing slash: `/data`',
      })
    }
    const form = typeof mount === 'string' ? { host: mount } : mount
    return {
      guestPath,
      hostPath: resolve(form.host),
      mode: form.mode ?? 'read',
      hardlinks: form.hardlinks ?? false,
    }
  })
}

/** What `mounts` of `exec` grants beside mounting (SPEC 15): mode `read` reads, mode `write` everything on files. */
export function grantsOfMounts(mounts: readonly ContextMount[], origin: RuleOrigin): readonly Grant[] {
  return mounts.flatMap((mount) => {
    const base = escapePath(mount.guestPath === '/' ? '' : mount.guestPath)
    const pattern = mount.kind === 'file' ? base : `${base}/**`
    const actions = mount.mode === 'read' ? (['read'] as const) : (['read', 'write', 'create', 'delete'] as const)
    return actions.map((action): Grant => ({ kind: 'filesystem', action, pattern, origin }))
  })
}

/**
 * `KIND.ACTION=PATTERN` → a grant.
 *
 * @throws {BulkheadError} `usage` when kind, action or form is unknown.
 */
export function parseGrant(text: string, option: string, kinds: KindCatalogue = noCustomKinds): Grant {
  const match = /^([a-z][a-z0-9-]*)\.([a-z][a-z0-9-]*)=(.+)$/s.exec(text)
  const kind = kindNamed(match?.[1] ?? '', kinds)
  const action = kind === undefined ? undefined : actionNamed(kind, match?.[2] ?? '', kinds)
  if (match?.[3] === undefined || kind === undefined || action === undefined) {
    const known = kindsOf(kinds).flatMap((name) => actionsOf(name, kinds).map((verb) => `${name}.${verb}`))
    throw new BulkheadError('usage', `\`${text}\` in ${option} is not KIND.ACTION=PATTERN`, {
      hint: `KIND.ACTION is one of ${known.join(', ')}`,
    })
  }
  return { kind, action, pattern: match[3], origin: { document: option } }
}

/** @throws {BulkheadError} `usage` unless the value is a whole number of bytes or text like `64MiB`. */
export function parseMemory(value: string | number): number {
  const bytes = typeof value === 'number' ? value : parseBytes(value)
  if (bytes === undefined || !Number.isSafeInteger(bytes) || bytes < 0) {
    throw new BulkheadError('usage', `\`${value}\` is not an amount of memory`, { hint: 'write it as `64MiB`' })
  }
  return bytes
}

/** @throws {BulkheadError} `usage` unless the value is a positive number of milliseconds or text like `2s`. */
export function parseDeadline(value: string | number): number {
  const ms = typeof value === 'number' ? value : parseDuration(value)
  if (ms === undefined || !(ms > 0) || ms > 2 ** 31 - 1) {
    throw new BulkheadError('usage', `\`${value}\` is not a deadline`, { hint: 'write it as `2s` or `500ms`' })
  }
  return ms
}

/** @throws {BulkheadError} `usage` when a name or value cannot be an environment variable. */
export function parseEnvironment(env: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(env).map(([name, value]) => {
    if (name === '' || /[=\0]/.test(name) || typeof value !== 'string' || value.includes('\0')) {
      throw new BulkheadError('usage', `\`${name}\` cannot be an environment variable`, {
        hint: 'names have no `=`; names and values are text without NUL',
      })
    }
    return [name, value] as const
  })
}

function isCanonicalPath(path: string): boolean {
  if (path === '/') return true
  if (!path.startsWith('/') || path.includes('\0')) return false
  return path
    .slice(1)
    .split('/')
    .every((segment) => segment !== '' && segment !== '.' && segment !== '..')
}
