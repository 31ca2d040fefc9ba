import { resolve } from 'node:path'
import { type Provenance, readCertificates, readPrivateKey, signComponent } from '@bulkhead/trust'
import { BulkheadError } from '@bulkhead/vocabulary'
import { answer } from '../answer.js'
import { exitCodes } from '../exit-codes.js'
import type { Terminal } from '../terminal.js'
import { pathText } from '../wording.js'
import { writeOutput } from '../write-output.js'
import { signedComponent } from './signed-component.js'

/** How commands name what signs, and where the signature goes. */
export type SignerFlags = {
  readonly key: string
  readonly certificates?: string
  readonly output?: string
  readonly force?: boolean
  readonly json?: boolean
}

export type SignFlags = SignerFlags & {
  readonly manifest?: string
  readonly repository?: string
  readonly ref?: string
  readonly commit?: string
}

/** `bulkhead sign COMPONENT --key FILE`: signs the bytes of a component and of its manifest, both in one statement. */
export async function signCommand(reference: string, flags: SignFlags, terminal: Terminal): Promise<number> {
  const { directory } = terminal
  const provenance = provenanceOf(flags)
  const { privateKey, chain } = signerOf(flags, directory)
  const component = await signedComponent(reference, flags.manifest, terminal)
  const token = await signComponent({
    component: component.digest,
    manifest: component.manifest?.digest ?? null,
    privateKey,
    ...chain,
    ...(provenance === undefined ? {} : { provenance }),
  })
  const output = flags.output ?? `${component.file}.sig`
  await writeOutput(output, `${token}\n`, flags, terminal)
  const found = {
    signature: resolve(directory, output),
    key: privateKey.publicKey.text,
    component: component.digest,
    manifest: component.manifest ?? null,
  }
  answer(terminal, flags, found, ({ signature, key, manifest }, paint) => [
    `${paint('green', 'wrote')}      ${pathText(signature, directory)}`,
    `component  ${component.digest}`,
    `manifest   ${manifest === null ? 'none' : `${manifest.digest}  ${manifestText(manifest.place, directory)}`}`,
    `key        ${key}`,
  ])
  return exitCodes.done
}

/** The manifest that was found, for people. */
export function manifestText(place: string, directory: string): string {
  return place === 'embedded' ? 'in the component' : pathText(resolve(directory, place), directory)
}

/** The private key, and its chain of certificates where one is given. */
export function signerOf(
  flags: SignerFlags,
  directory: string,
): {
  readonly privateKey: ReturnType<typeof readPrivateKey>
  readonly chain: { readonly x5c?: readonly string[] }
} {
  const privateKey = readPrivateKey(resolve(directory, flags.key))
  const chain =
    flags.certificates === undefined ? {} : { x5c: readCertificates(resolve(directory, flags.certificates)) }
  return { privateKey, chain }
}

/** All of it or nothing: half a claim of origin would match no source. */
function provenanceOf({ repository, ref, commit }: SignFlags): Provenance | undefined {
  if (repository !== undefined && ref !== undefined && commit !== undefined) return { repository, ref, commit }
  if (repository === undefined && ref === undefined && commit === undefined) return undefined
  throw new BulkheadError('usage', '--repository, --ref and --commit belong together', {
    hint: '--repository https://github.com/acme/app --ref refs/heads/main --commit "$(git rev-parse HEAD)"',
  })
}
