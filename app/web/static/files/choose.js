// Files that the person chooses, and files as text.
import { make } from '../shared/dom.js';

const PHOTO_TYPES = 'image/*,.tif,.tiff'; // the server reads more than a browser does

/**
 * @param {object} [options]
 * @param {string} [options.accept]  kinds of file, as an input's attribute has them
 * @param {boolean} [options.many]  whether several can be chosen
 * @returns {Promise<File[]>} none where the person thought better of it
 */
export function chooseFiles({ accept = PHOTO_TYPES, many = false } = {}) {
  return new Promise((resolve) => {
    const input = make('input', {
      type: 'file', accept, multiple: many, onchange: () => resolve([...input.files]), oncancel: () => resolve([]),
    });
    input.click();
  });
}

/**
 * @param {Blob} blob
 * @returns {Promise<string>} its bytes as a data URL
 */
export function toDataUrl(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(/** @type {string} */ (reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

/**
 * @param {string} address  of the page's own, or a data URL
 * @param {string} name  for the file
 */
export async function fetchFile(address, name) {
  const blob = await (await fetch(address)).blob();
  return new File([blob], name, { type: blob.type });
}
