import { tryGuide } from '../try-guide.js'

tryGuide('getting-started')
