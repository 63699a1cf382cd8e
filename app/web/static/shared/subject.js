// What the pictures of the model in use show, in the page's sentences: {a}, {one}, {many} and {things} stand for its words,
// with a capital where the name has one.
import { onestroke } from './bus.js';

/**
 * @param {string} sentence
 * @param {Record<string, string>} [words]  of a model, that in use by default
 * @returns {string} the sentence with the words in place of their names; other braces stay
 */
export function fit(sentence, words = onestroke.model.words) {
  return sentence.replace(/\{(a|one|many|things)\}/gi, (braces, name) => {
    const word = words[name.toLowerCase()];
    if (word === undefined) return braces;
    return name[0] === name[0].toUpperCase() ? word.charAt(0).toUpperCase() + word.slice(1) : word;
  });
}

/**
 * Shows a sentence that fits, at once and whenever another model is in use.
 * @param {string} sentence
 * @param {(text: string) => void} show
 */
export function fitted(sentence, show) { onestroke.onModel(({ words }) => show(fit(sentence, words))); }

/**
 * @template {Node} N
 * @param {N} node
 * @param {string} sentence
 * @returns {N} the node, with the sentence that fits as its text
 */
export function worded(node, sentence) {
  fitted(sentence, (text) => { node.textContent = text; });
  return node;
}
