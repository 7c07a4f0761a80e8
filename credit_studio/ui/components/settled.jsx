// Says a sentence to screen readers once it has stood still for a while, so that typing is not read out keystroke by keystroke.
import { useEffect, useState } from "react";

const STILL_MS = 600;

export function Settled({ text }) {
  const [said, setSaid] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSaid(text), STILL_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <span className="vh" role="status">
      {said}
    </span>
  );
}
