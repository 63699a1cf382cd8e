// Words to the server on the way: if it does not hear them, it only does more than it must.

/**
 * @param {object} server  its functions, as Gradio gives them
 * @returns {{ newest: (message: object) => void, cancel: (message: object) => void, queuePosition: (message: object) => Promise<number> }}
 */
export function tellServer(server) {
  const tell = (word) => (message) => { server[word](message).catch(() => {}); };
  return {
    newest: tell('newest'),
    cancel: tell('cancel'),
    queuePosition: (message) => server.queue_position(message).then((answer) => answer?.queue_position ?? 0, () => 0),
  };
}
