import { tryGuide } from '../try-guide.js'

tryGuide('health')
