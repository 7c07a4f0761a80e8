"""Our own Stripe for development and tests: a server that speaks Stripe's HTTP to the real SDK, keeps its state, and moves no money.

Owns: everything under `/v1/` that the studio calls, the hosted pages and the control routes under `/sandbox/`, its SQLite file
(`DATA_DIR/sandbox/sandbox.sqlite`), signed webhooks. Does not own: anything of the studio. It imports no other room; the studio knows it only
as an address. `python -m credit_studio.sandbox --port P --data DIR --webhook URL --secret whsec_...` runs it on 127.0.0.1.

Invariants: every request is checked against the installed SDK's own TypedDicts (`parameters`), every object that leaves against the SDK's
classes (`shapes`); a request and its events are written in one transaction or not at all; the same idempotency key answers the same;
a card number is never written down.

How a module of objects is made (see `refunds.py` for a small one):

    @route("POST", "/v1/refunds")                      # must exist in the SDK; says which TypedDict the parameters are held to
    def create(world: World, params: Body) -> Body:     # params are checked and typed; path ids follow by name: (world, params, refund)
        charge = world.get("charge", params["charge"], "charge")            # raises resource_missing, naming the parameter
        refund = world.add({"object": "refund", "id": world.new_id("re"), ...})
        world.change(charge, amount_refunded=...)                           # writes the object, gives previous_attributes
        world.emit("refund.created", refund)                                # a full snapshot; delivered after the commit
        return refund                                                       # references are ids; `expand` is the kernel's work

- `world.add(obj, **hidden)` stores, `world.hidden(id)` gives what no answer shows, `world.remove(id)`, `world.find(kind, id)`,
  `world.all(kind, where={"customer": id, "a.b": value})` newest first; `listed(world, kind, params, where)` answers a list route with its pages.
- `world.now(customer_id)` is the sandbox's clock in Unix seconds, or the customer's test clock; `with world.at(second):` does past work at its time.
- `@as_time_passes` registers `fn(world)` that does all that is due; it is called when a clock moves and every second. `world.change(clock,
  frozen_time=...)` and then `world.catch_up()` moves a test clock.
- `@included(kind, field)` registers `fn(world, obj)` for a field that is only there when expanded (`line_items`).
- Refuse with `refused(message, param=..., code=...)`; a decline (`errors.declined`) is the only error that keeps what was written.
- Pages and control routes: `@page("GET", "/sandbox/...")` with `async def show(world, request)`; write inside `with world.act():`; HTML from
  `markup` and `page`. `world.page_url(origin_of, path)` makes the address of a page from the caller's own success or return address.
- Billing stands on the payments: `periods`, `proration`, `lines` (pure) -> `invoices`, `subscriptions` (their lives) -> `changes` (what a change costs),
  `dunning`, `collecting` (taking an invoice's money, and what follows) -> `checkouts`, `previews`, `portal` -> `due` (all that time brings, in order).
- `server.register` imports every module of the room: a new one needs no entry anywhere.
"""
