#include "actors/archive.hpp"

#include "actors/log.hpp"
#include "actors/reason.hpp"

#include <utility>

namespace troupe {
namespace {

/// How long an answer may take.
constexpr std::chrono::seconds patience{5};
/// How long the store is left alone when it did not answer.
constexpr std::chrono::seconds pause{1};

}  // namespace

archive_actor::behavior_type archive(ArchiveState::Self self, keeper_actor keeper,
                                     std::shared_ptr<db::Lifeline> line) {
  return self->state.start(std::move(keeper), std::move(line));
}

archive_actor::behavior_type ArchiveState::start(keeper_actor keeper, std::shared_ptr<db::Lifeline> line) {
  keeper_ = std::move(keeper);
  line_ = std::move(line);
  self_->link_to(keeper_);
  return {
      [this](const Recall& question) -> caf::result<Recalled> {
        if (self_->clock().now() < away_until_)
          return caf::make_error(caf::sec::runtime_error, std::string{"the database is away"});
        auto promise = self_->make_response_promise<Recalled>();
        self_->request(keeper_, patience, question)
            .then([promise](Recalled& found) mutable { promise.deliver(std::move(found)); },
                  [this, promise](caf::error& error) mutable {
                    log::warn("history not read", {{"reason", reason_of(error, self_->system())}});
                    away_until_ = self_->clock().now() + pause;
                    line_->cut();
                    promise.deliver(std::move(error));
                  });
        return promise;
      },
  };
}

}  // namespace troupe
