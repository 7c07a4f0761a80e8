// The icons of the studio, each with one meaning; decorative, since a word or an aria-label always stands with them.
import {
  Ban, Check, ChevronDown, ChevronUp, CircleAlert, CircleCheck, Copy, Download, FileText, Folder, Info, Laptop, OctagonX, Plus, RotateCcw, ShieldCheck, Trash2,
  TriangleAlert, ArrowDown, ArrowUp, ArrowUpDown, Eraser, Upload, X,
} from "lucide-react";

const ICONS = {
  add: Plus, alert: CircleAlert, ascending: ArrowUp, ban: Ban, checked: ShieldCheck, clear: Eraser, close: X, copied: Check, copy: Copy, descending: ArrowDown,
  done: CircleCheck, download: Download, example: RotateCcw, failed: OctagonX, file: FileText, folder: Folder, fold: ChevronUp, info: Info, local: Laptop,
  remove: Trash2, sortable: ArrowUpDown, unfold: ChevronDown, upload: Upload, warn: TriangleAlert,
};

export function Icon({ name, size = "" }) {
  const Drawn = ICONS[name];
  return <Drawn className={`ic ${size}`} strokeWidth={1.75} aria-hidden="true" />;
}

export function IconButton({ icon, label, className = "ghost", ...rest }) {
  return (
    <button type="button" className={`btn icon ${className}`} aria-label={label} title={label} {...rest}>
      <Icon name={icon} />
    </button>
  );
}
