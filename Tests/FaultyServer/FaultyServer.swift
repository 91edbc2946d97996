// An embedding server on a port of this machine that does wrong on demand.

package enum FaultyServer {}
