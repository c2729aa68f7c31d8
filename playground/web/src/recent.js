// The examples of a description are literal: a contract's do not change with the day. What is filled in to be tried asks for
// the last whole month, in which there is likely something to see.
export function recent(description, now = new Date()) {
  const instant = (month, second) =>
    new Date(Date.UTC(now.getUTCFullYear(), month, 1, 0, 0, second)).toISOString().replace('.000Z', 'Z');
  const month = now.getUTCMonth();
  const examples = { startDate: instant(month - 1, 0), endDate: instant(month, -1) };
  for (const methods of Object.values(description.paths)) {
    for (const { parameters } of Object.values(methods)) {
      for (const parameter of parameters ?? []) {
        if (parameter.name in examples) parameter.example = examples[parameter.name];
      }
    }
  }
  return description;
}
