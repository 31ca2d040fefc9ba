// Publishes as fast as it can. Its manifest allows it 20 messages a second.
import { publish } from 'messaging'
import { print } from 'wasi'

export function run(): void {
  print('flooding')
  for (;;) publish('ledger.spam', 'buy cheap pills')
}
