const forms = [
  // A number.
  /^\d+$/,
  // A date, perhaps with a time: 2024-05, 20240517, 2024-05-17T10:00.
  /^\d{4}[-_.]?\d{2}([-_.]?\d{2})?([T_ -][\d:.Z+-]*)?$/,
  // A UUID.
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  // A hash: hexadecimal, long, and no word.
  /^(?=.*\d)[0-9a-f]{12,}$/i,
]

/** Whether a name looks like one of many that a program makes up: a number, a date, a UUID, a hash. */
export function isVaryingName(name: string): boolean {
  return forms.some((form) => form.test(name))
}
