#include "db/id_mark.hpp"

#include "db/file_error.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe::db {

namespace {

using protocol::MessageId;

/// Less than the sector that a disk writes as a whole.
constexpr std::size_t size = sizeof(MessageId::bytes);

}  // namespace

IdMark::IdMark(const std::string& file)
    : file_(file),
      descriptor_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR)) {
  if (descriptor_ == -1) fail("cannot open ", errno);
  // Now, as long as there is space for it.
  struct stat status {};
  if (::fstat(descriptor_, &status) == 0 && status.st_size < static_cast<off_t>(size)) {
    try {
      write({});
    } catch (...) {
      ::close(descriptor_);
      throw;
    }
  }
}

IdMark::~IdMark() { ::close(descriptor_); }

std::optional<MessageId> IdMark::read() const {
  MessageId id;
  if (::pread(descriptor_, id.bytes.data(), size, 0) != static_cast<ssize_t>(size) || id == MessageId{})
    return {};
  return id;
}

void IdMark::write(const MessageId& id) {
  const auto written = ::pwrite(descriptor_, id.bytes.data(), size, 0);
  if (written != static_cast<ssize_t>(size)) fail("cannot write ", written == -1 ? errno : ENOSPC);
  if (::fdatasync(descriptor_) == -1) fail("cannot write ", errno);
}

void IdMark::fail(const char* what, int error) const { throw file_error(what + file_, error); }

}  // namespace troupe::db
