// Puts the focus into the field that the address names ("#daily-cap"), when the fields are there and when another one is named.
import { useEffect } from "react";

export function Aimed() {
  useEffect(() => {
    const aim = () => {
      const field = document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
      if (!field) return;
      field.focus({ preventScroll: true });
      field.scrollIntoView({ block: "center" });
    };
    aim();
    window.addEventListener("hashchange", aim);
    return () => window.removeEventListener("hashchange", aim);
  }, []);
  return null;
}
