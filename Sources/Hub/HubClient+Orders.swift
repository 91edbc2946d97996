// Fetching from many repositories: some at a time, each on its own, whatever happens to the others.

package import Core
import Foundation
import Storage

/// Files of one repository that are wanted.
package struct HubOrder: Sendable {
  package let listing: HubListing
  package let files: [HubFile]

  package init(_ files: [HubFile], of listing: HubListing) {
    self.files = files
    self.listing = listing
  }
}

extension HubClient {
  /// Fetches the files of many listings; one that fails does not stop the others.
  ///
  /// - Parameters:
  ///   - orders: what is wanted; several of one repository are better put together
  ///   - onEvent: told what happens, and to which order
  ///   - onEnd: told of every order that is done, with what went wrong
  /// - Throws: `.interrupted` alone
  /// - Returns: for each order in its place what went wrong; nil where everything is there
  package func fetch(
    _ orders: [HubOrder],
    onEvent: @escaping @Sendable (HubEvent, HubOrder) -> Void,
    onEnd: @escaping @Sendable (HubOrder, Failure?) -> Void
  ) async throws(Failure) -> [Failure?] {
    let ends = await each(orders, atOnce: settings.parallelRepositories) { order in
      var failure: Failure?
      do throws(Failure) {
        _ = try await telling { onEvent($0, order) }.fetch(order.files, of: order.listing)
      } catch {
        failure = error
      }
      onEnd(order, failure)
      return failure
    }
    if let stopped = ends.lazy.compactMap({ $0 }).first(where: { $0.code == .interrupted }) {
      throw stopped
    }
    return ends
  }

  /// Does something for every item, for some of them at the same time.
  ///
  /// - Returns: the results in the places of their items
  package func each<Item: Sendable, Result: Sendable>(
    _ items: [Item], atOnce: Int, _ body: @escaping @Sendable (Item) async -> Result
  ) async -> [Result] {
    await withTaskGroup(of: (Int, Result).self) { group in
      var waiting = items.enumerated().makeIterator()
      var results: [(place: Int, result: Result)] = []
      for _ in 0..<atOnce {
        if let (place, item) = waiting.next() { group.addTask { (place, await body(item)) } }
      }
      while let result = await group.next() {
        results.append(result)
        if let (place, item) = waiting.next() { group.addTask { (place, await body(item)) } }
      }
      return results.sorted { $0.place < $1.place }.map(\.result)
    }
  }

  /// Removes what transfers left that stopped long ago; says so where there was anything.
  package func sweep() {
    let swept = cache.sweep(olderThan: settings.staleAge)
    if swept.files > 0 { onEvent(.swept(files: swept.files, bytes: swept.bytes)) }
  }
}
