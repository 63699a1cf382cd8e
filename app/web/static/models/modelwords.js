// Every sentence of the Models tab.
export const MODEL_WORDS = {
  installed: 'On this computer', use: 'Use this model', inUse: 'In use', unusable: 'Cannot be used',
  offers: 'To be fetched', offersNote: 'From the Hugging Face Hub, into the folder of models. Nothing is asked of anybody until you press Fetch.',
  fetch: 'Fetch', stop: 'Stop', stops: 'It stops with the next bytes', here: 'Is here',
  open: 'Open a model', path: 'Path of a file, or of a folder that diffusers wrote', openIt: 'Open',
  others: 'Only a person at the computer that this runs on can change the model.',
};

const MODEL_NAME = /(^[^.]+|\.(safetensors|pt|pth|bin))$/i; // of a file (app/models.py), or of a folder

/** @param {string} folder  @returns {string} */
export const whatFolder = (folder) => `What lies in ${folder} is in the list above. Files of Onestroke, OpenAI's .pt files and diffusers' folders can be opened.`;
/**
 * @param {string} name  of a file or folder that was dropped: a browser does not tell where it lies
 * @param {string} folder  of models
 */
export function droppedSaid(name, folder) {
  if (!MODEL_NAME.test(name)) return `${name} is not a model: a file that ends in .safetensors, .pt, .pth or .bin, or a folder that diffusers wrote.`;
  return `A browser does not tell where ${name} lies: paste its path below, or move it to ${folder}, and it is in the list.`;
}
/** @param {string} next  @param {string} now  names of models */
export const loadingSaid = (next, now) => `${next} is being loaded. Until then everything goes on with ${now}.`;
/** @param {{ done: number, size: number }} way  in bytes */
export const arrivedSaid = ({ done, size }) => `${fileSize(done)} of ${fileSize(size)}`;

/** @param {string} licence  a name, or what the card says in sentences */
export const licenceSaid = (licence) => `Licence: ${licence}`;

/** @param {number} bytes */
export function fileSize(bytes) {
  return bytes < 1e9 ? `${Math.max(1, Math.round(bytes / 1e6))} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/**
 * @param {{ side?: number, size: number, looks?: number }} model  size in bytes, looks by their number
 * @returns {string}
 */
export function factsLine({ side, size, looks }) {
  const parts = [side && `${side} x ${side} pixels`, fileSize(size), looks && `${looks} looks`];
  return parts.filter(Boolean).join(', ');
}
