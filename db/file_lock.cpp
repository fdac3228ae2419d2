#include "db/file_lock.hpp"

#include "db/file_error.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace troupe::db {

namespace {

struct stat status_of(int descriptor) {
  struct stat status {};
  ::fstat(descriptor, &status);
  return status;
}

}  // namespace

FileLock::FileLock(const std::string& file)
    : file_(file), descriptor_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR)) {
  if (descriptor_ == -1) fail("cannot open ", errno);
  if (S_ISREG(status_of(descriptor_).st_mode)) return;
  ::close(descriptor_);
  throw StoreError(StoreError::Reason::refused, file_ + " is no regular file");
}

FileLock::~FileLock() { ::close(descriptor_); }

void FileLock::take(std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (::flock(descriptor_, LOCK_EX | LOCK_NB) == -1) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) fail("cannot lock ", errno);
    if (std::chrono::steady_clock::now() > deadline)
      throw StoreError(StoreError::Reason::refused, "another server works with " + file_);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

bool FileLock::is_same_file(const FileLock& other) const {
  const auto here = status_of(descriptor_), there = status_of(other.descriptor_);
  return here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

std::string FileLock::inode() const { return std::to_string(status_of(descriptor_).st_ino); }

void FileLock::truncate() {
  if (::ftruncate(descriptor_, 0) == -1) fail("cannot empty ", errno);
}

void FileLock::fail(const char* what, int error) const { throw file_error(what + file_, error); }

}  // namespace troupe::db
