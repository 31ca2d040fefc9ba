import { prepareMessages } from '../../../docs/examples/messages/prepare.mjs'
import { tryGuide } from '../try-guide.js'

tryGuide('messages', prepareMessages)
