// The colours of the stylesheet as they are in light or in dark, whichever of them the page shows: for files, which have no stylesheet of ours.
const SELECTORS = { light: ":root", dark: ".dark" };

// Gives a function from a token's name ("line-strong") to its colour.
export function tokensOf(theme) {
  const rules = [...document.styleSheets].flatMap(rulesOf);
  const found = (selector, name) => rules.filter((rule) => rule.selectorText === selector).map((rule) => rule.style.getPropertyValue(`--cs-${name}`).trim()).findLast(Boolean);
  return (name) => found(SELECTORS[theme], name) ?? found(SELECTORS.light, name);
}

function rulesOf(sheet) {
  try {
    return [...sheet.cssRules];
  } catch {
    return []; // of another origin, such as an extension's
  }
}
