// The page's policy takes <style> elements with its nonce alone. The editor makes such elements while it runs and knows
// no nonce, so every one that a script makes gets it here; one that comes in by markup does not.
const { nonce } = document.querySelector('meta[property="csp-nonce"]');
const createElement = document.createElement;

document.createElement = function (...of) {
  const element = createElement.apply(this, of);
  if (element instanceof HTMLStyleElement) element.nonce = nonce;
  return element;
};
