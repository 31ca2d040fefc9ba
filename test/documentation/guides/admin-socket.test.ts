import { tryGuide } from '../try-guide.js'

tryGuide('admin-socket')
