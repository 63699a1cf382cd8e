/**
 * @param {string} path  of what the program serves beside the page
 * @returns {string} its address, wherever the page itself lies
 */
export const ownAddress = (path) => `${location.pathname.replace(/\/$/, '')}/onestroke/${path}`;
