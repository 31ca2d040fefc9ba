import { tryGuide } from '../try-guide.js'

tryGuide('policies')
