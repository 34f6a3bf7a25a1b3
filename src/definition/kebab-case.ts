// Names of code in other places: an address of a model, a file of an event. `NoteWritten` is `note-written`.

/** Turns a name of words with capitals into lower case words joined by hyphens. */
export function kebabCase(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase()
}
