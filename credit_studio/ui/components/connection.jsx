// Tells of a lost connection in words. Reflex keeps the list of failed attempts in its event loop's context.
import { useContext, useEffect } from "react";
import { EventLoopContext } from "$/utils/context";
import { Unplug } from "lucide-react";

const BEFORE_TELLING = 2;

export function Connection() {
  const [, errors] = useContext(EventLoopContext);
  const lost = errors.length >= BEFORE_TELLING;
  useEffect(() => {
    document.documentElement.toggleAttribute("data-offline", lost);
  }, [lost]);
  return (
    <div role="status">
      {lost && (
        <div className="toast">
          <Unplug className="ic muted" aria-hidden="true" />
          <div>
            <b className="strong">Connection lost</b>
            <p className="muted">The balance may be out of date. Trying again.</p>
          </div>
        </div>
      )}
    </div>
  );
}
