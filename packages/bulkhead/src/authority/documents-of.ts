import { type Policy, type PolicyKey, parsePolicy } from '@bulkhead/policy'
import { type Documents, type PastPolicy, shellWord } from '@bulkhead/security-context'
import type { AuthorityStores } from './authority-stores.js'
import type { Judgement } from './judge.js'

/** Where the documents stand that an operator would change for a child, for hints. */
export function documentsOf(
  { subject, manifest, policy }: Judgement,
  { registry, kinds }: Pick<AuthorityStores, 'registry' | 'kinds'>,
): Documents {
  const { child, tree, approved } = subject
  return {
    child,
    tree: placeIn(tree.file, tree.line),
    ...(manifest === undefined ? {} : { manifest: { file: manifest.file, line: manifest.capabilitiesAt.line } }),
    ...(tree.roles === undefined ? {} : { roles: { file: tree.roles } }),
    ...(approved === undefined ? {} : { approved: placeIn(tree.file, approved.line) }),
    ...(policy?.version === undefined ? {} : { policy: policyPlace() }),
  }

  function policyPlace() {
    const { version, key } = policy ?? {}
    if (version === undefined || key === undefined) throw new RangeError('there is no policy in force')
    const { file, format, source } = version
    const edited = source === undefined && file.startsWith('policy:')
    const place = {
      file,
      format,
      edited,
      ...(key.startsWith('child:') ? { apply: `bulkhead policy update ${child} ${shellWord(file)}` } : {}),
    }
    if (!edited) return place
    // Read when somebody asks: this is made at every change of what binds the child, and up to 20 documents are long.
    let past: readonly PastPolicy[] | undefined
    return {
      ...place,
      get past() {
        past ??= pastOf()
        return past
      },
    }
  }

  function pastPolicy(key: PolicyKey, number: number): Policy | undefined {
    const past = registry.version(key, number)
    return past === undefined ? undefined : parsePolicy(past.text, { ...past, componentId: subject.componentId, kinds })
  }

  function pastOf(): readonly PastPolicy[] {
    const { key, version } = policy ?? {}
    if (key === undefined || version === undefined) return []
    return registry
      .history(key)
      .filter(({ number }) => number < version.number)
      .flatMap(({ number }) => {
        try {
          const past = pastPolicy(key, number)
          return past === undefined ? [] : [{ version: number, allow: past.allow, deny: past.deny }]
        } catch {
          // An old version that this release no longer reads is nothing to go back to.
          return []
        }
      })
  }
}

/** A tree that a program gave as an object has no lines. */
function placeIn(file: string, line: number | undefined) {
  return line === undefined ? { file } : { file, line }
}
