// Swift tasks on the thread of an event loop.

import NIOCore

/// Runs tasks on an event loop's thread.
///
/// The threads that tasks otherwise share are busy with the model, for seconds where it is large;
/// here requests are read and answered meanwhile.
final class LoopExecutor: TaskExecutor {
  private let loop: any EventLoop

  init(_ loop: any EventLoop) { self.loop = loop }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let executor = asUnownedTaskExecutor()
    loop.execute { job.runSynchronously(on: executor) }
  }
}
