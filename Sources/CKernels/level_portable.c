// Owns the portable level: four lanes, which the compiler maps to NEON or SSE2.

#include "kernels.h"

#define CK_LANES 4
#define CK_TABLE ck_kernels_portable

#include "rooms.h"
