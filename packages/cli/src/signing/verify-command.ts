import { resolve } from 'node:path'
import { determineTrust, readComponentSignature, surveyComponent, type TrustVerdict } from '@bulkhead/trust'
import { answer } from '../answer.js'
import { exitCodes } from '../exit-codes.js'
import { printable } from '../printable.js'
import type { Paint } from '../sgr.js'
import type { Terminal } from '../terminal.js'
import { pathText, uncut } from '../wording.js'
import { manifestText } from './sign-command.js'
import { isEmbedded, type SignedComponent, signedComponent } from './signed-component.js'
import { trustDocument } from './trust-document.js'

export type VerifyFlags = { readonly trust?: string; readonly manifest?: string; readonly json?: boolean }

type Verified = TrustVerdict & { readonly signed: boolean; readonly component: SignedComponent }

/**
 * `bulkhead verify COMPONENT`: how far a component would be trusted, and why.
 *
 * @returns 0 when it is trusted, else 3; a signature that proves something else is an error, exit 3 as well.
 */
export async function verifyCommand(
  reference: string,
  flags: VerifyFlags,
  terminal: Terminal,
  now: number = Date.now(),
): Promise<number> {
  const trust = await trustDocument(flags, terminal)
  const component = await signedComponent(reference, flags.manifest, terminal)
  const signature = readComponentSignature(component.file)
  const verdict = await determineTrust(
    {
      componentDigest: component.digest,
      manifestDigest: component.manifest?.digest ?? null,
      ...surveyComponent(component.file, manifestFile(component, terminal)),
      now,
      ...(signature === undefined ? {} : { signature }),
    },
    trust,
  )
  const found: Verified = { ...verdict, signed: signature !== undefined, component }
  answer(terminal, flags, found, (one, paint) => renderVerified(one, terminal.directory, paint))
  return verdict.level === 'trusted' ? exitCodes.done : exitCodes.refused
}

function manifestFile(component: SignedComponent, { directory }: Terminal): string | undefined {
  if (component.manifest === undefined || isEmbedded(component)) return undefined
  return resolve(directory, component.manifest.place)
}

function renderVerified(found: Verified, directory: string, paint: Paint): readonly string[] {
  const { level, reason, revoked, keys, signed, component, provenance } = found
  const word = paint(level === 'trusted' ? 'green' : 'red', revoked ? 'revoked' : level)
  const { manifest } = component
  return [
    `${word}  ${printable(reason)}`,
    `component  ${pathText(component.file, directory)}  ${component.digest}`,
    `manifest   ${manifest === undefined ? 'none' : `${manifestText(manifest.place, directory)}  ${manifest.digest}`}`,
    ...keys.map((key) => `signed by  ${uncut(key)}`),
    ...(signed ? [] : ['signed by  nobody: there is no .sig file beside it']),
    ...(provenance === undefined
      ? []
      : [
          `built from ${printable(provenance.repository)} ${printable(provenance.ref)} ${printable(provenance.commit)}`,
        ]),
  ]
}
