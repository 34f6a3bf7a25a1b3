// A wrong setting: a taken port, a folder that cannot be written. A program that meets one ends with exit code 2, which tells
// its supervisor that starting it again cannot help.

/** Raised when a setting has to change before the program can run. The message names the setting and what to do. */
export class SettingError extends Error {
  override readonly name = 'SettingError'
}
