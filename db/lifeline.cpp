#include "db/lifeline.hpp"

#include <cerrno>
#include <poll.h>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>

namespace troupe::db {

Lifeline::Lifeline() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (event_ == -1) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Lifeline::~Lifeline() { ::close(event_); }

void Lifeline::cut() { ::eventfd_write(event_, 1); }

void Lifeline::sever() {
  severed_ = true;
  cut();
}

void Lifeline::begin() {
  eventfd_t count = 0;
  if (!severed_) ::eventfd_read(event_, &count);
  if (severed_) cut();  // it may just have been
}

bool Lifeline::is_cut(std::chrono::milliseconds within) const {
  pollfd event{event_, POLLIN, 0};
  return ::poll(&event, 1, static_cast<int>(within.count())) == 1;
}

}  // namespace troupe::db
