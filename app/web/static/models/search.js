// Names that fit what a person types.

/**
 * @param {string[]} names
 * @param {string} typed
 * @param {number} most  names at most
 * @returns {string[]} those with the typed text in them: first those that begin with it, then those with a word that does
 */
export function matching(names, typed, most) {
  const wanted = typed.trim().toLowerCase();
  const place = (name) => {
    const at = name.toLowerCase().indexOf(wanted);
    if (at <= 0) return at;
    return ` ${name.toLowerCase()}`.includes(` ${wanted}`) ? 1 : 2;
  };
  const found = names.map((name) => ({ name, at: place(name) })).filter(({ at }) => at >= 0);
  return found.sort((a, b) => a.at - b.at).slice(0, most).map(({ name }) => name); // sort keeps the order of equal ones
}
