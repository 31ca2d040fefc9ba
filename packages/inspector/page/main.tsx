// The live page: one stream of what happens, questions about what is looked at, orders behind a confirmation. Nothing that
// a component says is ever set as anything but text.
import { render } from 'preact'
import { Server } from './live/ask.js'
import { Connection } from './live/connection.js'
import { happeningOf } from './live/happening-of.js'
import { Store } from './live/store.js'
import { TokenKeeper } from './live/token.js'
import { App } from './views/app.js'

const place = document.getElementById('page')
if (place === null) throw new Error('the page has no place to draw in')

const store = new Store()
const keeper = new TokenKeeper()
const server = new Server(keeper)
const connection = new Connection({
  path: 'api/stream',
  store,
  keeper,
  // Whoever asks for it has the runtime look at its walls; the stream tells what it saw.
  onOpen: () => void server.question('healthz'),
  onMessage: ({ data }) => store.tell(happeningOf(data, Date.now())),
})
place.replaceChildren()
render(<App store={store} server={server} connection={connection} />, place)
void connection.run()
