#include "db/lifeline.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace troupe::db {

void Lifeline::attach(int socket) { hold(::fcntl(socket, F_DUPFD_CLOEXEC, 0)); }

void Lifeline::cut() {
  if (const int descriptor = descriptor_.exchange(none); descriptor != none) {
    ::shutdown(descriptor, SHUT_RDWR);
    ::close(descriptor);
  }
}

void Lifeline::hold(int descriptor) {
  if (const int old = descriptor_.exchange(descriptor); old != none) ::close(old);
}

}  // namespace troupe::db
