// The luma of a gray or YCbCr JPEG at a fraction of its size, without its full-size pixels.
#pragma once

#include "library.hpp"
#include "plane.hpp"

namespace colorize::jpeg {

// The luma at `eighths`/8 of the coded size, rounded up, by libjpeg's scaled inverse DCT.
// Every byte of the picture is read on the way: throws DamagedJpegError when one is amiss.
Plane decode_luma(Bytes jpeg, int eighths);

// The rounded means of squares of `side` (2 or 4); those at the right and the bottom may be cut.
Plane mean_of_squares(const PlaneView& plane, int side);

}  // namespace colorize::jpeg
