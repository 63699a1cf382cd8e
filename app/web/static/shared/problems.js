// What went wrong lately on this page, for a report that a person can send. No picture, no stroke, no address of anybody.
const MAX_PROBLEMS = 8;
const MAX_CHARACTERS = 300;

/** @type {string[]} */
const problems = [];

/** @param {unknown} what  a sentence, or what a script threw */
export function note(what) {
  const text = what instanceof Error ? `${what.name}: ${what.message}` : String(what);
  problems.push(`${new Date().toISOString().slice(11, 19)} ${text.slice(0, MAX_CHARACTERS)}`);
  problems.splice(0, problems.length - MAX_PROBLEMS);
}

export const recent = () => [...problems];

/** @param {Window} page  whose uncaught errors are noted from now on */
export function noteErrorsOf(page) {
  page.addEventListener('error', ({ error, message }) => note(error ?? message));
  page.addEventListener('unhandledrejection', ({ reason }) => note(reason));
}
