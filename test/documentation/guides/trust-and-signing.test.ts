import { tryGuide } from '../try-guide.js'

tryGuide('trust-and-signing')
