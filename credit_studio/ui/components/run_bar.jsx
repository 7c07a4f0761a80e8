// The bar at the bottom of a phone: it goes while the price panel's own button can be seen.
import { useEffect, useState } from "react";

export function RunBar({ children }) {
  const [away, setAway] = useState(false);

  useEffect(() => {
    const panel = document.querySelector(".price");
    if (!panel) return undefined;
    const watch = new IntersectionObserver(
      (seen) => {
        const button = [...panel.querySelectorAll(".btn.full")].find((one) => one.offsetParent);
        const box = button?.getBoundingClientRect();
        setAway(seen.some((one) => one.isIntersecting) && Boolean(box) && box.top < window.innerHeight - 40 && box.bottom > 56);
      },
      { threshold: Array.from({ length: 21 }, (_, step) => step / 20) },
    );
    watch.observe(panel);
    return () => watch.disconnect();
  }, []);

  return (
    <div className="run-bar" hidden={away}>
      {children}
    </div>
  );
}
