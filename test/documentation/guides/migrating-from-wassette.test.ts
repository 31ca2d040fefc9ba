import { tryGuide } from '../try-guide.js'

tryGuide('migrating-from-wassette')
