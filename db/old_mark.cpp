#include "db/old_mark.hpp"

#include <fcntl.h>
#include <functional>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe::db {

OldMark::OldMark(const std::string& file) : file_(file + ".home") {
  struct stat status {};
  has_name_ = ::lstat(file_.c_str(), &status) == 0;
  const int descriptor = ::open(file_.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (descriptor == -1) return;
  char text[32];  // a number of 64 bits has 20 digits
  if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
    const auto length = ::read(descriptor, text, sizeof text);
    const std::string_view read(text, length > 0 ? static_cast<std::size_t>(length) : 0);
    mark_ = std::string(read.substr(0, read.find('\n')));
  }
  ::close(descriptor);
}

bool OldMark::is_of(const std::string& url) const {
  return mark_ == std::to_string(std::hash<std::string>{}(url));
}

void OldMark::remove() const {
  if (mark_) ::unlink(file_.c_str());
}

}  // namespace troupe::db
