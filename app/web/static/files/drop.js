// Files dropped or pasted on the page. Without this a dropped file would replace the page, and with it the painting.
/**
 * @param {object} options
 * @param {HTMLElement} options.zone  shows that a file is over the page
 * @param {() => boolean} options.visible  whether the tab is shown
 * @param {(file: File, target: HTMLElement) => void} options.take
 * @param {(files: File[]) => void} [options.many]  several at once; without it the first picture is taken
 */
export function acceptFiles({ zone, visible, take, many }) {
  const picture = (list) => [...(list ?? [])].find((file) => file.type.startsWith('image/')) ?? list?.[0];
  const carriesFile = (event) => [...(event.dataTransfer?.types ?? [])].includes('Files');
  document.addEventListener('dragover', (event) => {
    if (!visible() || !carriesFile(event)) return;
    event.preventDefault();
    zone.classList.add('dropping');
  });
  document.addEventListener('dragleave', (event) => { if (!event.relatedTarget) zone.classList.remove('dropping'); });
  document.addEventListener('drop', (event) => {
    zone.classList.remove('dropping');
    if (!visible() || !carriesFile(event)) return;
    event.preventDefault();
    if (many && event.dataTransfer.files.length > 1) { many([...event.dataTransfer.files]); return; }
    const file = picture(event.dataTransfer.files);
    if (file) take(file, /** @type {HTMLElement} */ (event.target));
  });
  document.addEventListener('paste', (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (!visible() || target.matches?.('input:not([type=range]), textarea')) return;
    const file = picture(event.clipboardData?.files);
    if (!file) return;
    event.preventDefault();
    take(file, target);
  });
}
