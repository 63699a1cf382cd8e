// Words to the server on the way: if it does not hear them, it only does more than it must.

/**
 * @param {object} server  its functions, as Gradio gives them
 * @param {string} task
 * @returns {{ newest: (message: object) => void, cancel: (message: object) => void }}
 */
export function tellServer(server, task) {
  const tell = (word) => (message) => { server[word]({ ...message, task }).catch(() => {}); };
  return { newest: tell('newest'), cancel: tell('cancel') };
}
