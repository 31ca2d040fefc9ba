import { readPolicySource } from '@bulkhead/policy'
import { shellWord } from '@bulkhead/security-context'
import { readPolicySignature, type Trust, verifyPolicySignature } from '@bulkhead/trust'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { DeskPowers } from './desk-core.js'

/** The signature that lies beside a policy document; at a URL it is looked for only where one is required. */
export async function signatureBeside(
  location: string,
  { trust, fetcher }: Pick<DeskPowers, 'trust' | 'fetcher'>,
): Promise<string | undefined> {
  if (!location.startsWith('https:')) return readPolicySignature(location)
  if (!trust.current.requireSignatures) return undefined
  const { bytes } = await readPolicySource(`${location}.sig`, fetcher === undefined ? {} : { fetcher })
  return new TextDecoder().decode(bytes).trim()
}

/**
 * The facts of a signature that was verified. Where there is none and none is wanted: nothing.
 *
 * @param name of the component that the policy is signed for
 * @param now wall clock, milliseconds
 */
export async function provenSignature(
  name: string,
  { text, file, signature }: { readonly text: string; readonly file: string; readonly signature?: string },
  trust: Trust,
  now: number,
) {
  if (signature === undefined) {
    if (!trust.requireSignatures) return undefined
    throw new BulkheadError(
      'signature-invalid',
      `the policy \`${file}\` is not signed, and ${trust.file} requires it`,
      {
        hint: `bulkhead policy sign ${shellWord(file)} --key KEY.pem --component ${name} --sequence N`,
      },
    )
  }
  const bytes = new TextEncoder().encode(text)
  const { sequence, key, certificates } = await verifyPolicySignature(signature, bytes, { component: name, trust, now })
  return { sequence, key, ...(certificates.length === 0 ? {} : { certificates }) }
}
