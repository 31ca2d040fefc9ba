// What the host application offers to its plug-ins: mail, by recipient, and programs, by their files.
import { defineHostInterface, spawnAllowed } from 'bulkhead'

export const mailWit = `interface sender {
  send: func(to: string, subject: string, text: string) -> result<_, string>;
}
`

export const toolsWit = `interface run {
  /// Runs a program of the host with this input, and returns what it printed.
  run: func(program: string, args: list<string>, input: string) -> result<string, string>;
}
`

/** Capabilities of the kind `mail` are written like paths: `mail.send = ["/example.com/*"]`. */
export const kinds = /** @type {const} */ ([{ name: 'mail', grammar: 'path', actions: ['send'] }])

/**
 * `ana@example.com` → `/example.com/ana`: what stands first in a pattern is whose address it is.
 *
 * @param {string} address
 */
function mailbox(address) {
  const [name = '', domain = ''] = address.toLowerCase().split('@')
  return `/${domain}/${name}`
}

/** @param {(line: string) => void} print */
export function interfaces(print) {
  const sender = defineHostInterface('acme:mail/sender@1.0.0', {
    wit: mailWit,
    functions: {
      send: {
        authorize: (/** @type {string} */ to) => ({ kind: 'mail', action: 'send', resource: mailbox(to) }),
        run: (
          /** @type {string} */ to,
          /** @type {string} */ subject,
          /** @type {string} */ text,
          /** @type {import('bulkhead').HostCallContext} */ { child },
        ) => {
          print(`mail     ${child} → ${to}: ${subject}`)
          for (const line of text.trim().split('\n')) print(`         │ ${line}`)
        },
      },
    },
  })
  const tools = defineHostInterface('acme:tools/run@1.0.0', {
    wit: toolsWit,
    functions: {
      run: {
        // Which file a name leads to is known when it is opened: `spawnAllowed` asks for that one.
        authorize: 'none',
        run: async (
          /** @type {string} */ program,
          /** @type {string[]} */ args,
          /** @type {string} */ input,
          /** @type {import('bulkhead').HostCallContext} */ context,
        ) => {
          const stdin = new TextEncoder().encode(input)
          const { stdout } = await spawnAllowed(context, { executable: program, args, stdin, deadlineMs: 5_000 })
          print(`program  ${context.child} ran ${program}`)
          return new TextDecoder().decode(stdout)
        },
        failed: (error) => (error instanceof Error ? error.message : 'it failed'),
      },
    },
  })
  return [sender, tools]
}
