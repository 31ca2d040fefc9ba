import type { KeyKind } from '@bulkhead/trust'
import { Command, Option } from 'commander'
import type { SignFlags } from '../signing/sign-command.js'
import type { VerifyFlags } from '../signing/verify-command.js'
import { examples, printing, type Room } from './room.js'

export const signingRoom: Room = ({ terminal, end }) => {
  const newKey = printing(new Command('new'))
    .summary('make a key pair')
    .description(
      'Writes the private key to NAME, readable by you alone, and the public one to NAME.pub. Nothing is overwritten.',
    )
    .argument('<name>', 'file of the private key')
    .addOption(new Option('--type <type>', 'kind of the key').choices(['ed25519', 'es256']).default('ed25519'))
    .addHelpText('after', examples(['bulkhead keys new release.key']))
    .action(async (name: string, flags: { readonly type: KeyKind; readonly json?: boolean }) => {
      end(await (await import('../signing/keys-command.js')).newKeyCommand(name, flags, terminal))
    })
  const showKey = printing(new Command('show'))
    .summary('print the public key of a key file')
    .argument('<file>', 'a private key, or a .pub file')
    .addHelpText('after', examples(['bulkhead keys show release.key']))
    .action(async (file: string, flags: { readonly json?: boolean }) => {
      end(await (await import('../signing/keys-command.js')).showKeyCommand(file, flags, terminal))
    })
  return [
    new Command('keys')
      .summary('make keys that sign')
      .description('Make keys that sign, and see their public half.')
      .addCommand(newKey)
      .addCommand(showKey),
    signing(printing(new Command('sign')))
      .summary('sign a component with its manifest')
      .description(
        'Signs the bytes of a component and of its manifest, in one statement; it goes beside the component, as FILE.sig.',
      )
      .argument('<component>', 'a path, or npm:PACKAGE/FILE')
      .option('--manifest <file>', 'its manifest (default: the embedded one, else the one beside it)')
      .option('--repository <url>', 'claim that it was built from this repository')
      .option('--ref <ref>', 'and from this ref, such as refs/heads/main')
      .option('--commit <sha>', 'and from this commit, 40 hexadecimal digits')
      .addHelpText(
        'after',
        examples([
          'bulkhead sign ingest.wasm --key release.key',
          'bulkhead sign ingest.wasm --key ci.key --repository https://github.com/acme/ingest --ref refs/heads/main --commit "$(git rev-parse HEAD)"',
        ]),
      )
      .action(async (component: string, flags: SignFlags) => {
        end(await (await import('../signing/sign-command.js')).signCommand(component, flags, terminal))
      }),
    printing(new Command('verify'))
      .summary('show how far a component would be trusted, and why')
      .description(
        'Verifies the signature beside a component, if any, and finds the trust source that matches. Exit 3 when none does.',
      )
      .argument('<component>', 'a path, or npm:PACKAGE/FILE')
      .option('--trust <file>', 'the trust document (default: ./trust.toml)')
      .option('--manifest <file>', 'its manifest (default: the embedded one, else the one beside it)')
      .addHelpText('after', examples(['bulkhead verify ingest.wasm --trust trust.toml']))
      .action(async (component: string, flags: VerifyFlags) => {
        end(await (await import('../signing/verify-command.js')).verifyCommand(component, flags, terminal))
      }),
  ]
}

/** The flags of every command that signs. */
export function signing(command: Command): Command {
  return command
    .requiredOption('--key <file>', 'the private key, as `keys new` makes it')
    .option('--certificates <file>', 'the chain of certificates of the key, in PEM form, leaf first')
    .option('-o, --output <file>', 'where the signature goes (default: beside what is signed, with .sig)')
    .option('--force', 'overwrite an old signature')
}
