// Honest: hears of incidents, as anybody may who is granted to subscribe to their topic.
import { Message } from 'messaging'
import { print } from 'wasi'

export function handle(message: Message): string | null {
  print(
    `incident ${field(message.body, 'id')}: ${field(message.body, 'child')}, ${field(message.body, 'from')} to ${field(message.body, 'to')}`,
  )
  return null
}

/** The host wrote it: a flat object. */
function field(json: string, name: string): string {
  const at = json.indexOf(`"${name}":`)
  if (at < 0) return '?'
  const from = at + name.length + 3
  const end = json.indexOf(',', from)
  return json.substring(from, end).replaceAll('"', '')
}
