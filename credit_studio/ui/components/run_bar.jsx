// The bar at the bottom of a phone: it goes while the price panel's own button can be seen.
import { OctagonX } from "lucide-react";
import { useEffect, useState } from "react";

// What stops the run, and where that can be changed.
export function BarStop({ head, why, href, label }) {
  return (
    <span className="bar-stop" data-cs="bar-stop">
      <b className="strong bad row tight">
        <OctagonX className="ic s" aria-hidden="true" />
        {head}
      </b>
      <span className="small muted">{why}</span>
      {href && (
        <a href={href} className="small">
          {label}
        </a>
      )}
    </span>
  );
}

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
