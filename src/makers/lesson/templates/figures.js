// Whether a typed text is a number: the rule of the maker's docs ("Typed numbers"), as the game's server has it.
// Numbers are compared as texts, so no digit is lost. A figure has a canonical number, the forms of its unit
// (the longest first), the words that say it, and the decimal sign of its language.
"use strict";
const figures = (() => {
  const INVISIBLE = /[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;
  const BLANKS = /[\u0009-\u000d\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/gu;
  const CAPITALS = /[A-Z\u00c0-\u00d6\u00d8-\u00de\u0410-\u042f]/g; // their small letters come 32 places behind
  const ZEROS = [0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0xf20,
    0x1040, 0x17e0, 0x1810, 0xff10];
  const SIGNS = [[/[\u2010-\u2013\u2212\ufe63\uff0d]/gu, "-"], [/\uff0b/gu, "+"], [/\u2019/gu, "'"], [/[\u066b\uff0e]/gu, "."],
    [/[\u060c\u066c\uff0c]/gu, ","], [/[\u066a\uff05]/gu, "%"]];

  function digit(sign) {
    const code = sign.codePointAt(0);
    const zero = ZEROS.find((first) => code >= first && code <= first + 9);
    return zero === undefined ? sign : String(code - zero);
  }

  const trim = (text) => text.replace(/^ +| +$/g, "");

  function plain(text) {
    let ret = text.replace(INVISIBLE, "").replace(BLANKS, " ").replace(CAPITALS, (letter) => String.fromCharCode(letter.charCodeAt(0) + 32));
    for (const [pattern, sign] of SIGNS) ret = ret.replace(pattern, sign);
    return trim([...ret].map(digit).join(""));
  }

  // Groups of three behind one to three digits, no zero in front, one and the same separator.
  const isGroups = (text) => /^[1-9][0-9]{0,2}([,' ])[0-9]{3}(\1[0-9]{3})*$/.test(text);
  const isDigits = (text) => /^[0-9]+$/.test(text);

  // Where the decimal sign is a comma, commas and points change places first.
  const exchanged = (text) => text.replace(/[.,]/g, (sign) => (sign === "." ? "," : "."));

  // Canonical digits, or null. A comma separates thousands where it can, and is a decimal comma elsewhere.
  function readDigits(text) {
    let at = text.indexOf(".");
    if (at < 0 && text.split(",").length === 2 && !isGroups(text)) at = text.indexOf(",");
    const part = at < 0 ? "" : text.slice(at + 1);
    const whole = at < 0 ? text : text.slice(0, at) || "0";
    if ((at >= 0 && !isDigits(part)) || (!isDigits(whole) && !isGroups(whole))) return null;
    const decimals = part.replace(/0+$/, "");
    const digits = whole.replace(/[^0-9]/g, "").replace(/^0+(?=.)/, "");
    return decimals === "" ? digits : `${digits}.${decimals}`;
  }

  const isLetter = (sign) => sign !== undefined && /^[a-z\u0080-\uffff]$/.test(sign);

  // "s" is no unit in "seven", nor "days" in "workdays": letters must not touch it.
  function withoutUnit(text, units, isBehind) {
    const unit = units.find((one) => {
      const isThere = one.length < text.length && (isBehind ? text.endsWith(one) : text.startsWith(one));
      const neighbour = text[isBehind ? text.length - one.length - 1 : one.length];
      return isThere && !(isLetter(neighbour) && isLetter(isBehind ? one[0] : one.at(-1)));
    });
    if (unit === undefined) return null;
    return trim(isBehind ? text.slice(0, text.length - unit.length) : text.slice(unit.length));
  }

  function is(figure, typed) {
    let text = plain(typed);
    let sign = "";
    const takeSign = () => {
      if (sign !== "" || !/^[+-]/.test(text)) return;
      sign = text[0];
      text = trim(text.slice(1));
    };
    if (text.endsWith(".")) text = trim(text.slice(0, -1));
    takeSign();
    const rest = withoutUnit(text, figure.units, false);
    text = rest ?? withoutUnit(text, figure.units, true) ?? text;
    if (rest !== null) takeSign();
    if (sign === "" && figure.words.includes(text)) return true;
    const number = readDigits(figure.hasComma ? exchanged(text) : text);
    return (sign === "-" && number !== null && number !== "0" ? `-${number}` : number) === figure.number;
  }

  return { is };
})();
