import type { LetterReason } from '@bulkhead/admin'
import { Command, Option } from 'commander'
import type { DeadLetterFlags } from '../messages/deadletters-command.js'
import type { MessagesFlags } from '../messages/messages-command.js'
import type { PublishFlags } from '../messages/publish-command.js'
import type { RequestFlags } from '../messages/request-command.js'
import type { SubscribeFlags } from '../messages/subscribe-command.js'
import { aboutState, examples, type Room, type Setting } from './room.js'

/** Everything here passes through the process that runs the tree; where none does, the exit code is 4. */
export const messagesRoom: Room = (setting) => [
  publish(setting),
  request(setting),
  subscribe(setting),
  messages(setting),
  deadLetters(setting),
]

/** `letterReasons` of the admin package, which only commands load that ask a process. */
const reasons: readonly LetterReason[] = [
  'no-subscriber',
  'lost-in-crash',
  'poison',
  'stale-incarnation',
  'revoked',
  'expired',
]
const bodyHelp = 'the body; `-` reads it from stdin (default: empty)'

function sending(name: string): Command {
  return aboutState(new Command(name))
    .argument('<topic>', 'for example orders.new')
    .argument('[body]', bodyHelp)
    .option('--file <path>', 'the body, as the bytes of a file')
    .option('--traceparent <value>', 'the trace that the message belongs to (W3C Trace Context)')
}

function publish(setting: Setting): Command {
  return sending('publish')
    .summary('send a message to whoever is subscribed to its topic')
    .description('Sends a message and says how many have accepted it. Exit 1 when one of them had no room.')
    .addHelpText(
      'after',
      examples(['bulkhead publish orders.new \'{"id":1}\'', 'bulkhead publish orders.new - < order.json']),
    )
    .action(async (topic: string, body: string | undefined, flags: PublishFlags) => {
      setting.end(await (await import('../messages/publish-command.js')).publishCommand(topic, body, flags, setting))
    })
}

function request(setting: Setting): Command {
  return sending('request')
    .summary('send a message and print the answer')
    .description('Prints the body of the first answer. Exit 1 when nobody answers in time.')
    .option('--timeout <duration>', 'how long to wait for it (default: 30s)')
    .addHelpText(
      'after',
      examples([
        'bulkhead request catalogue.price chair',
        'bulkhead request catalogue.price chair --timeout 2s --json',
      ]),
    )
    .action(async (topic: string, body: string | undefined, flags: RequestFlags) => {
      setting.end(await (await import('../messages/request-command.js')).requestCommand(topic, body, flags, setting))
    })
}

function subscribe(setting: Setting): Command {
  return aboutState(new Command('subscribe'))
    .summary('print the messages of a pattern of topics as they come')
    .description('Prints messages until it is interrupted. It takes none away from the components that get them.')
    .argument('<pattern>', '`*` is one token, a last `>` one or more: orders.>')
    .option('--count <n>', 'end after so many messages')
    .option('--raw', 'print bodies alone, byte for byte where a program reads them, each with a line end')
    .addHelpText(
      'after',
      examples(["bulkhead subscribe 'orders.>'", 'bulkhead subscribe orders.new --json --count 10 | jq .text']),
    )
    .action(async (pattern: string, flags: SubscribeFlags) => {
      setting.end(await (await import('../messages/subscribe-command.js')).subscribeCommand(pattern, flags, setting))
    })
}

function messages(setting: Setting): Command {
  return aboutState(new Command('messages'))
    .summary('mailboxes, rates, refusals and dead letters of each child')
    .option('--tenants', 'a line for each tenant')
    .addHelpText('after', examples(['bulkhead messages', 'bulkhead messages --tenants']))
    .action(async (flags: MessagesFlags) => {
      setting.end(await (await import('../messages/messages-command.js')).messagesCommand(flags, setting))
    })
}

function deadLetters(setting: Setting): Command {
  return aboutState(new Command('deadletters'))
    .summary('messages that were accepted and yet not processed')
    .description('Lists them, oldest first; prints the body of one; sends them again, or forgets them.')
    .argument('[id]', 'of the one to show')
    .option('--child <id>', 'those that it sent, or that were in its mailbox')
    .addOption(new Option('--reason <reason>', 'those of this reason').choices(reasons))
    .option('--limit <n>', 'the newest so many (default: 100)')
    .option('--replay [id...]', 'send these once more, to whoever their topics have now')
    .option('--discard [id...]', 'forget these')
    .option('--all', 'with --replay or --discard: all that are kept')
    .addHelpText(
      'after',
      examples([
        'bulkhead deadletters --reason poison',
        'bulkhead deadletters 3 > body.bin',
        'bulkhead deadletters --replay 3 4',
        'bulkhead deadletters --discard --all',
      ]),
    )
    .action(async (id: string | undefined, flags: DeadLetterFlags) => {
      setting.end(await (await import('../messages/deadletters-command.js')).deadLettersCommand(id, flags, setting))
    })
}
