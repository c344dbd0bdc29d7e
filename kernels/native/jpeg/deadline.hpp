// The moment at which the work of this thread on one picture has to stop.
#pragma once

namespace colorize::jpeg {

// Sets the deadline of the calling thread, from now; none with 0 or less.
void set_deadline(double seconds);

bool deadline_passed() noexcept;

// Throws TooSlowError once the deadline has passed.
void check_deadline();

}  // namespace colorize::jpeg
