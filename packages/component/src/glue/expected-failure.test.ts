import { expect, test } from 'vitest'
import { expectedFailure } from './expected-failure.js'
import { listOf, parseModule } from './syntax-tree.js'

function leftOf(source: string): string | undefined {
  const [statement] = listOf(parseModule(source), 'body')
  const found = statement === undefined ? undefined : expectedFailure(statement, source)
  return found === undefined ? undefined : source.slice(found.start, found.end)
}

test('what is left of the attempt is its fallback', () => {
  expect(leftOf('try { a = WebAssembly.promising(b.c) } catch (err) { a = b.c }')).toBe('a = b.c')
})

test.each([
  'try { a = WebAssembly.promising(b.c) } catch (err) { a = b.d }',
  'try { a = WebAssembly.promising(b.c) } catch (err) { x = b.c }',
  'try { a += WebAssembly.promising(b.c) } catch (err) { a = b.c }',
  'try { a = WebAssembly.promising(b.c, d) } catch (err) { a = b.c }',
  'try { a = WebAssembly.promising(f()) } catch (err) { a = f() }',
  'try { a = WebAssembly.Module(b.c) } catch (err) { a = b.c }',
  'try { a = Other.promising(b.c) } catch (err) { a = b.c }',
  'try { a = WebAssembly.promising(b.c); d() } catch (err) { a = b.c }',
  'try { a = WebAssembly.promising(b.c) } catch (err) { a = b.c; d() }',
  'try { a = WebAssembly.promising(b.c) } catch (err) { a = b.c } finally { d() }',
  'try { a = WebAssembly.promising(b.c) } finally { a = b.c }',
  'a = WebAssembly.promising(b.c)',
])('anything else stays: %s', (source) => {
  expect(leftOf(source)).toBeUndefined()
})
