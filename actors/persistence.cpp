#include "actors/persistence.hpp"

#include <utility>

namespace troupe {

persistence_actor::behavior_type persistence(PersistenceState::Self, std::shared_ptr<db::Store> store) {
  return {
      [store](const Append& order) -> caf::result<Committed> {
        try {
          store->append(order.batch->messages);
          return Committed{};
        } catch (const db::StoreError& error) {
          return caf::make_error(caf::sec::runtime_error, std::string{error.what()});
        }
      },
  };
}

}  // namespace troupe
