// Sorts the week's sales with a program of the host, and sends them to whoever keeps the books.
import { send } from 'acme:mail/sender@1.0.0'
import { run as runProgram } from 'acme:tools/run@1.0.0'

const sales = ['1990 saffron', '450 tea', '725 honey', '180 flour']

export const run = {
  run() {
    send('books@example.com', 'Sales of the week', runProgram('/usr/bin/sort', ['-n'], `${sales.join('\n')}\n`))
  },
}
