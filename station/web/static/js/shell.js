// What every staff page does: the clock, the link state, and the function keys of the rail.
