/** Light, dark, or as the system says. */
import { useEffect, useState } from "react";

type Theme = "auto" | "light" | "dark";
const NEXT: Record<Theme, Theme> = { auto: "light", light: "dark", dark: "auto" };
const GLYPH: Record<Theme, string> = { auto: "◐", light: "☀", dark: "☾" };

export function ThemeButton() {
  const [theme, setTheme] = useState(stored);
  useEffect(() => {
    document.documentElement.classList.toggle("ltg-dark", theme === "dark");
    document.documentElement.classList.toggle("ltg-light", theme === "light");
  }, [theme]);
  const turn = () => {
    setTheme(NEXT[theme]);
    try {
      localStorage.setItem("ltg-theme", NEXT[theme]);
    } catch {
      // a page from disk may have no storage: then it is forgotten
    }
  };
  return <button type="button" className="ltg-small" onClick={turn} title={`colours: ${theme}`} aria-label={`colours: ${theme}`}>{GLYPH[theme]}</button>;
}

function stored(): Theme {
  try {
    const found = localStorage.getItem("ltg-theme");
    return found === "light" || found === "dark" ? found : "auto";
  } catch {
    return "auto";
  }
}
