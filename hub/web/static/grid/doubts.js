// What looks wrong while somebody types: a hint, before the server reads it by the rules. Gives the name of a text, or "". Pure.

const half = (text) => text.replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0)).replace(/[\u3000\u00a0\u202f]/g, " ").trim();

export function doubt(kind, typed) {
  const text = half(typed);
  if (text === "" || text === "-") return "";
  if (/^[+-]?\d(\.\d+)?[Ee]\+?\d+$/.test(text)) return "doubt_digits";
  if (kind === "number" && /^[+-]?\d+\u3002\d*$/.test(text)) return "doubt_stop";
  if (kind === "number" && !/^[+-]?(\d[\d,]*)?\.?\d*$/.test(text)) return "doubt_number";
  if (kind === "date" && !/^[\d./\u5e74\u6708\u65e5 -]*$/.test(text)) return "doubt_date";
  if (kind === "month" && !/^[\d./\u5e74\u6708 -]*$/.test(text)) return "doubt_month";
  return "";
}
