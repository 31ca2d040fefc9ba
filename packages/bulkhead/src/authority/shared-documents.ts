// Perimeter: reads the policies that a tree's components share.
import type { KindCatalogue } from '@bulkhead/capability'
import { formatOf, type Policy, parsePolicy } from '@bulkhead/policy'
import { shellWord } from '@bulkhead/security-context'
import { readPolicySignature, type Trust, verifyPolicySignature } from '@bulkhead/trust'
import { BulkheadError, systemClock } from '@bulkhead/vocabulary'
import { readDocument } from '../read-document.js'
import type { SharedDocument } from './shared-policies.js'

/**
 * @throws {BulkheadError} with every finding of a document that is not valid: which components it is about is not known
 *   then, so no tree starts with it. `policy-validation-failed` for one that shares nothing.
 */
export async function readSharedDocuments(
  shared: readonly { readonly name: string; readonly policy: string }[],
  trust: Trust,
  kinds: KindCatalogue,
): Promise<readonly SharedDocument[]> {
  const documents = shared.map(async ({ name, policy: location }) => {
    const bytes = readBytes(location)
    await checkSigned(name, location, bytes, trust)
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
    const policy = parsePolicy(bytes, { file: location, format: formatOf(location), componentId: '', kinds })
    if (policy.shared === undefined) {
      throw new BulkheadError('policy-validation-failed', `\`${location}\` names no components that share it`, {
        hint: 'add [shared] with `components = [...]`, or name the file as `policy` of one child',
      })
    }
    refuseOwnRules(location, policy)
    return { name, file: location, text, policy }
  })
  return Promise.all(documents)
}

/** What stands beside the shared rules would be in force for nobody: a deny rule there must not look as if it were. */
function refuseOwnRules(location: string, { allow, deny, limits }: Policy): void {
  if (allow.length === 0 && deny.length === 0 && Object.keys(limits).length === 0) return
  const message = `\`${location}\` has rules or limits that are not shared: they would be in force for nobody`
  throw new BulkheadError('policy-validation-failed', message, {
    hint: 'put the rules under [shared.allow] and [shared.deny], or into the `policy` of each child',
  })
}

/** A shared policy is signed for the name that the tree file gives it. */
async function checkSigned(name: string, location: string, bytes: Uint8Array, trust: Trust): Promise<void> {
  const token = readPolicySignature(location)
  if (token !== undefined) {
    await verifyPolicySignature(token, bytes, { component: name, trust, now: systemClock.wallMs() })
    return
  }
  if (!trust.requireSignatures) return
  throw new BulkheadError(
    'signature-invalid',
    `the shared policy \`${location}\` is not signed, and ${trust.file} requires it`,
    {
      hint: `bulkhead policy sign ${shellWord(location)} --key KEY.pem --component ${name} --sequence N`,
    },
  )
}

function readBytes(location: string): Uint8Array {
  try {
    return readDocument(location)
  } catch (cause) {
    throw new BulkheadError('policy-not-found', `there is no shared policy \`${location}\``, {
      cause,
      hint: 'paths are relative to the tree file',
    })
  }
}
